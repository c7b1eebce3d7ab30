/**
 * A replica comes back after a crash. Spec: specs/replication/Replication.tla,
 * `Crash` and `Restart`; the crash itself is the environment's.
 */
import { noBallot } from './ballot.ts';
import { init } from './state.ts';
import type { Grant, Group, Image, Step } from './state.ts';

/**
 * Starts from what was durable. The replica has forgotten to whom it granted a
 * lease, and when: it behaves as if it had just granted one to anybody.
 */
export function restart(args: { group: Group; image: Image; nowMs: number }): Step {
  const { group, image, nowMs } = args;
  const anybody: Grant = { ballot: noBallot, untilMs: nowMs + group.leaseMs + group.driftMs };
  const grants = group.leaseMs === 0 ? [] : [anybody];
  return { state: { ...init(group), ...image, grants }, outputs: [] };
}
