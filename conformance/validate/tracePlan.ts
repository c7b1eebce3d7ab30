/**
 * Recordings as what the trace module is written from: calls, and shapes of change, by number. What
 * must hold: every name in a recording is one of the spec's before it stands in a module; a trace of
 * another spec is refused at its first strange line.
 */
import type { MergedTrace } from '../recording/mergeRecordings.ts';
import type { RecordedChange, RecordedEvent } from '../recording/recording.ts';
import { UsageError } from '../sources/usageError.ts';
import type { SpecBehaviour } from '../spec/declarations.ts';
import type { TlaValue } from '../value/value.ts';
import { tlaText } from './tlaText.ts';

/** What of a binding decides how recordings are read. */
export interface TraceRules {
  readonly hidden: readonly string[];
  readonly silent: readonly string[];
  readonly silentMax: number;
  readonly composed: Readonly<Record<string, readonly string[]>>;
  readonly optional: readonly string[];
}

/** Numbers of actions are positions in `spec.actions`, from 1; these are the others. */
export const anyAction = 0;
export const stutter = 1_000_001;
export const noAction = 1_000_002;

export interface PlannedCall {
  readonly action: number;
  /** For each parameter: `<<value>>`, or `<<>>` where the recording does not tell. */
  readonly given: string;
}

/** How an event speaks of each variable of the view. */
export type ColumnShape = 'is' | 'parts' | 'same' | 'free';

export interface PlannedEvent {
  readonly calls: number;
  readonly shape: number;
  /** Of the columns 'is' and 'parts', in order, as TLA+ text. */
  readonly values: readonly string[];
  /** Recorded arguments as TLA+ text, by parameter. */
  readonly args: Readonly<Record<string, string>>;
  readonly event: RecordedEvent;
}

export interface PlannedTrace {
  readonly trace: MergedTrace;
  readonly events: readonly PlannedEvent[];
  /** `variable = value` of the start, as TLA+ text. */
  readonly start: readonly string[];
  /** The constants of its run as TLA+ text, by name; the cfg has the rest. */
  readonly constants: Readonly<Record<string, string>>;
}

class Numbered<T> {
  readonly all: T[] = [];
  readonly #numbers = new Map<string, number>();

  /** From 1, as TLA+ counts. */
  number(key: string, value: T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.all.push(value);
      this.#numbers.set(key, number);
    }
    return number;
  }
}

export class TracePlan {
  readonly spec: SpecBehaviour;
  readonly rules: TraceRules;
  /** The variables that recordings speak of where they say nothing: unchanged. */
  readonly view: readonly string[];
  readonly #calls = new Numbered<readonly PlannedCall[]>();
  readonly #shapes = new Numbered<readonly ColumnShape[]>();
  readonly #actions: ReadonlyMap<string, number>;
  readonly #variables: readonly string[];

  constructor(spec: SpecBehaviour, rules: TraceRules) {
    this.spec = spec;
    this.rules = rules;
    this.#variables = spec.declarations.variables;
    this.view = this.#variables.filter((name) => !rules.hidden.includes(name));
    this.#actions = new Map(spec.actions.map(({ name }, i) => [name, i + 1]));
    const composed = Object.values(rules.composed).flat();
    for (const name of [...rules.silent, ...rules.optional, ...composed]) {
      if (this.#actions.has(name)) continue;
      throw new UsageError(
        'unknown-action',
        `the binding's silent, optional or composed actions name ${name}, which the spec's Next lacks`,
        `Its actions are: ${[...this.#actions.keys()].join(', ')}.`,
      );
    }
  }

  get calls(): readonly (readonly PlannedCall[])[] {
    return this.#calls.all;
  }

  /** By shape, one entry for each variable of the spec. */
  get shapes(): readonly (readonly ColumnShape[])[] {
    return this.#shapes.all;
  }

  /** Does any event take more than one step of the spec? */
  get composes(): boolean {
    return this.calls.some(({ length }) => length > 1);
  }

  plan(trace: MergedTrace): PlannedTrace {
    const start = trace.starts.flatMap((each) =>
      [...each.values].map(([name, value]) => {
        this.#assertVariable(name, each);
        return `${name} = ${tlaText(value)}`;
      }),
    );
    const constants = Object.fromEntries(
      [...trace.constants].map(([name, value]) => {
        this.#assertConstant(name, trace.name);
        return [name, tlaText(value)];
      }),
    );
    return { trace, start, constants, events: trace.events.map((event) => this.#event(event)) };
  }

  /** The event spoilt: like it, but the first variable of the view becomes what nothing can be. */
  spoil({ calls, args, event }: PlannedEvent, none: string): PlannedEvent {
    const [first] = this.view;
    if (first === undefined) {
      const call: PlannedCall = { action: noAction, given: '<<>>' };
      return { calls: this.#call([call]), shape: this.#shape([]), values: [], args, event };
    }
    const shape = this.#variables.map((name): ColumnShape => (name === first ? 'is' : 'free'));
    return { calls, shape: this.#shape(shape), values: [none], args, event };
  }

  #event(event: RecordedEvent): PlannedEvent {
    const { changed, partial } = event;
    for (const name of changed?.keys() ?? []) this.#assertVariable(name, event);
    const shape: ColumnShape[] = [];
    const values: string[] = [];
    for (const name of this.#variables) {
      const change = changed?.get(name);
      if (change !== undefined) {
        shape.push(change.kind);
        values.push(changeText(change));
      } else {
        const known = changed !== undefined && !partial && this.view.includes(name);
        shape.push(known ? 'same' : 'free');
      }
    }
    const args = Object.fromEntries(
      event.args.flatMap((each) => [...each].map(([name, value]) => [name, tlaText(value)])),
    );
    return { calls: this.#callsOf(event), shape: this.#shape(shape), values, args, event };
  }

  #shape(shape: readonly ColumnShape[]): number {
    return this.#shapes.number(shape.join(' '), shape);
  }

  #call(calls: readonly PlannedCall[]): number {
    const key = calls.map(({ action, given }) => `${action} ${given}`).join('\n');
    return this.#calls.number(key, calls);
  }

  #callsOf(event: RecordedEvent): number {
    const named = event.actions.flatMap((name) =>
      this.#actions.has(name) ? [name] : (this.rules.composed[name] ?? [name]),
    );
    if (named.length === 0) return this.#call([{ action: anyAction, given: '<<>>' }]);
    const perAction = event.args.length > 1;
    const used = new Set<string>();
    const calls = named.map((name, i): PlannedCall => {
      const number = this.#actions.get(name);
      if (number === undefined) {
        if (name === 'stutter') return { action: stutter, given: '<<>>' };
        return this.#strange(event, `${name} is no action of the spec`, [...this.#actions.keys()]);
      }
      const args = event.args[perAction ? i : 0] ?? new Map<string, TlaValue>();
      const params = this.spec.actions[number - 1]!.params;
      const given = params.map((param) => {
        const value = args.get(param);
        if (value === undefined) return '<<>>';
        used.add(param);
        return `<<${tlaText(value)}>>`;
      });
      return { action: number, given: `<<${given.join(', ')}>>` };
    });
    this.#assertArguments(event, named, used);
    return this.#call(calls);
  }

  #assertArguments(
    event: RecordedEvent,
    named: readonly string[],
    used: ReadonlySet<string>,
  ): void {
    const strange = event.args.flatMap((args) => [...args.keys()]).find((name) => !used.has(name));
    if (strange === undefined) return;
    const params = named.flatMap((name) => {
      const number = this.#actions.get(name);
      return number === undefined ? [] : this.spec.actions[number - 1]!.params;
    });
    this.#strange(event, `${named.join(' and ')} has no parameter ${strange}`, params);
  }

  #assertVariable(name: string, at: { readonly file: string; readonly line: number }): void {
    if (this.#variables.includes(name)) return;
    this.#strange(at, `${name} is no variable of the spec`, this.#variables);
  }

  #assertConstant(name: string, file: string): void {
    const { constants } = this.spec.declarations;
    if (constants.includes(name)) return;
    this.#strange({ file, line: 1 }, `${name} is no constant of the spec`, constants);
  }

  #strange(
    { file, line }: { readonly file: string; readonly line: number },
    message: string,
    known: readonly string[],
  ): never {
    throw new UsageError(
      'other-spec',
      `${file}:${line}: ${message.slice(0, 300)}`,
      `${this.spec.declarations.module} has: ${known.join(', ') || '(none)'}. Is this a recording of another spec?`,
    );
  }
}

function changeText(change: RecordedChange): string {
  if (change.kind === 'is') return tlaText(change.value);
  const parts = change.parts.map(
    ({ path, kind, value }) => `<<${tlaText(path)}, "${kind}", ${tlaText(value)}>>`,
  );
  return `<<${parts.join(', ')}>>`;
}
