/**
 * Of the operations in the window with one effect, only the one that returns first is tried.
 *
 * Why: take a way to finish that uses p2 now and p1 later, one effect, p1 returning first. Swap
 * them. The states are the same. p1 may come now: it is in the window. p2 may stand where p1
 * stood: what p2 must precede was called after p2's return, thus after p1's return, and stood
 * behind p1 already. An info operation returns last of all, and among themselves the earliest
 * called comes first, so an info operation is not tried beside a definite one of its effect.
 */
import type { Machine } from './model.ts';

/** By effect: 1 where two operations or more share it. */
export function sharedEffects(machine: Machine, on: boolean): Uint8Array {
  const shared = new Uint8Array(machine.pure.length);
  if (!on) return shared;
  const seen = new Uint8Array(machine.pure.length);
  for (const effect of machine.effect) {
    if (effect < 0) continue;
    if (seen[effect] === 1) shared[effect] = 1;
    seen[effect] = 1;
  }
  return shared;
}
