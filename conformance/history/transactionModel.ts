/**
 * What a history of transactions may hold: `txn` with a list of reads and writes, and as many
 * results as it has reads. It is read like any model's history, but no order is stepped through:
 * transactions.ts works on dependencies.
 */
import type { Model, Shape } from './model.ts';

export const transactionModel: Model = {
  name: 'transactions',
  operations: ['txn'],
  init: null,
  step: (state) => state,
  requires: () => ['value', 'result'],
  refuses,
};

function refuses({ value, result, status }: Shape): string | undefined {
  if (!Array.isArray(value) || !value.every(isPart)) {
    return 'field "value": expected a list of ["r", key, null] and ["w", key, value]';
  }
  if (status !== 'ok') return undefined;
  const reads = value.filter((part: unknown[]) => part[0] === 'r').length;
  if (Array.isArray(result) && result.length === reads) return undefined;
  return `field "result": expected a list of what the ${reads} reads saw`;
}

function isPart(part: unknown): part is unknown[] {
  return Array.isArray(part) && part.length === 3 && (part[0] === 'r' || part[0] === 'w');
}
