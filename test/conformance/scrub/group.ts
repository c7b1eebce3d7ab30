/**
 * The world of one scrub: a log that grows, an archive that follows, and copies that are right, or
 * differ by a flipped bit, by the bug of the code that applies, or by both.
 */
import type { Replica, Scrubber } from '../../../src/protocol/scrub.ts';

export interface Bounds {
  readonly replicas: readonly string[];
  readonly positionMax: number;
  readonly flipMax: number;
  readonly buggy: readonly number[];
}
export interface World {
  readonly bounds: Bounds;
  readonly length: number;
  readonly archived: number;
  readonly replicas: Readonly<Record<string, Replica>>;
  readonly flipped: Readonly<Record<string, boolean>>;
  readonly scrubber: Scrubber;
  readonly flips: number;
}

export function replicaOf({ replicas }: World, r: string): Replica {
  const found = replicas[r];
  if (found === undefined) throw new Error(`there is no replica ${r}`);
  return found;
}

/** What a checksum over the copy of r tells. */
export function copyOf(world: World, r: string): string {
  const { applied } = replicaOf(world, r);
  const isBuggy = world.bounds.buggy.some((position) => position <= applied);
  if (world.flipped[r] === true) return isBuggy ? 'both' : 'flipped';
  return isBuggy ? 'bug' : 'right';
}
