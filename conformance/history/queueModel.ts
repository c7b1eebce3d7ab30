/**
 * First-in first-out queues: enqueue a value; dequeue answers the oldest, or null when empty.
 * Each key is a queue. A dequeue of unknown outcome may have taken one.
 */
import { sameValue } from './interner.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

type Line = readonly unknown[];

function step(line: Line, { op, value, result, status }: Operation): Line | undefined {
  if (op === 'enqueue') return [...line, value];
  const [first = null, ...rest] = line;
  if (status === 'info') return rest;
  if (!sameValue(first, result)) return undefined;
  return rest;
}

export const queue: Model<Line> = {
  name: 'queue',
  operations: ['enqueue', 'dequeue'],
  init: [],
  step,
  partition: (operation) => operation.key,
  requires: (op) => (op === 'enqueue' ? ['value'] : ['result']),
};
