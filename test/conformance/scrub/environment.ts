/** What surrounds a scrub, as actions of specs/scrub/Scrub.tla: the log, its archive, and damage. */
import type { World } from './group.ts';

export function choose(world: World): World | undefined {
  const { length, bounds } = world;
  return length < bounds.positionMax ? { ...world, length: length + 1 } : undefined;
}

export function archive(world: World): World | undefined {
  const { length, archived } = world;
  return archived < length ? { ...world, archived: archived + 1 } : undefined;
}

export function flipCopy(world: World, r: string): World | undefined {
  const { flips, flipped, bounds } = world;
  if (flips >= bounds.flipMax || flipped[r] === true) return undefined;
  return { ...world, flipped: { ...flipped, [r]: true }, flips: flips + 1 };
}
