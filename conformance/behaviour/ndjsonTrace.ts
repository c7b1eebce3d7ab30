/**
 * Traces as lines of JSON, for streams and for `jq`: a head that names the variables, then a state a
 * line with the action that led there. Values are as in ITF. Traces may stand one after the other.
 *
 * What must hold: what was written reads back; a last line that was cut short is an error.
 */
import { fieldsOf, factsOf, StatesReader, stepsWriter, textsOf } from './itf.ts';
import { parseExactJson, type Json } from './exactJson.ts';
import type { Trace } from './simulation.ts';
import {
  refuseTrace,
  traceCharsMax,
  type NamedTrace,
  type ReadTraceOptions,
  type TraceFacts,
} from './traceFile.ts';

const formatName = 'bisim.trace.1';

/** One trace; the texts of several may be joined. */
export function writeNdjsonTrace(trace: Trace, o: TraceFacts = {}): string {
  const steps = stepsWriter(trace, o);
  const { modelValues } = steps;
  const head = {
    format: formatName,
    vars: trace.variables,
    ...(o.loop === undefined ? {} : { loop: o.loop }),
    meta: { ...o.facts, ...(modelValues.length === 0 ? {} : { modelValues }) },
  };
  const lines = Array.from({ length: trace.length }, (_, k) => {
    const said = steps.step(k);
    return `{"index":${k}${said === undefined ? '' : `,${said}`},"state":{${steps.fields(k)}}}`;
  });
  return [JSON.stringify(head), ...lines, ''].join('\n');
}

/** The one trace of the text. */
export function readNdjsonTrace(text: string, o: ReadTraceOptions = {}): NamedTrace {
  const [trace, ...more] = readNdjsonTraces(text, o);
  if (trace === undefined || more.length > 0) {
    return refuseTrace(o.file, `it holds ${more.length + 1} traces; one was expected`);
  }
  return trace;
}

/** All traces of the text, at least one. */
export function readNdjsonTraces(text: string, o: ReadTraceOptions = {}): NamedTrace[] {
  if (text.length > traceCharsMax) refuseTrace(o.file, 'the file is too large for a trace');
  const lines = text.split('\n');
  const traces: NamedTrace[] = [];
  let open: OpenTrace | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const at = `line ${index + 1}`;
    const isLast = index === lines.length - 1;
    const fields = fieldsOf(readLine(line, at, isLast, o));
    if (fields === undefined) return refuseTrace(o.file, `${at} is no JSON object`);
    if (fields.format !== undefined) {
      if (open !== undefined) traces.push(open.finish());
      open = new OpenTrace(fields, at, o);
    } else if (open === undefined) {
      return refuseTrace(o.file, `${at}: a state stands before the line with the variables`);
    } else {
      open.state(fields, at);
    }
  }
  if (open === undefined) {
    return refuseTrace(o.file, 'the file holds no trace', { code: 'no-states' });
  }
  return [...traces, open.finish()];
}

/** A line that does not end in a newline may have been cut short by a crash: say so. */
function readLine(line: string, at: string, isLast: boolean, o: ReadTraceOptions): Json {
  try {
    return parseExactJson(line, o.file, `${at}: `);
  } catch (cause) {
    if (!isLast) throw cause;
    return refuseTrace(o.file, `${at} is cut short`, { code: 'cut-short', cause });
  }
}

type Fields = { readonly [name: string]: Json };

class OpenTrace {
  private readonly reader: StatesReader;
  private readonly loop: Json | undefined;
  private readonly facts: Record<string, string>;
  private readonly at: string;
  private readonly o: ReadTraceOptions;

  constructor(head: Fields, at: string, o: ReadTraceOptions) {
    if (head.format !== formatName) {
      const said = JSON.stringify(head.format) ?? 'nothing';
      refuseTrace(o.file, `${at}: the format is ${said.slice(0, 80)}, not "${formatName}"`);
    }
    const names = textsOf(head.vars) ?? [];
    if (!Array.isArray(head.vars) || new Set(names).size !== head.vars.length) {
      refuseTrace(o.file, `${at}: "vars" is no list of different names`);
    }
    const meta = fieldsOf(head.meta) ?? {};
    this.reader = new StatesReader(names, meta, o);
    this.loop = head.loop;
    this.facts = factsOf(meta);
    this.at = at;
    this.o = o;
  }

  state(fields: Fields, at: string): void {
    const { reader } = this;
    const state = fieldsOf(fields.state) ?? refuseTrace(this.o.file, `${at} has no "state"`);
    const { action, args, index } = fields;
    if (index !== undefined && index !== reader.length) {
      refuseTrace(
        this.o.file,
        `${at}: its index is ${JSON.stringify(index)}, not ${reader.length}`,
      );
    }
    const isNamed = typeof action === 'string' && reader.length > 0;
    reader.state(`${at}: state`, state, isNamed ? reader.step(at, action, args) : undefined);
  }

  finish(): NamedTrace {
    if (this.reader.length === 0) {
      refuseTrace(this.o.file, `${this.at}: the trace has no states`, { code: 'no-states' });
    }
    return this.reader.trace(this.loop, this.facts);
  }
}
