/**
 * An operation that changes no state and is legal now is taken at once, and is no branch point.
 *
 * Why that loses nothing: take any way to finish from here. The read stands somewhere in it. Moved
 * to the front it is legal (it is now), it breaks no real-time order (nothing unlinearized ended
 * before it began, or it would not be in the window), and since it changes no state, everything
 * else sees the states it saw. Gets and failed cas are such; a put of the value already there is
 * not: later it might change something.
 */
import type { Machine } from './model.ts';

/** By effect: 1 where it is taken at once when legal. */
export function takenAtOnce(machine: Machine, on: boolean): Uint8Array {
  return on ? machine.pure : new Uint8Array(machine.pure.length);
}
