/**
 * What went wrong, so that one can see why: the shortest way there, what differs, what the model
 * does allow. All values are TLA+ text, so a failure is plain JSON and survives the run.
 */
import type { PartDifference, VariableDifference } from './difference.ts';
import { failureText } from './failureText.ts';

export type FailureKind =
  /** The model can, the code cannot. */
  | 'missing'
  /** The code can, the model cannot. */
  | 'forbidden'
  /** The initial states are not the same. */
  | 'init'
  /** The binding, or the code behind it, threw. */
  | 'threw'
  /** What decode makes of a model state is viewed as another one, or the view is no TLA+ value. */
  | 'view'
  /** An action changed the state it was given. */
  | 'mutated'
  /** An action, called twice in one state, gave different results. */
  | 'unstable'
  /** A subject that runs did not answer in time. */
  | 'no-answer'
  /** There was nothing to replay. */
  | 'empty';

export interface NamedArgument {
  readonly name: string;
  readonly value: string;
}

export interface FailureStep {
  readonly label: string;
  readonly action: string;
  readonly args: readonly NamedArgument[];
  readonly choice?: string;
  /** What the step changed: `code` is the value after it, `model` the value before it. */
  readonly changes: readonly PartDifference[];
}

/** The failing case in numbers of the graph: what is shrunk, kept, and run again. */
export interface FailingCase {
  readonly start: number;
  readonly edges: readonly number[];
  /** The label that was asked for in the last state, where it is no step of the model. */
  readonly probe?: number;
}

export interface FailureReport {
  readonly kind: FailureKind;
  /** One sentence. */
  readonly summary: string;
  readonly action?: string;
  readonly args?: readonly NamedArgument[];
  readonly choice?: string;
  /** Number of the node it happened in; in a behaviour, of the step. */
  readonly node?: number;
  readonly step?: number;
  readonly initial?: Readonly<Record<string, string>>;
  /** From `initial` to where it happened; left out where no initial state leads there. */
  readonly path?: readonly FailureStep[];
  /** The state it happened in. */
  readonly state?: Readonly<Record<string, string>>;
  readonly differences: readonly VariableDifference[];
  /** What the `model` side of the differences is. */
  readonly comparedWith?: string;
  /** Steps of the model that lead exactly where the code's step led. */
  readonly alike?: readonly string[];
  /** What the model allows in that state. */
  readonly enabled?: readonly string[];
  /** What the code was asked to do there and refused. */
  readonly refused?: readonly string[];
  readonly failing?: FailingCase;
  readonly error?: { readonly message: string; readonly stack?: string };
}

export interface Failure extends FailureReport {
  readonly text: string;
}

export interface FailureCount {
  readonly kind: FailureKind;
  readonly action?: string;
  readonly count: number;
}

/** Of one kind and action more are counted, not kept: the others should be seen too. */
const sameMax = 3;

/** Keeps the first failures and counts the rest. */
export class FailureLog {
  readonly failures: Failure[] = [];
  total = 0;
  private readonly max: number;
  private readonly seen = new Map<string, { kind: FailureKind; action?: string; count: number }>();

  constructor(max: number) {
    this.max = max;
  }

  /** `report` is called only where the failure is kept: it may be costly. */
  add(kind: FailureKind, action: string | undefined, report: () => FailureReport): void {
    this.total += 1;
    const key = `${kind} ${action ?? ''}`;
    const entry = this.seen.get(key) ?? { kind, ...(action && { action }), count: 0 };
    this.seen.set(key, entry);
    entry.count += 1;
    if (this.failures.length >= this.max || entry.count > sameMax) return;
    const made = report();
    this.failures.push({ ...made, text: failureText(made) });
  }

  counts(): FailureCount[] {
    return [...this.seen.values()];
  }
}

/** The same case with what was asked for at its end: an edge of the model, or a label it lacks. */
export function asking(
  place: Partial<FailureReport>,
  asked: { readonly edge: number } | { readonly probe: number },
): Partial<FailureReport> {
  const { failing } = place;
  if (failing === undefined) return place;
  const more = 'edge' in asked ? { edges: [...failing.edges, asked.edge] } : asked;
  return { ...place, failing: { ...failing, ...more } };
}

/** What was thrown, with the frames of the code and its binding, not those of replay. */
export function errorOf(cause: unknown): NonNullable<FailureReport['error']> {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const { message, stack } = cause;
  const frames = (stack ?? '').split('\n');
  const end = frames.findIndex((frame) =>
    /[\\/]conformance[\\/](replay|replaying|running)[\\/]/.test(frame),
  );
  return {
    message,
    ...(stack !== undefined && { stack: frames.slice(0, end < 0 ? undefined : end).join('\n') }),
  };
}
