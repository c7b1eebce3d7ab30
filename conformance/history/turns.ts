/**
 * Long work in turns. A check is a generator that yields whenever a few milliseconds may have
 * passed; it is run in one go, or in turns that let others use the thread between them.
 */
import { setImmediate } from 'node:timers/promises';

export type Turns<T> = Generator<void, T>;

/** How long one turn lasts before others may run. */
const turnMs = 10;

/** Steps of a plain loop between two yields: about a millisecond or a few. */
const stepsPerYield = 1 << 13;

/** `if ((at & betweenYields) === 0) yield;` in a loop over operations. */
export const betweenYields = stepsPerYield - 1;

/** The same for loops whose steps cut texts, or fill maps. */
export const betweenPieces = 1023;

export function inOneGo<T>(work: Turns<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** `signal` ends the work at the end of a turn. */
export async function inTurns<T>(work: Turns<T>, signal?: AbortSignal): Promise<T> {
  for (let turn = performance.now(); ;) {
    signal?.throwIfAborted();
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - turn < turnMs) continue;
    await setImmediate();
    turn = performance.now();
  }
}
