/**
 * An append that alone can have made a needed value must have been applied to the one state it
 * can have made it from. It then acts as a cas between the two: illegal anywhere else. And its
 * state before is needed in its turn, so whole chains of appends fall into place without search.
 *
 * Why: the operation that needs the value is definite, so some maker took effect; there is one
 * (operations are counted, writes of unknown outcome too), and it has one state to start from.
 */
import type { Step } from './relevantValues.ts';
import { betweenPieces } from './turns.ts';
import type { Turns } from './turns.ts';

export interface MakerCounts {
  /** By interned value: puts of it and cas to it, of any outcome but a failed one. */
  readonly written: ReadonlyMap<number, number>;
  /** By interned piece: how many operations append it. */
  readonly appended: ReadonlyMap<number, number>;
}

/** Piece -> the step that its one append must be. */
export function* onlySteps(
  needed: Iterable<number>,
  steps: readonly Step[],
  counts: MakerCounts,
  initial: number,
): Turns<Map<number, Step>> {
  const byTarget = new Map<number, Step[]>();
  let looked = 0;
  for (const step of steps) {
    if ((++looked & betweenPieces) === 0) yield;
    const there = byTarget.get(step.to);
    if (there === undefined) byTarget.set(step.to, [step]);
    else there.push(step);
  }
  const forced = new Map<number, Step>();
  const queue = new Set(needed);
  for (const value of queue) {
    if ((++looked & betweenPieces) === 0) yield;
    const ways = byTarget.get(value);
    const [only] = ways ?? [];
    if (only === undefined || ways?.length !== 1 || value === initial) continue;
    if (counts.written.has(value) || counts.appended.get(only.piece) !== 1) continue;
    if (forced.has(only.piece)) continue;
    forced.set(only.piece, only);
    queue.add(only.from);
  }
  return forced;
}
