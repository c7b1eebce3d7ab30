/**
 * The key-value model: get, put, append, cas, delete on each key apart. Missing is null. A cas
 * whose result is false has only read: it saw a value other than its `from`. The result of put,
 * append and delete is not looked at. append joins texts; anything else becomes a list.
 */
import { appended } from './append.ts';
import type { Columns } from './columns.ts';
import { sameValue } from './interner.ts';
import { KvMachine } from './kvMachine.ts';
import type { RegisterKind } from './kvMachine.ts';
import type { Machine, Model, Partition } from './model.ts';
import type { Operation } from './operation.ts';
import type { Turns } from './turns.ts';

const kvKinds = {
  ...{ get: 'get', put: 'put', append: 'append', cas: 'cas', delete: 'delete' },
} as const satisfies Record<string, RegisterKind>;

const registerKinds = {
  ...{ read: 'get', write: 'put', cas: 'cas', get: 'get', put: 'put' },
} as const satisfies Record<string, RegisterKind>;

const required = {
  get: ['key', 'result'],
  put: ['key', 'value'],
  append: ['key', 'value'],
  cas: ['key', 'value', 'result'],
  delete: ['key'],
} as const;

function stepOf(kinds: Readonly<Record<string, RegisterKind>>) {
  return (state: unknown, operation: Operation): unknown => {
    const { value, status } = operation;
    const kind = kinds[operation.op];
    if (kind === 'put') return value ?? null;
    if (kind === 'delete') return null;
    if (kind === 'append') return appended(state, value ?? null);
    if (kind === 'get') {
      return status === 'info' || sameValue(state, operation.result) ? state : undefined;
    }
    const [from, to] = value as [unknown, unknown];
    const swaps = sameValue(state, from);
    if (status !== 'info' && swaps !== (operation.result === true)) return undefined;
    return swaps ? (to ?? null) : state;
  };
}

/** One zeroed scratch column per check, shared by the machines of its keys. */
const scratches = new WeakMap<object, { zeros: Int32Array }>();

function scratchOf(columns: Columns): { zeros: Int32Array } {
  const there = scratches.get(columns) ?? { zeros: new Int32Array(0) };
  scratches.set(columns, there);
  return there;
}

function registers(
  name: string,
  init: unknown,
  kinds: Readonly<Record<string, RegisterKind>>,
): Model {
  return {
    name,
    operations: Object.keys(kinds),
    init,
    step: stepOf(kinds),
    pure: (operation) =>
      kinds[operation.op] === 'get' || (operation.op === 'cas' && operation.result === false),
    requires: (op) => required[kinds[op] as RegisterKind],
    partition: (operation) => operation.key,
    partitionColumn: (columns: Columns) => columns.key,
    compile: (columns: Columns, partition: Partition): Turns<Machine> =>
      KvMachine.compile(columns, partition, { kinds, init, scratch: scratchOf(columns) }),
  };
}

/** The store, with `init` as the first value of every key. */
export function kvModel(init: unknown = null): Model {
  return registers('kv', init, kvKinds);
}

/** Registers with read, write and cas, each key one register. */
export function registerModel(init: unknown = null): Model {
  return registers('register', init, registerKinds);
}

export const kv: Model = kvModel();
export const register: Model = registerModel();
