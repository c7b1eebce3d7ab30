/** Why a trace was rejected, as data: values are TLA+ text. */

export type State = Readonly<Record<string, string>>;

export interface NamedCall {
  readonly action: string;
  readonly args: Readonly<Record<string, string>>;
}

export interface FalseGuard {
  readonly action: string;
  /** The conjunct, as the spec writes it. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** How what was recorded differs from what the action does. */
export interface VariableDiff {
  readonly variable: string;
  readonly recorded: string;
  readonly expected: string;
  readonly parts: readonly string[];
}

export interface EventPlace {
  readonly file: string;
  readonly line: number;
  readonly actions: readonly string[];
  readonly args: Readonly<Record<string, string>>;
}

export interface Rejection {
  /** The event that is no step of the spec; absent where no initial state fits. */
  readonly event?: EventPlace;
  /** The event before it; absent where it is the first. */
  readonly lastMatched?: EventPlace;
  /** A state of the model after the last matched event, hidden variables included. */
  readonly state?: State;
  /** How many such states were looked at. */
  readonly states: number;
  /** What the spec could do there. */
  readonly enabled: readonly NamedCall[];
  readonly falseGuard?: FalseGuard;
  /** Of the nearest of the action's results. */
  readonly differences: readonly VariableDiff[];
  /** Other actions whose step would be exactly what was recorded. */
  readonly fits: readonly NamedCall[];
  /** What TLC said, where it could not evaluate the step. */
  readonly tlc?: string;
}
