/**
 * The one error of the value room: text or a JavaScript value that is no TLA+ value.
 * `code` is stable and meant for programs, the message for people, `next` says what to do.
 */
export type ValueErrorCode =
  'syntax' | 'depth' | 'duplicate-key' | 'infinite-set' | 'too-large' | 'not-a-value' | 'frozen';

export class ValueError extends Error {
  readonly code: ValueErrorCode;
  readonly next: string;

  constructor(code: ValueErrorCode, message: string, next: string) {
    super(message);
    this.name = 'ValueError';
    this.code = code;
    this.next = next;
  }
}
