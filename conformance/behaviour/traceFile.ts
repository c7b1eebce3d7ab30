/**
 * What trace files of every form share: what a trace that was read holds beside its states, and the
 * one way a broken file is refused. Files come from anywhere: nothing in them is trusted.
 */
import type { TlaValue } from '../value/value.ts';
import type { ValueTable } from '../value/table.ts';
import type { EdgeLabel } from './graph.ts';
import { GraphError, type GraphErrorCode } from './graphError.ts';
import type { Trace } from './simulation.ts';

/** Longer text is no trace that anyone replays. */
export const traceCharsMax = 256 << 20;

/** One step as a file tells it: the action, and its arguments by name, in the file's order. */
export interface NamedStep {
  readonly action: string;
  readonly args: ReadonlyMap<string, TlaValue>;
}

/** A trace with what a file can say of it. */
export interface NamedTrace extends Trace {
  /** named[k] is the step from state k to state k + 1; undefined where the file does not tell. */
  readonly named: readonly (NamedStep | undefined)[];
  /** The behaviour goes back to this state (from 0); its own last state: it stutters for ever. */
  readonly loop?: number;
  /** What else the file says of itself, where it is text: its source, its description. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What to write beside the states. */
export interface TraceFacts {
  /** By action: the names of its arguments. Without them arguments are written as a list. */
  readonly parameterNames?: Readonly<Record<string, readonly string[]>>;
  readonly loop?: number;
  /** Any text by name, such as `source: 'Voting.tla'`. */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface ReadTraceOptions {
  /** What errors call the text. */
  readonly file?: string;
  /** The table that the trace's values go to; one of its own if not given. */
  readonly values?: ValueTable;
  /** The order of the columns, and the only variables there may be. */
  readonly variables?: readonly string[];
  /** Texts that are model values: other tools write `a1` and `a1_OF_ACCEPTOR` as strings. */
  readonly modelValues?: Iterable<string>;
  /** The order of arguments in labels; as they come in the file if not given. */
  readonly parameterNames?: Readonly<Record<string, readonly string[]>>;
}

const next = 'Give a trace in ITF (Apalache, Quint, bisim) or NDJSON, whole and unchanged.';

export function refuseTrace(
  file: string | undefined,
  what: string,
  o: { code?: GraphErrorCode; cause?: unknown; next?: string } = {},
): never {
  const { code = 'bad-trace', cause } = o;
  throw new GraphError(code, `${file ?? 'the trace'}: ${what}`, o.next ?? next, cause);
}

/** The label of a step: its arguments in the parameters' order where those are known. */
export function labelOf(
  step: NamedStep | undefined,
  parameterNames: ReadTraceOptions['parameterNames'],
): EdgeLabel | undefined {
  if (step === undefined) return undefined;
  const names = ownNames(parameterNames, step.action) ?? [...step.args.keys()];
  const args = names.map((name, index) => step.args.get(name) ?? step.args.get(String(index)));
  if (args.includes(undefined)) return undefined;
  return { action: step.action, args: args as TlaValue[] };
}

export function ownNames(
  names: Readonly<Record<string, readonly string[]>> | undefined,
  action: string,
): readonly string[] | undefined {
  return names !== undefined && Object.hasOwn(names, action) ? names[action] : undefined;
}

/** The columns: the caller's order, or the file's; throws where the two differ. */
export function columnsOf(names: readonly string[], o: ReadTraceOptions): readonly string[] {
  const { variables } = o;
  if (variables === undefined) return names;
  const lacks = variables.filter((name) => !names.includes(name));
  const more = names.filter((name) => !variables.includes(name));
  if (lacks.length === 0 && more.length === 0) return variables;
  const says = `its variables are ${names.join(', ') || 'none'}; expected were ${variables.join(', ')}`;
  return refuseTrace(o.file, says, {
    code: 'variables',
    next: 'Give a trace of this spec, or the binding of the trace’s own spec.',
  });
}
