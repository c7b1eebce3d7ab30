/**
 * Ballots, the numbers under which replicas lead. They are compared by epoch,
 * then round, then replica id, so that two replicas never share one.
 * Spec: specs/replication/Replication.tla, `Ballot` and `Owner`.
 */
export type ReplicaId = string;

export interface Ballot {
  readonly epoch: number;
  readonly round: number;
  readonly replica: ReplicaId;
}

/** Below every ballot anybody can lead under; `0` in the spec. */
export const noBallot: Ballot = Object.freeze({ epoch: 0, round: 0, replica: '' });

/** Negative, zero or positive as a is below, equal to or above b. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a === b) return 0;
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.round !== b.round) return a.round - b.round;
  return a.replica < b.replica ? -1 : a.replica > b.replica ? 1 : 0;
}

export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a === b || compareBallots(a, b) === 0;
}
