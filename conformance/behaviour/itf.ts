/**
 * Traces in the Informal Trace Format: what Apalache and Quint write, and the file a counterexample
 * or a failing replay is kept in. Actions and arguments of ours stand under each state's `#meta`;
 * Quint's `mbt::actionTaken` and `mbt::nondetPicks` are read as such.
 *
 * What must hold: a trace that was written reads back as the same states and steps; a file that is
 * no trace is a GraphError that says where.
 */
import { ValueTable } from '../value/table.ts';
import type { TlaValue } from '../value/value.ts';
import { parseExactJson, type Json } from './exactJson.ts';
import type { Trace } from './simulation.ts';
import { ItfValueError, ItfValueReader, ItfValueWriter } from './itfValue.ts';
import {
  columnsOf,
  labelOf,
  ownNames,
  refuseTrace,
  traceCharsMax,
  type NamedStep,
  type NamedTrace,
  type ReadTraceOptions,
  type TraceFacts,
} from './traceFile.ts';

const actionTaken = 'mbt::actionTaken';
const nondetPicks = 'mbt::nondetPicks';
const formatPage = 'https://apalache-mc.org/docs/adr/015adr-trace.html';

type Fields = { readonly [name: string]: Json };

/** The file's text, a state a line; the same text for equal traces. */
export function writeItf(trace: Trace, o: TraceFacts = {}): string {
  const steps = stepsWriter(trace, o);
  const { modelValues } = steps;
  const meta = {
    format: 'ITF',
    'format-description': formatPage,
    ...o.facts,
    ...(modelValues.length === 0 ? {} : { modelValues }),
  };
  const states = Array.from({ length: trace.length }, (_, k) => {
    const step = steps.step(k);
    const said = step === undefined ? '' : `,${step}`;
    const fields = steps.fields(k);
    return `  {"#meta":{"index":${k}${said}}${fields === '' ? '' : `,${fields}`}}`;
  });
  return [
    `{"#meta":${JSON.stringify(meta)},`,
    ` "vars":${JSON.stringify(trace.variables)},`,
    ...(o.loop === undefined ? [] : [` "loop":${o.loop},`]),
    ' "states":[',
    `${states.join(',\n')}\n ]}`,
    '',
  ].join('\n');
}

/** The parts of a state that all forms of trace files write. */
export interface StepsWriter {
  readonly modelValues: readonly string[];
  /** `"x":1,"y":2` of state k. */
  fields(k: number): string;
  /** `"action":"A","args":{…}` of the step to state k; undefined where the trace does not tell. */
  step(k: number): string | undefined;
}

export function stepsWriter(trace: Trace, { parameterNames }: TraceFacts): StepsWriter {
  const { values, variables, states } = trace;
  const args = trace.labels.map((label) => label?.args.map((arg) => values.intern(arg)) ?? []);
  const writer = new ItfValueWriter(values, [...states, ...args.flat()]);
  const width = variables.length;
  return {
    modelValues: writer.modelValues,
    fields: (k) =>
      variables
        .map((name, i) => `${JSON.stringify(name)}:${writer.text(states[k * width + i]!)}`)
        .join(','),
    step: (k) => {
      const label = trace.labels[k - 1];
      if (label === undefined) return undefined;
      const texts = (args[k - 1] ?? []).map((id) => writer.text(id));
      const names = ownNames(parameterNames, label.action);
      const given =
        names?.length === texts.length
          ? `{${texts.map((text, i) => `${JSON.stringify(names[i])}:${text}`).join(',')}}`
          : `[${texts.join(',')}]`;
      return `"action":${JSON.stringify(label.action)},"args":${given}`;
    },
  };
}

/** The trace of a file's text. */
export function readItf(text: string, o: ReadTraceOptions = {}): NamedTrace {
  const { file } = o;
  if (text.trim() === '') refuseTrace(file, 'the file is empty', { code: 'no-states' });
  if (text.length > traceCharsMax) refuseTrace(file, 'the file is too large for a trace');
  const json = fieldsOf(parseExactJson(text, file)) ?? refuseTrace(file, 'no JSON object');
  const { states, loop } = json;
  if (!Array.isArray(states)) return refuseTrace(file, 'it has no list "states"');
  if (states.length === 0) refuseTrace(file, 'the trace has no states', { code: 'no-states' });
  const meta = fieldsOf(json['#meta']) ?? {};
  const rows = states.map(
    (each, k) => fieldsOf(each) ?? refuseTrace(file, `states[${k}] is no object`),
  );
  const reader = new StatesReader(variablesOf(json, rows[0] ?? {}, file), meta, o);
  for (const row of rows) {
    const at = `states[${reader.length}]`;
    reader.state(at, row, reader.length === 0 ? undefined : stepOf(reader, at, row));
  }
  return reader.trace(loop, factsOf(meta));
}

export function fieldsOf(json: Json | undefined): Fields | undefined {
  const isFields = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isFields ? json : undefined;
}

/** What the file says of itself as text. */
export function factsOf(meta: Fields): Record<string, string> {
  const texts = Object.entries(meta).filter((each) => typeof each[1] === 'string');
  return Object.fromEntries(texts as [string, string][]);
}

/** The names of the file's variables; Quint lists its own bookkeeping among them, and twice. */
function variablesOf(json: Fields, first: Fields, file: string | undefined): string[] {
  const listed = json.vars === undefined ? [] : textsOf(json.vars);
  if (listed === undefined) return refuseTrace(file, '"vars" is no list of names');
  const params = new Set(json.params === undefined ? [] : textsOf(json.params));
  const names = new Set([...listed, ...Object.keys(first)]);
  return [...names].filter(
    (name) => name !== '#meta' && name !== actionTaken && name !== nondetPicks && !params.has(name),
  );
}

export function textsOf(json: Json | undefined): string[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const texts = json.filter((each) => typeof each === 'string');
  return texts.length === json.length ? texts : undefined;
}

/** `spec::module::x` as the spec says it, unless two variables end alike. */
function shortNames(names: readonly string[]): readonly string[] {
  const short = names.map((name) =>
    name.slice(name.lastIndexOf('::') + (name.includes('::') ? 2 : 1)),
  );
  return new Set(short).size === names.length ? short : names;
}

function stepOf(reader: StatesReader, at: string, row: Fields): NamedStep | undefined {
  const meta = fieldsOf(row['#meta']) ?? {};
  if (typeof meta.action === 'string') {
    return reader.step(`${at}["#meta"]`, meta.action, meta.args);
  }
  const taken = row[actionTaken];
  if (typeof taken !== 'string' || taken === '') return undefined;
  const picks = Object.entries(fieldsOf(row[nondetPicks]) ?? {}).flatMap(([name, pick]) => {
    const { tag, value } = fieldsOf(pick) ?? {};
    // Picks of other actions are None.
    return tag === 'Some' && value !== undefined ? [[name, value] as const] : [];
  });
  return reader.step(at, taken.slice(taken.lastIndexOf(':') + 1), Object.fromEntries(picks));
}

/** Collects the states of one trace; used by every form of trace files. */
export class StatesReader {
  length = 0;
  private readonly o: ReadTraceOptions;
  private readonly values: ValueTable;
  private readonly reader: ItfValueReader;
  private readonly names: readonly string[];
  private readonly variables: readonly string[];
  private readonly rows: number[] = [];
  private readonly named: (NamedStep | undefined)[] = [];

  /** `names`: the variables as the file calls them. */
  constructor(names: readonly string[], meta: Fields, o: ReadTraceOptions) {
    const short = shortNames(names);
    this.o = o;
    this.variables = columnsOf(short, o);
    this.names = this.variables.map((name) => names[short.indexOf(name)]!);
    this.values = o.values ?? new ValueTable();
    const listed = textsOf(meta.modelValues) ?? [];
    this.reader = new ItfValueReader(this.values, new Set([...listed, ...(o.modelValues ?? [])]));
  }

  /** `at` says in errors where the state stands. */
  state(at: string, fields: Fields, step: NamedStep | undefined): void {
    for (const name of this.names) {
      if (!Object.hasOwn(fields, name)) {
        refuseTrace(this.o.file, `${at} has no value for ${name}`, { code: 'variables' });
      }
      this.rows.push(this.id(`${at}[${JSON.stringify(name)}]`, fields[name]));
    }
    if (this.length > 0) this.named.push(step);
    this.length++;
  }

  /** The step of an action and its arguments, by name or as a list. */
  step(at: string, action: string, args: Json | undefined): NamedStep {
    const isGiven = args === undefined || typeof args === 'object';
    const entries = isGiven
      ? Object.entries(args ?? {})
      : refuseTrace(this.o.file, `${at}: no args`);
    const known = ownNames(this.o.parameterNames, action);
    const names = Array.isArray(args) && known?.length === args.length ? known : undefined;
    const read = entries.map(([name, value], i): [string, TlaValue] => {
      const id = this.id(`${at}.args[${JSON.stringify(name)}]`, value);
      return [names?.[i] ?? name, this.values.value(id)];
    });
    return { action, args: new Map(read) };
  }

  private id(at: string, json: Json | undefined): number {
    try {
      return this.reader.id(json);
    } catch (error) {
      if (!(error instanceof ItfValueError)) throw error;
      const message = `${at}${error.at}: ${error.message}`;
      return refuseTrace(this.o.file, message, { code: 'bad-value', cause: error });
    }
  }

  trace(loop: Json | undefined, facts: Readonly<Record<string, string>>): NamedTrace {
    const { length, named, variables, values } = this;
    const isLoop = typeof loop === 'number' && Number.isInteger(loop) && loop >= 0 && loop < length;
    if (loop !== undefined && !isLoop) {
      return refuseTrace(
        this.o.file,
        `the loop begins at ${JSON.stringify(loop)}, no state of the trace`,
      );
    }
    return {
      variables,
      values,
      length,
      states: Int32Array.from(this.rows),
      labels: named.map((step) => labelOf(step, this.o.parameterNames)),
      named,
      ...(isLoop ? { loop } : {}),
      facts,
    };
  }
}
