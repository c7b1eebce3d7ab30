/**
 * Eventually consistent reads are no part of the linearizability check, but they too may only
 * return what was written: null, or a value some write that had begun could have left.
 */
import { FAIL, operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import { showValue } from './interner.ts';
import type { Operation } from './operation.ts';

export interface StrangeRead {
  readonly verdict: 'violation';
  readonly key: unknown;
  readonly reason: string;
  readonly operationsInvolved: readonly Operation[];
}

/** The first eventual read of a value no write can have left by then, if there is one. */
export function eventualReads(columns: Columns): StrangeRead | undefined {
  for (let row = 0; row < columns.count; row += 1) {
    if (columns.eventual[row] !== 1 || columns.status[row] !== 0) continue;
    if (columns.result[row] === 0 || canHaveBeenWritten(columns, row)) continue;
    const operation = operationAt(columns, row);
    return {
      verdict: 'violation',
      key: operation.key,
      reason:
        `eventual get ${showValue(operation.key)} = ${showValue(operation.result)} by process ` +
        `${operation.process} [${operation.invoke},${operation.return}] returns a value that ` +
        'no write could have left by then',
      operationsInvolved: [operation],
    };
  }
  return undefined;
}

function canHaveBeenWritten(columns: Columns, read: number): boolean {
  const seen = columns.result[read] as number;
  for (let row = 0; row < columns.count; row += 1) {
    if (columns.key[row] !== columns.key[read] || columns.status[row] === FAIL) continue;
    if ((columns.invoke[row] as number) > (columns.end[read] as number)) continue;
    const name = columns.names[columns.op[row] as number];
    if (name === 'put' && columns.value[row] === seen) return true;
    if (name === 'append' && endsWith(columns, seen, columns.value[row] as number)) return true;
    if (name !== 'cas' || columns.to[row] !== seen) continue;
    if (columns.status[row] !== 0 || columns.table.value(columns.result[row] as number) === true) {
      return true;
    }
  }
  return false;
}

/** Could appending `piece` to something have given `whole`? */
function endsWith(columns: Columns, whole: number, piece: number): boolean {
  const seen = columns.table.value(whole);
  const more = columns.table.value(piece);
  if (typeof seen === 'string') return typeof more === 'string' && seen.endsWith(more);
  return Array.isArray(seen) && columns.table.intern(seen.at(-1)) === piece;
}
