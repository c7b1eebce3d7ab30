/**
 * The one error of graphs, traces and recordings: what was read is not what a complete TLC run writes.
 * `code` is stable and meant for programs, the message for people, `next` says what to do.
 */
export type GraphErrorCode =
  | 'cut-short'
  | 'not-a-dump'
  | 'bad-line'
  | 'bad-value'
  | 'bad-label'
  | 'variables'
  | 'duplicate-node'
  | 'duplicate-state'
  | 'undefined-node'
  | 'no-states'
  | 'no-initial'
  | 'no-edges'
  | 'wrong-count'
  | 'bad-recording'
  | 'other-spec'
  | 'bad-trace'
  | 'unreachable'
  | 'too-large'
  | 'cache';

export class GraphError extends Error {
  readonly code: GraphErrorCode;
  readonly next: string;

  constructor(code: GraphErrorCode, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GraphError';
    this.code = code;
    this.next = next;
  }
}
