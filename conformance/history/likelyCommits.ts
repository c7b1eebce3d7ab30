/**
 * A likely order of commits for snapshot isolation: one that respects what is certain among begins
 * and commits, else by time. repairedOrder.ts starts from it.
 */
import { momentsOf } from './isolation.ts';
import type { Operation } from './operation.ts';
import { orderOf } from './serialOrder.ts';
import type { Edge } from './transactionEdges.ts';

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
