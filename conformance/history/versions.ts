/**
 * Register-like operations as reads and writes of versions, for the models that ask who read from
 * whom: every write makes a version of its key, told apart by its value. What must hold: a
 * version is given to a read only where one write alone can have made it.
 */
import { Interner } from './interner.ts';
import { HistoryError } from './operation.ts';
import type { Operation } from './operation.ts';

export interface Versions {
  /** Those that took effect or may have, in the order of their calls. */
  readonly operations: readonly Operation[];
  /** Interned key of each operation. */
  readonly keys: readonly number[];
  /** By operation: does it write a version? */
  readonly writes: readonly boolean[];
  /** By operation: what it read from; undefined where it reads nothing or nobody can tell. */
  readonly source: readonly (number | undefined)[];
  /** By process its operations in order; those of unknown outcome are not waited for. */
  readonly sessions: readonly (readonly number[])[];
}

const reading = new Set(['get', 'read']);
const writing = new Set(['put', 'write', 'delete']);

/** `unique`: a value written twice to one key is refused. Otherwise reads of it are left out. */
export function versionsOf(history: readonly Operation[], unique: boolean): Versions {
  const table = new Interner();
  const operations = history
    .filter(({ status }) => status !== 'fail')
    .sort((a, b) => a.invoke - b.invoke);
  const keys = operations.map(({ key }) => table.intern(key));
  const writes = operations.map((operation) => isWrite(operation));
  const byValue = writersByValue({ operations, keys, writes }, table, unique);
  const source = operations.map((operation, at): number | undefined => {
    const seen = seenBy(operation);
    if (seen === undefined) return undefined;
    const value = table.intern(seen.value);
    const writer = byValue.get(`${keys[at]}:${value}`);
    if (writer === undefined) return value === 0 ? -1 : -2;
    // Null may be the initial value, or what a delete left.
    return writer === null || value === 0 ? undefined : writer;
  });
  return { operations, keys, writes, source, sessions: sessionsOf(operations) };
}

function isWrite(operation: Operation): boolean {
  const { op, status, result } = operation;
  if (writing.has(op)) return true;
  if (op === 'cas') return status === 'info' || result === true;
  if (reading.has(op)) return false;
  throw new HistoryError(
    `operation "${op}" is unknown here: get, put, cas, delete, read and write are known`,
  );
}

function writersByValue(
  { operations, keys, writes }: Pick<Versions, 'operations' | 'keys' | 'writes'>,
  table: Interner,
  unique: boolean,
): Map<string, number | null> {
  const writers = new Map<string, number | null>();
  operations.forEach((operation, at) => {
    if (writes[at] !== true) return;
    const { op, value } = operation;
    const left = op === 'cas' ? (value as unknown[])[1] : op === 'delete' ? null : value;
    const name = `${keys[at]}:${table.intern(left)}`;
    if (unique && (writers.has(name) || table.intern(left) === 0)) {
      throw new HistoryError(
        `${op} by ${operation.process} at ${operation.invoke}: this model needs values that are ` +
          'written once to a key, and are not null',
      );
    }
    writers.set(name, writers.has(name) ? null : at);
  });
  return writers;
}

function seenBy({ op, status, value, result }: Operation): { value: unknown } | undefined {
  if (status !== 'ok') return undefined;
  if (reading.has(op)) return { value: result };
  return op === 'cas' && result === true ? { value: (value as unknown[])[0] } : undefined;
}

function sessionsOf(operations: readonly Operation[]): number[][] {
  const sessions = new Map<string, number[]>();
  operations.forEach(({ process }, at) => {
    const name = `${typeof process}:${process}`;
    const there = sessions.get(name);
    if (there === undefined) sessions.set(name, [at]);
    else there.push(at);
  });
  return [...sessions.values()];
}
