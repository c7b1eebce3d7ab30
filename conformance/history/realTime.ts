/**
 * Which transactions certainly came before which: one ended before the other began. Only edges
 * that no others imply are kept, by a frontier of the latest that have ended: a handful for each
 * transaction rather than all pairs.
 */
import type { Operation } from './operation.ts';
import type { Edge } from './transactionEdges.ts';

/** `perItem`: only between transactions that touch a common key. */
export function realTimeEdges(transactions: readonly Operation[], perItem: boolean): Edge[] {
  if (!perItem) return frontierEdges(transactions, [...transactions.keys()]);
  const byKey = new Map<string, number[]>();
  transactions.forEach((transaction, at) => {
    const keys = (transaction.value as [string, unknown, unknown][]).map(([, key]) => {
      return JSON.stringify(key);
    });
    for (const key of new Set(keys)) {
      const there = byKey.get(key);
      if (there === undefined) byKey.set(key, [at]);
      else there.push(at);
    }
  });
  return [...byKey.values()].flatMap((members) => frontierEdges(transactions, members));
}

function frontierEdges(transactions: readonly Operation[], members: readonly number[]): Edge[] {
  const begins = (at: number): number => (transactions[at] as Operation).invoke;
  const ends = (at: number): number => (transactions[at] as Operation).return ?? Infinity;
  const byCall = [...members].sort((a, b) => begins(a) - begins(b));
  const byEnd = [...members].sort((a, b) => ends(a) - ends(b));
  const edges: Edge[] = [];
  let frontier: number[] = [];
  let ended = 0;
  for (const to of byCall) {
    while (ended < byEnd.length && ends(byEnd[ended] as number) < begins(to)) {
      const late = byEnd[ended] as number;
      // Whoever ended before this one began is implied by it.
      frontier = frontier.filter((at) => ends(at) >= begins(late));
      frontier.push(late);
      ended += 1;
    }
    for (const from of frontier) edges.push({ from, to, kind: 'realtime' });
  }
  return edges;
}
