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
}

export interface TlcProgress {
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
  readonly trace?: readonly TlcTraceStep[];
  /** The end of a liveness counterexample: it stays for ever, or goes back to this state of the trace (from 1). */
  readonly lasso?: 'stuttering' | number;
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
