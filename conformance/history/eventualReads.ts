/**
 * Eventually consistent reads are no part of the linearizability check, but they too may only
 * return what was written: null, or a value some write that had begun could have left.
 */
import { FAIL, OK, operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import { showValue } from './interner.ts';
import type { Operation } from './operation.ts';

export interface StrangeRead {
  readonly verdict: 'violation';
  readonly key: unknown;
  readonly reason: string;
  readonly operationsInvolved: readonly Operation[];
}

/** What was written to one key: value -> when first; and the rows that append. */
interface Written {
  readonly first: Map<number, number>;
  readonly appends: number[];
}

/** The first eventual read of a value no write can have left by then, if there is one. */
export function eventualReads(columns: Columns): StrangeRead | undefined {
  if (!columns.eventual.includes(1)) return undefined;
  const keys = writtenByKey(columns);
  for (let row = 0; row < columns.count; row += 1) {
    if (columns.eventual[row] !== 1 || columns.status[row] !== OK) continue;
    if (columns.result[row] === 0 || canHaveBeenWritten(columns, keys, row)) continue;
    const operation = operationAt(columns, row);
    return {
      verdict: 'violation',
      key: operation.key,
      reason:
        `eventual ${operation.op} ${showValue(operation.key)} = ${showValue(operation.result)} by ` +
        `${operation.process} [${operation.invoke},${operation.return}] returns a value that ` +
        'no write could have left by then',
      operationsInvolved: [operation],
    };
  }
  return undefined;
}

function writtenByKey(columns: Columns): Map<number, Written> {
  const keys = new Map<number, Written>();
  for (let row = 0; row < columns.count; row += 1) {
    const name = columns.names[columns.op[row] as number];
    if (columns.status[row] === FAIL || name === 'get' || name === 'read') continue;
    const key = columns.key[row] as number;
    const written = keys.get(key) ?? { first: new Map<number, number>(), appends: [] };
    keys.set(key, written);
    if (name === 'append') {
      written.appends.push(row);
      continue;
    }
    const swapped = columns.table.value(columns.result[row] as number) === true;
    if (name === 'cas' && columns.status[row] === OK && !swapped) continue;
    const value = (name === 'cas' ? columns.to[row] : columns.value[row]) as number;
    const before = written.first.get(value) ?? Infinity;
    written.first.set(value, Math.min(before, columns.invoke[row] as number));
  }
  return keys;
}

function canHaveBeenWritten(
  columns: Columns,
  keys: ReadonlyMap<number, Written>,
  read: number,
): boolean {
  const written = keys.get(columns.key[read] as number);
  if (written === undefined) return false;
  const end = columns.end[read] as number;
  const seen = columns.result[read] as number;
  if ((written.first.get(seen) ?? Infinity) <= end) return true;
  return written.appends.some(
    (row) =>
      (columns.invoke[row] as number) <= end &&
      endsWith(columns, seen, columns.value[row] as number),
  );
}

/** Could appending `piece` to something have given `whole`? */
function endsWith(columns: Columns, whole: number, piece: number): boolean {
  const seen = columns.table.value(whole);
  const more = columns.table.value(piece);
  if (typeof seen === 'string') return typeof more === 'string' && seen.endsWith(more);
  return Array.isArray(seen) && columns.table.intern(seen.at(-1)) === piece;
}
