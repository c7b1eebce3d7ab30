/**
 * What the user gave is wrong: a config, a table, a spec that does not parse, a binding that
 * does not fit. Exit code 2 of the command line; every one says what to do next.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: string;
  readonly next: string;

  constructor(code: string, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.next = next;
  }
}
