/**
 * Splits a history by key (a history is linearizable iff each key's part is, for models whose
 * keys do not touch each other: Herlihy and Wing's locality) and lays each part out in time
 * order. On a tie calls come before returns, so operations that touch are concurrent.
 */
import { FAIL, INFO } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Partition } from './model.ts';
import { betweenYields, inOneGo } from './turns.ts';
import type { Turns } from './turns.ts';

/** Rows in call order; the rows themselves where they already are. */
function* rowsByInvoke(columns: Columns): Turns<Int32Array> {
  const order = new Int32Array(columns.count);
  for (let row = 0; row < order.length; row += 1) order[row] = row;
  return yield* sortTurns(order, columns.invoke);
}

/**
 * Sorts indexes by their time, in place and stable. Histories are nearly sorted (a return is
 * displaced by at most the other clients), so insertion wins; where it moves too much, it falls
 * back to the general sort.
 */
export function sortByTime(order: Int32Array, time: Float64Array): Int32Array {
  return inOneGo(sortTurns(order, time));
}

export function* sortTurns(order: Int32Array, time: Float64Array): Turns<Int32Array> {
  let moves = 64 * order.length + 64;
  for (let at = 1; at < order.length; at += 1) {
    const item = order[at] as number;
    const when = time[item] as number;
    let to = at;
    while (to > 0 && (time[order[to - 1] as number] as number) > when) {
      order[to] = order[to - 1] as number;
      to -= 1;
    }
    order[to] = item;
    moves -= at - to;
    if (moves < 0) return yield* merged(order, time);
    if ((at & betweenYields) === 0) yield;
  }
  return order;
}

/** Merge sort from short sorted runs upwards, by time and then by index. */
function* merged(order: Int32Array, time: Float64Array): Turns<Int32Array> {
  const size = order.length;
  const run = betweenYields + 1;
  for (let from = 0; from < size; from += run) {
    order
      .subarray(from, Math.min(size, from + run))
      .sort((a, b) => (time[a] as number) - (time[b] as number) || a - b);
    yield;
  }
  let source = order;
  let target: Int32Array = new Int32Array(size);
  for (let width = run; width < size; width *= 2) {
    for (let from = 0; from < size; from += 2 * width) {
      const middle = Math.min(size, from + width);
      const end = Math.min(size, from + 2 * width);
      let [left, right] = [from, middle];
      for (let at = from; at < end; at += 1) {
        const one = source[left] as number;
        const other = source[right] as number;
        const first =
          left < middle &&
          (right >= end ||
            (time[one] as number) < (time[other] as number) ||
            (time[one] === time[other] && one < other));
        target[at] = first ? one : other;
        if (first) left += 1;
        else right += 1;
        if ((at & betweenYields) === 0) yield;
      }
    }
    [source, target] = [target, source];
  }
  if (source !== order) order.set(source);
  return order;
}

/** The parts of a history, in order of first appearance; failed operations are left out. */
export function* partitions(
  columns: Columns,
  by: Int32Array | undefined,
  skip: Uint8Array,
): Turns<Partition[]> {
  const order = yield* rowsByInvoke(columns);
  const slots = new Map<number, number>();
  const counts: number[] = [];
  const slotOf = new Int32Array(columns.count).fill(-1);
  let last = -1;
  let slot = -1;
  for (let at = 0; at < order.length; at += 1) {
    if ((at & betweenYields) === 0) yield;
    const row = order[at] as number;
    if (columns.status[row] === FAIL || skip[row] === 1) continue;
    const key = by === undefined ? 0 : (by[row] as number);
    if (key !== last) {
      last = key;
      slot = slots.get(key) ?? -1;
      if (slot === -1) {
        slot = counts.push(0) - 1;
        slots.set(key, slot);
      }
    }
    slotOf[row] = slot;
    counts[slot] = (counts[slot] as number) + 1;
  }
  const members = counts.map((count) => new Int32Array(count));
  const filled = new Int32Array(counts.length);
  for (let at = 0; at < order.length; at += 1) {
    if ((at & betweenYields) === 0) yield;
    const row = order[at] as number;
    const mine = slotOf[row] as number;
    if (mine === -1) continue;
    (members[mine] as Int32Array)[filled[mine] as number] = row;
    filled[mine] = (filled[mine] as number) + 1;
  }
  const parts: Partition[] = [];
  for (const [key, mine] of slots) {
    parts.push(yield* layOut(columns, key, members[mine] as Int32Array));
    yield;
  }
  return parts;
}

/** `rows` in call order, without failed ones. */
export function* layOut(columns: Columns, key: number, rows: Int32Array): Turns<Partition> {
  const ordered = new Int32Array(rows.length);
  let definite = 0;
  for (let at = 0; at < rows.length; at += 1) {
    if (columns.status[rows[at] as number] !== INFO) {
      ordered[definite] = rows[at] as number;
      definite += 1;
    }
    if ((at & betweenYields) === betweenYields) yield;
  }
  for (let from = 0, to = definite; to < rows.length; from += 1) {
    if (columns.status[rows[from] as number] !== INFO) continue;
    ordered[to] = rows[from] as number;
    to += 1;
  }
  return { key, rows: ordered, definite, ...(yield* placeInTime(columns, ordered, definite)) };
}

/** Calls and returns in time order; `rows` are in call order, first the definite ones. */
export function* placeInTime(
  columns: Pick<Columns, 'invoke' | 'end'>,
  rows: Int32Array,
  definite: number,
): Turns<Pick<Partition, 'callEntry' | 'returnEntry' | 'entryOp' | 'infoAt'>> {
  const { invoke, end } = columns;
  const ends = new Float64Array(definite);
  const byEnd = new Int32Array(definite);
  for (let op = 0; op < definite; op += 1) {
    ends[op] = end[rows[op] as number] as number;
    byEnd[op] = op;
  }
  yield* sortTurns(byEnd, ends);
  const callEntry = new Int32Array(definite);
  const returnEntry = new Int32Array(definite);
  const entryOp = new Int32Array(2 * definite);
  const infoAt = new Int32Array(rows.length - definite);
  let call = 0;
  let info = 0;
  let entry = 0;
  for (let back = 0; back < definite; back += 1) {
    if ((back & betweenYields) === betweenYields) yield;
    const ended = byEnd[back] as number;
    const when = ends[ended] as number;
    while (call < definite && (invoke[rows[call] as number] as number) <= when) {
      const before = invoke[rows[call] as number] as number;
      info = placeInfo(infoAt, info, entry, rows, definite, invoke, before);
      callEntry[call] = entry;
      entryOp[entry] = call;
      entry += 1;
      call += 1;
    }
    info = placeInfo(infoAt, info, entry, rows, definite, invoke, when);
    returnEntry[ended] = entry;
    entryOp[entry] = ~ended;
    entry += 1;
  }
  infoAt.fill(entry, info);
  return { callEntry, returnEntry, entryOp, infoAt };
}

/** Info calls up to `when` stand before `entry`. */
function placeInfo(
  infoAt: Int32Array,
  from: number,
  entry: number,
  rows: Int32Array,
  definite: number,
  invoke: Float64Array,
  when: number,
): number {
  let info = from;
  while (info < infoAt.length && (invoke[rows[definite + info] as number] as number) <= when) {
    infoAt[info] = entry;
    info += 1;
  }
  return info;
}
