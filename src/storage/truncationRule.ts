/**
 * Which segments may leave the log: rule 6 of the replication group's contract, decided for each
 * group by src/protocol/wal.ts. What must hold: nothing leaves that is not archived, in a durable
 * snapshot and needed by no member, and nothing that is damaged.
 */
import { init, truncate } from '../protocol/wal.ts';
import type { Kept } from './log.ts';
import type { SegmentFacts } from './readLog.ts';

export interface Truncation {
  readonly segments: readonly SegmentFacts[];
  /** The first position whose damage is not healed. */
  readonly firstDamage: number | undefined;
  readonly isUp: (group: number) => boolean;
  readonly keptOf: (group: number) => Kept | undefined;
}

/** Up to this slot, does the group do without its log? */
function doesWithout(slot: number, isUp: boolean, { archived, snapshot, needed }: Kept): boolean {
  if (!isUp || slot >= needed) return false;
  const state = { ...init(), known: slot, manifest: archived, snapshot };
  return truncate(state, { range: { from: state.first, to: slot } }) !== undefined;
}

/** How many of the oldest segments may go; never the last one. */
export function droppable({ segments, firstDamage, isUp, keptOf }: Truncation): number {
  for (const [count, { slots }] of segments.entries()) {
    const next = segments[count + 1]?.listed.first;
    if (next === undefined || (firstDamage ?? next) < next) return count;
    for (const [group, slot] of slots) {
      const kept = keptOf(group);
      if (kept !== undefined && !doesWithout(slot, isUp(group), kept)) return count;
    }
  }
  return 0;
}
