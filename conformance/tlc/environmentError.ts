// What is wrong with the machine rather than with the spec or the code: no Java, no jar, no network, a full disk.
// What must hold: every such error has a code one can switch on and says what to do next (exit code 3 of the CLI).

export type EnvironmentErrorCode =
  | 'no-java'
  | 'java-too-old'
  | 'no-jar'
  | 'wrong-hash'
  | 'download'
  | 'interrupted'
  | 'no-named-pipe'
  | 'disk'
  | 'tlc-start';

export class EnvironmentError extends Error {
  readonly code: EnvironmentErrorCode;
  /** What the user can do about it, as a sentence or a list of lines. */
  readonly next: string;

  constructor(code: EnvironmentErrorCode, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'EnvironmentError';
    this.code = code;
    this.next = next;
  }
}
