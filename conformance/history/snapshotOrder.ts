/**
 * The proof of an ok at snapshot isolation: transactions in a likely order of commits, versions in
 * that order, and no cycle among begins and commits. Finding a cycle proves nothing, as another
 * order of the versions may do.
 */
import { momentOf, momentsOf } from './isolation.ts';
import type { Moment } from './isolation.ts';
import type { Operation } from './operation.ts';
import { orderOf } from './serialOrder.ts';
import type { Edge, KeyWriters } from './transactionEdges.ts';

/** By transaction its place in an order of commits that respects the edges. */
export function likelyCommits(
  transactions: readonly Operation[],
  edges: readonly Edge[],
): Int32Array {
  const times = new Float64Array(2 * transactions.length);
  transactions.forEach((transaction, at) => {
    times[2 * at] = transaction.invoke;
    times[2 * at + 1] = transaction.return ?? Infinity;
  });
  const place = new Int32Array(transactions.length);
  orderOf(times, momentsOf(transactions.length, edges)).forEach((node, index) => {
    if (node % 2 === 1) place[node >> 1] = index;
  });
  return place;
}

export interface GuessedVersions {
  readonly edges: readonly Edge[];
  readonly keys: readonly KeyWriters[];
  readonly place: Int32Array;
}

/** True where versions in the order of `place` leave no cycle. */
export function snapshotsExplain({ edges, keys, place }: GuessedVersions): boolean {
  const moments: Moment[] = momentsOf(place.length, edges);
  for (const { key, writers, readers } of keys) {
    const order = [...writers.keys()].sort((a, b) => placeOf(a) - placeOf(b));
    for (let next = 1; next < order.length; next += 1) {
      const before = order[next - 1] as number;
      const to = writers[order[next] as number] as number;
      moments.push(momentOf({ from: writers[before] as number, to, kind: 'ww', key }));
      for (const from of readers[before] as readonly number[]) {
        if (from !== to) moments.push(momentOf({ from, to, kind: 'rw', key }));
      }
    }
    function placeOf(index: number): number {
      return place[writers[index] as number] as number;
    }
  }
  return orderOf(new Float64Array(2 * place.length), moments).length === 2 * place.length;
}
