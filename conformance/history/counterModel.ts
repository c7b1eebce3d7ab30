/**
 * Counters: add a number (which may be negative), increment and decrement by one, read. Each key
 * is a counter that begins at 0. A numeric result of a change is the value after it.
 */
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

function step(count: number, { op, value, result, status }: Operation): number | undefined {
  if (op === 'read') return status === 'info' || result === count ? count : undefined;
  const by = op === 'add' ? Number(value) : op === 'increment' ? 1 : -1;
  const after = count + by;
  if (status === 'ok' && typeof result === 'number' && result !== after) return undefined;
  return after;
}

export const counter: Model<number> = {
  name: 'counter',
  operations: ['add', 'increment', 'decrement', 'read'],
  init: 0,
  step,
  partition: (operation) => operation.key,
  pure: ({ op }) => op === 'read',
  refuses: ({ op, value, result, status }) => {
    if (op === 'add' && typeof value !== 'number') return 'field "value": expected a number';
    const seen = op !== 'read' || status !== 'ok' || typeof result === 'number';
    return seen ? undefined : 'field "result": expected a number, as the operation is read';
  },
  requires: (op) => (op === 'read' ? ['result'] : op === 'add' ? ['value'] : []),
};
