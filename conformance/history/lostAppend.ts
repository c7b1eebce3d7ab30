/**
 * A get that does not see an append which had completed, on a key that is only appended to. No
 * order explains it: nothing ever takes an appended piece away. It is the sentence a developer
 * needs, while the search only finds that some value cannot have been made.
 */
import { FAIL, INFO } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Partition } from './model.ts';
import type { Turns } from './turns.ts';

export interface LostAppend {
  readonly append: number;
  readonly read: number;
  /** They and what the read did see, rows in call order. */
  readonly rows: readonly number[];
}

/** Comparisons of a read with an append; beyond them the search says what it can. */
const comparisonsMax = 2_000_000;

/** Of the pieces that the read saw, the last ones are shown. */
const shownMax = 12;

export function* lostAppend(columns: Columns, { rows }: Partition): Turns<LostAppend | undefined> {
  const reads: number[] = [];
  const appends: number[] = [];
  for (const row of rows) {
    const name = columns.names[columns.op[row] as number];
    if (columns.status[row] === FAIL) continue;
    if (name === 'append') appends.push(row);
    else if (name !== 'get') return undefined;
    else if (columns.status[row] !== INFO) reads.push(row);
  }
  if (reads.length * appends.length > comparisonsMax) return undefined;
  reads.sort((a, b) => (columns.end[a] as number) - (columns.end[b] as number));
  for (const read of reads) {
    yield;
    const before = (append: number): boolean =>
      (columns.end[append] as number) < (columns.invoke[read] as number);
    const append = appends.find((each) => before(each) && !holds(columns, read, each));
    if (append === undefined) continue;
    const seen = appends.filter((each) => {
      return (
        (columns.invoke[each] as number) <= (columns.end[read] as number) &&
        holds(columns, read, each)
      );
    });
    const shown = [...seen.slice(-shownMax), append, read];
    shown.sort((a, b) => (columns.invoke[a] as number) - (columns.invoke[b] as number));
    return { append, read, rows: shown };
  }
  return undefined;
}

function holds({ table, result, value }: Columns, read: number, append: number): boolean {
  const whole = table.value(result[read] as number);
  const piece = table.value(value[append] as number);
  if (typeof whole === 'string' && typeof piece === 'string') return whole.includes(piece);
  if (!Array.isArray(whole)) return whole !== null;
  return whole.some((part) => table.intern(part) === value[append]);
}
