// What is wrong with a spec or its cfg, or what this toolkit cannot replay of it. What must hold: a stable code, the
// place where there is one, and what to do next (exit code 2 of the CLI).

import type { TlcLocation } from '../tlc/result.ts';

export type SpecErrorCode =
  | 'no-spec'
  | 'parse'
  | 'config'
  | 'unknown-constant'
  | 'missing-constant'
  | 'unknown-operator'
  | 'unnamed-action'
  | 'state-dependent'
  | 'overridden-action'
  | 'instanced-action'
  | 'quotient'
  | 'hidden-states'
  | 'primed-constraint'
  | 'no-actions'
  | 'name-clash'
  | 'evaluation';

export class SpecError extends Error {
  readonly code: SpecErrorCode;
  readonly next: string;
  readonly location: TlcLocation | undefined;

  constructor(
    code: SpecErrorCode,
    message: string,
    next: string,
    location?: TlcLocation,
    cause?: unknown,
  ) {
    const place = location ? `${location.file}:${location.line}:${location.column}: ` : '';
    super(place + message, cause === undefined ? {} : { cause });
    this.name = 'SpecError';
    this.code = code;
    this.next = next;
    this.location = location;
  }
}
