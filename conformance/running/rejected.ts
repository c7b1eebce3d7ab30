/** What ends a run of a subject: what went wrong in the step under way, before it is worded. */
import type { EdgeLabel } from '../behaviour/graph.ts';
import { errorOf, type FailureKind, type FailureReport } from '../replay/failure.ts';
import { Thrown } from '../replay/offers.ts';
import { NoAnswer } from './answerLimit.ts';

export interface Rejection {
  readonly kind: FailureKind;
  readonly summary: string;
  readonly label?: EdgeLabel;
  readonly choice?: unknown;
  /** What the code showed instead, nearest first chosen by the report. */
  readonly rows?: readonly Int32Array[];
  /** The node whose state was expected. */
  readonly expected?: number;
  /** The edge that was to be taken. */
  readonly edge?: number;
  readonly refused?: readonly string[];
  readonly error?: NonNullable<FailureReport['error']>;
}

export class Rejected extends Error {
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.summary);
    this.name = 'Rejected';
    this.rejection = rejection;
  }
}

/** What a subject threw, or did not answer, as a rejection; anything else is thrown on. */
export function rejectionOf(
  error: unknown,
  asked?: { readonly label: EdgeLabel; readonly choice: unknown },
): Rejection {
  const place = asked === undefined ? {} : placeOf(asked);
  if (error instanceof Rejected) return error.rejection;
  if (error instanceof NoAnswer) {
    return { kind: 'no-answer', summary: `the subject's ${error.message}`, ...place };
  }
  if (error instanceof Thrown) {
    const { during, cause, message } = error;
    const who = during === 'action' ? 'the action' : `${during} of the binding`;
    return { kind: 'threw', summary: `${who} threw: ${message}`, ...place, error: errorOf(cause) };
  }
  throw error;
}

function placeOf({ label, choice }: { label: EdgeLabel; choice: unknown }): Partial<Rejection> {
  return { label, ...(choice !== undefined && { choice }) };
}
