/**
 * The key-value model: get, put, append, cas, delete on each key apart. Missing is null. A cas
 * whose result is false has only read: it saw a value other than its `from`. The result of put,
 * append and delete is not looked at. append joins texts; anything else becomes a list.
 */
import { appended } from './append.ts';
import type { Columns } from './columns.ts';
import { KvMachine } from './kvMachine.ts';
import type { Machine, Model, Partition } from './model.ts';
import { Interner } from './interner.ts';
import type { Operation } from './operation.ts';

export const kvOperations = ['get', 'put', 'append', 'cas', 'delete'] as const;

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' && typeof b !== 'object') return (a ?? null) === (b ?? null);
  const table = new Interner();
  return table.intern(a) === table.intern(b);
}

function step(state: unknown, operation: Operation): unknown {
  const { op, value, status } = operation;
  if (op === 'put') return value ?? null;
  if (op === 'delete') return null;
  if (op === 'append') return appended(state, value ?? null);
  if (op === 'get') {
    return status === 'info' || same(state, operation.result) ? state : undefined;
  }
  const [from, to] = value as [unknown, unknown];
  const swaps = same(state, from);
  if (status !== 'info' && swaps !== (operation.result === true)) return undefined;
  return swaps ? (to ?? null) : state;
}

/** The store, from `init` on every key. */
export function kvModel(init: unknown = null): Model {
  return {
    name: 'kv',
    operations: kvOperations,
    init,
    step,
    partition: (operation) => operation.key,
    pure: (operation) =>
      operation.op === 'get' || (operation.op === 'cas' && operation.result === false),
    partitionColumn: (columns: Columns) => columns.key,
    compile: (columns: Columns, partition: Partition): Machine =>
      new KvMachine(columns, partition, init),
  };
}

export const kv: Model = kvModel();
