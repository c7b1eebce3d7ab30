/**
 * Which action a thread began last, told while it runs: code that never gives its thread back says
 * nothing else. One cell a thread, in memory that both sides see; a number is a place among the names.
 */
import type { AnyBinding, AnyRunningBinding } from '../replay/bindingModule.ts';

type Bound = AnyBinding | AnyRunningBinding;

/** A cell for each share; 0: none of its actions has begun. */
export function makeCells(count: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

/** The binding, each of whose actions is noted where it begins. */
export function noting<B extends Bound>(binding: B, cells: Int32Array, share: number): B {
  const actions = Object.entries(binding.actions as Record<string, (...all: unknown[]) => unknown>);
  const noted = actions.map(([name, action], at) => {
    const run = (...all: unknown[]): unknown => {
      Atomics.store(cells, share, at + 1);
      return action.apply(binding.actions, all);
    };
    return [name, run] as const;
  });
  // A binding may be of a class of the user's own.
  const copy = Object.assign(Object.create(Object.getPrototypeOf(binding) as object) as B, binding);
  return Object.assign(copy, { actions: Object.fromEntries(noted) });
}

/** The names of the actions that these shares began last, each once. */
export function lastBegun(binding: Bound, cells: Int32Array, shares: readonly number[]): string[] {
  const names = Object.keys(binding.actions);
  const found = shares.map((share) => names[Atomics.load(cells, share) - 1]);
  return [...new Set(found.filter((name) => name !== undefined))];
}
