/**
 * The proof of an ok for long histories: one order of the transactions, in real time, that
 * explains every read. It is guessed from time and then run through from the empty store, so a
 * wrong guess never is an ok. A store that runs transactions one at a time has such an order, and
 * whatever has one is right at every level.
 *
 * The guess: every transaction took effect at a moment between its call and its return, not before
 * what it depends on. On one key a write and its readers stand together (no other write of the key
 * between them), so of two such groups one lies wholly before the other's write. Where the moments
 * leave one way only, it narrows the moments of both, and so on until nothing changes. Groups that
 * may still stand either way are put in the order of the middles of their moments.
 */
import type { Operation } from './operation.ts';
import { explains, orderOf } from './serialOrder.ts';
import type { Arc } from './transactionCycles.ts';
import type { KeyWriters } from './transactionEdges.ts';

/** Rounds of narrowing; most histories need a handful. */
const roundsMax = 30;

export interface Moments {
  /** By transaction: not before, and not after. */
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** Moments as narrow as the facts make them; undefined where no order in real time is left. */
export function narrowedMoments(
  transactions: readonly Operation[],
  edges: readonly Arc[],
  keys: readonly KeyWriters[],
): Moments | undefined {
  const from = Float64Array.from(transactions, (o) => o.invoke);
  const to = Float64Array.from(transactions, (o) => o.return ?? Infinity);
  const order = orderOf(to, edges);
  if (order.length < transactions.length) return undefined;
  const moments = { from, to };
  const sorted = inOrder(order, edges);
  const groups = keys.filter(({ writers }) => writers.length > 1);
  for (let round = 0; round < roundsMax; round += 1) {
    let changed = alongEdges(moments, sorted);
    for (const key of groups) if (apart(moments, key)) changed = true;
    if (from.some((when, at) => when > (to[at] as number))) return undefined;
    if (!changed) break;
  }
  return moments;
}

/** Edges in the order of where they begin: one pass carries bounds along whole chains. */
function inOrder(order: readonly number[], edges: readonly Arc[]): Int32Array {
  const place = new Int32Array(order.length);
  order.forEach((at, index) => {
    place[at] = index;
  });
  const sorted = [...edges].sort((a, b) => (place[a.from] as number) - (place[b.from] as number));
  return Int32Array.from(sorted.flatMap((edge) => [edge.from, edge.to]));
}

function alongEdges({ from, to }: Moments, edges: Int32Array): boolean {
  let changed = false;
  for (let at = 0; at < edges.length; at += 2) {
    const [before, after] = [edges[at] as number, edges[at + 1] as number];
    if ((from[before] as number) <= (from[after] as number)) continue;
    from[after] = from[before] as number;
    changed = true;
  }
  for (let at = edges.length - 2; at >= 0; at -= 2) {
    const [before, after] = [edges[at] as number, edges[at + 1] as number];
    if ((to[after] as number) >= (to[before] as number)) continue;
    to[before] = to[after] as number;
    changed = true;
  }
  return changed;
}

/** The last call of a group, as it is narrowed: its write cannot come wholly after an earlier end. */
function lastOf({ from }: Moments, writer: number, readers: readonly number[]): number {
  let last = from[writer] as number;
  for (const reader of readers) last = Math.max(last, from[reader] as number);
  return last;
}

/**
 * Group a stands before group c where c cannot stand before a: a's write is over before c's last
 * read begins. Then c's write comes after all of a, and all of a before the end of c's write.
 */
function apart(moments: Moments, { writers, readers }: KeyWriters): boolean {
  const { from, to } = moments;
  const last = writers.map((writer, at) => lastOf(moments, writer, readers[at] as number[]));
  const end = writers.map((writer) => to[writer] as number);
  const byEnd = [...writers.keys()].sort((a, b) => compare(end, a, b));
  const byLast = [...writers.keys()].sort((a, b) => compare(last, a, b));
  let changed = false;
  const latest = new Two(-Infinity, (a, b) => a > b);
  let passed = 0;
  for (const c of byLast) {
    for (; passed < byEnd.length; passed += 1) {
      const a = byEnd[passed] as number;
      if ((end[a] as number) >= (last[c] as number)) break;
      latest.add(a, last[a] as number);
    }
    const when = latest.without(c);
    const writer = writers[c] as number;
    if (when <= (from[writer] as number)) continue;
    from[writer] = when;
    changed = true;
  }
  const soonest = new Two(Infinity, (a, b) => a < b);
  passed = byLast.length - 1;
  for (const a of byEnd.toReversed()) {
    for (; passed >= 0; passed -= 1) {
      const c = byLast[passed] as number;
      if ((last[c] as number) <= (end[a] as number)) break;
      soonest.add(c, end[c] as number);
    }
    const when = soonest.without(a);
    for (const member of [writers[a] as number, ...(readers[a] as number[])]) {
      if (when >= (to[member] as number)) continue;
      to[member] = when;
      changed = true;
    }
  }
  return changed;
}

/** The best two, so that one of them can be left out. */
class Two {
  readonly #none: number;
  readonly #better: (a: number, b: number) => boolean;
  #who = -1;
  #best: number;
  #second: number;

  constructor(none: number, better: (a: number, b: number) => boolean) {
    this.#none = none;
    this.#better = better;
    this.#best = this.#second = none;
  }

  add(who: number, value: number): void {
    if (this.#better(value, this.#best)) {
      this.#second = this.#best;
      [this.#who, this.#best] = [who, value];
    } else if (this.#better(value, this.#second)) this.#second = value;
  }

  without(who: number): number {
    return who === this.#who && this.#best !== this.#none ? this.#second : this.#best;
  }
}

/** Of indexes by what they stand for, which may be infinite. */
function compare(values: readonly number[], a: number, b: number): number {
  const [one, other] = [values[a] as number, values[b] as number];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** True where the order guessed from the moments is in real time and explains all reads. */
export function hasWitness(
  transactions: readonly Operation[],
  edges: readonly Arc[],
  keys: readonly KeyWriters[],
  moments: Moments,
): boolean {
  const arcs = [...edges, ...keys.flatMap((key) => guessed(key, moments))];
  const order = orderOf(moments.to, arcs);
  if (order.length < transactions.length) return false;
  const from = moments.from.slice();
  alongEdges({ from, to: moments.to.slice() }, inOrder(order, arcs));
  // Stable: what begins at one moment stays in the order of its dependencies.
  order.sort((a, b) => (from[a] as number) - (from[b] as number));
  return inRealTime(transactions, order) && explains(transactions, order);
}

/** The writers of a key in the order of the middles of their groups: who comes after whom. */
function guessed({ writers, readers }: KeyWriters, moments: Moments): Arc[] {
  const middle = writers.map((writer, at) => {
    return lastOf(moments, writer, readers[at] as number[]) + (moments.to[writer] as number);
  });
  const order = [...writers.keys()].sort((a, b) => compare(middle, a, b));
  return order.slice(1).flatMap((next, index): Arc[] => {
    const before = order[index] as number;
    const to = writers[next] as number;
    const group = [writers[before] as number, ...(readers[before] as number[])];
    return group.filter((from) => from !== to).map((from) => ({ from, to }));
  });
}

/** Nobody stands before a transaction that had ended when it began. */
function inRealTime(transactions: readonly Operation[], order: readonly number[]): boolean {
  let soonest = Infinity;
  return order.toReversed().every((at) => {
    const { invoke, return: end } = transactions[at] as Operation;
    if (soonest < invoke) return false;
    soonest = Math.min(soonest, end ?? Infinity);
    return true;
  });
}
