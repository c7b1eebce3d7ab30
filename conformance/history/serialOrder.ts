/**
 * The proof of an ok: an order of the transactions that respects every edge and explains every
 * read, run through from the empty store. Among those that may come next, the one that ended
 * first goes first, as databases mostly order commits so. Finding none proves nothing.
 */
import { Interner } from './interner.ts';
import type { Operation } from './operation.ts';
import type { Arc } from './transactionCycles.ts';
import type { Edge } from './transactionEdges.ts';

/** True where the order found explains all reads. */
export function explainsAll(transactions: readonly Operation[], edges: readonly Edge[]): boolean {
  const ends = Float64Array.from(transactions, (o) => o.return ?? Infinity);
  const order = orderOf(ends, edges);
  return order.length === transactions.length && explains(transactions, order);
}

/** Runs the transactions in the order, from the empty store: does each see what it saw? */
export function explains(transactions: readonly Operation[], order: readonly number[]): boolean {
  const table = new Interner();
  const store = new Map<number, number>();
  return order.every((at) => {
    const { value, result, status } = transactions[at] as Operation;
    let read = 0;
    return (value as [string, unknown, unknown][]).every(([kind, name, wrote]) => {
      const key = table.intern(name);
      if (kind === 'w') {
        store.set(key, table.intern(wrote));
        return true;
      }
      read += 1;
      if (status !== 'ok') return true;
      return (store.get(key) ?? 0) === table.intern((result as unknown[])[read - 1]);
    });
  });
}

/** An order that respects the edges, else by time; shorter than all where they are cyclic. */
export function orderOf(ends: Float64Array, edges: Iterable<Arc>): number[] {
  const waits = new Int32Array(ends.length);
  const after: number[][] = Array.from({ length: ends.length }, () => []);
  for (const { from, to } of edges) {
    (after[from] as number[]).push(to);
    waits[to] = (waits[to] as number) + 1;
  }
  const ready = new Ready(ends);
  waits.forEach((count, at) => {
    if (count === 0) ready.add(at);
  });
  const order: number[] = [];
  for (let at = ready.take(); at !== undefined; at = ready.take()) {
    order.push(at);
    for (const next of after[at] as number[]) {
      waits[next] = (waits[next] as number) - 1;
      if (waits[next] === 0) ready.add(next);
    }
  }
  return order;
}

/** A heap of transactions by when they ended. */
class Ready {
  readonly #ends: Float64Array;
  readonly #heap: number[] = [];

  constructor(ends: Float64Array) {
    this.#ends = ends;
  }

  add(item: number): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#before(item, heap[up] as number)) break;
      heap[at] = heap[up] as number;
      at = up;
    }
    heap[at] = item;
  }

  take(): number | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      const right = heap[down + 1];
      if (right !== undefined && this.#before(right, heap[down] as number)) down += 1;
      if (!this.#before(heap[down] as number, last)) break;
      heap[at] = heap[down] as number;
      at = down;
    }
    heap[at] = last;
    return first;
  }

  #before(a: number, b: number): boolean {
    return (this.#ends[a] as number) < (this.#ends[b] as number);
  }
}
