// What one run of TLC came to, as data.

export type TlcVerdict = 'ok' | 'violation' | 'error' | 'unknown';

export type TlcKind =
  | 'invariant'
  | 'action-property'
  | 'liveness'
  | 'deadlock'
  | 'assume'
  | 'assert'
  | 'parse'
  | 'config'
  | 'evaluation'
  | 'timeout'
  | 'memory'
  | 'disk'
  /** Init is true nowhere: a pass would be one of nothing. */
  | 'empty'
  | 'interrupted'
  | 'crash';

export interface TlcLocation {
  /** The module's name; its file is that name with .tla. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TlcTraceStep {
  /** The action that led here, as TLC names it; absent for the initial state. */
  readonly action?: string;
  /** Its arguments as TLA+ text, where the run was made with named arguments. */
  readonly args?: readonly string[];
  /** Messages that it needs and leaves where they are, where somebody asked. */
  readonly reads?: readonly string[];
  readonly location?: TlcLocation;
  /** Each variable's value as TLA+ text. */
  readonly state: Readonly<Record<string, string>>;
}

export interface TlcCoverage {
  readonly action: string;
  readonly module: string;
  readonly location: TlcLocation;
  readonly distinct: number;
  readonly generated: number;
  /** The initial predicate, which is no action. */
  readonly initial?: true;
}

/** How often an expression was evaluated; `depth` is its place in the tree of expressions. */
export interface TlcExpression {
  readonly location: TlcLocation;
  readonly depth: number;
  readonly count: number;
}

/** A violation after the first one, of a run that goes on after violations. */
export interface TlcViolation {
  readonly kind: TlcKind;
  readonly property?: string;
  readonly message: string;
  readonly trace: readonly TlcTraceStep[];
}

export interface TlcProgress {
  /** What TLC is at; distinct and queue are unknown (-1) in a simulation. */
  readonly phase: 'search' | 'liveness' | 'simulation';
  readonly depth: number;
  readonly generated: number;
  readonly distinct: number;
  readonly queue: number;
}

export interface TlcReading {
  readonly verdict: TlcVerdict;
  readonly kind?: TlcKind;
  readonly property?: string;
  readonly message?: string;
  readonly location?: TlcLocation;
  readonly distinct: number;
  readonly generated: number;
  readonly queue: number;
  readonly depth: number;
  readonly initial: number;
  readonly coverage: readonly TlcCoverage[];
  /** By expression, in the order of the spec; empty without coverage. */
  readonly expressions: readonly TlcExpression[];
  /** Other properties found violated, where the run went on after the first. */
  readonly further: readonly TlcViolation[];
  /** How many violations were reported in all, those of one property over and over included. */
  readonly violations: number;
  readonly trace?: readonly TlcTraceStep[];
  /** The end of a liveness counterexample: it stays for ever, or goes back to this state of the trace (from 1). */
  readonly lasso?: 'stuttering' | number;
  /** The step from the trace's last state back to that one. */
  readonly back?: Pick<TlcTraceStep, 'action' | 'args'>;
  /** Lines outside TLC's messages, SANY's left out: what the spec printed. */
  readonly prints: readonly string[];
  readonly warnings: readonly string[];
  /** The version line's number, such as "2.19"; empty when TLC never said it. */
  readonly version: string;
}

export interface TlcResult extends TlcReading {
  readonly jar: string;
  readonly seconds: number;
  readonly exitCode: number | undefined;
  readonly command: readonly string[];
  /** Files TLC wrote in simulation with traces, by name; empty otherwise. */
  readonly traceFiles: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}
