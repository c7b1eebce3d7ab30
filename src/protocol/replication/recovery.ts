/**
 * A replica comes back after a crash. Spec: specs/replication/Replication.tla,
 * `Crash` and `Restart`; the crash itself is the environment's.
 */
import { noBallot } from './ballot.ts';
import { init } from './state.ts';
import type { Grant, Group, Image, Step } from './state.ts';

export interface RestartArgs {
  readonly group: Group;
  readonly image: Image;
  /** The slots that are durably known to be chosen: of the items, or of the log's first part. */
  readonly kept: number;
  readonly nowMs: number;
}

/**
 * Starts from what was durable. The replica has forgotten to whom it granted a
 * lease, and when: it behaves as if it had just granted one to anybody.
 */
export function restart({ group, image, kept, nowMs }: RestartArgs): Step {
  const anybody: Grant = { ballot: noBallot, untilMs: nowMs + group.leaseMs + group.driftMs };
  const grants = group.leaseMs === 0 ? [] : [anybody];
  return { state: { ...init(group), ...image, commit: kept, grants }, outputs: [] };
}
