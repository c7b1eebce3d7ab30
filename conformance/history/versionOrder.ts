/**
 * The orders of versions that the reads leave open. For two writers of a key one came first: if
 * a, then b wrote over it, and whoever read a's version came before b's write. Every such pair is
 * a choice between two sets of edges, and the level holds iff some choice for all pairs leaves its
 * graph (isolation.ts) without a cycle.
 *
 * Choices that one side of which makes a cycle are no choices; they are settled first, again and
 * again. What stays open is tried, nearest to the order of time first, and taken back. That is
 * complete; deciding it is NP-hard, so it has a budget.
 */
import { momentOf } from './isolation.ts';
import { Reach } from './reach.ts';
import type { Edge, KeyWriters } from './transactionEdges.ts';

export interface OpenOrder {
  readonly size: number;
  readonly snapshot: boolean;
  readonly edges: readonly Edge[];
  readonly keys: readonly KeyWriters[];
  /** Which comes first where both may: place in some likely order, by transaction. */
  readonly likely: ArrayLike<number>;
  readonly untilMs: number;
}

export interface Contradiction {
  /** Dependencies known where neither side of a pair was possible. */
  readonly edges: readonly Edge[];
  /** The two sides; absent where the contradiction is of several choices together. */
  readonly sides?: readonly [readonly Edge[], readonly Edge[]];
}

interface Pair {
  readonly first: readonly Edge[];
  readonly second: readonly Edge[];
}

/** Closures of more nodes, and more pairs, cost more than they are worth. */
export const openNodesMax = 6000;
const pairsMax = 300_000;

/** All edges, chosen ones included, that leave no cycle. */
export interface Settled {
  readonly chosen: readonly Edge[];
}

/** A choice, a contradiction, or `unknown` where the budget is spent or the history too large. */
export function settle(open: OpenOrder): Settled | 'unknown' | Contradiction {
  const nodes = open.snapshot ? 2 * open.size : open.size;
  if (nodes > openNodesMax) return 'unknown';
  const reach = new Reach(nodes);
  if (open.snapshot) for (let at = 0; at < open.size; at += 1) reach.add(2 * at, 2 * at + 1);
  for (const edge of open.edges) if (!added(open, reach, edge)) return { edges: open.edges };
  const pairs = pairsOf(open);
  return pairs === undefined ? 'unknown' : tried(open, reach, pairs, [...open.edges], true);
}

function pairsOf({ keys, likely }: OpenOrder): Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const { key, writers, readers } of keys) {
    if (pairs.length + writers.length ** 2 / 2 > pairsMax) return undefined;
    for (let a = 0; a < writers.length; a += 1) {
      for (let b = a + 1; b < writers.length; b += 1) {
        const [one, other] = [writers[a] as number, writers[b] as number];
        const ahead = side(key, one, other, readers[a] as number[]);
        const behind = side(key, other, one, readers[b] as number[]);
        const usual = (likely[one] as number) <= (likely[other] as number);
        pairs.push(usual ? { first: ahead, second: behind } : { first: behind, second: ahead });
      }
    }
  }
  return pairs;
}

/** `from` wrote before `to`. */
function side(key: unknown, from: number, to: number, readers: readonly number[]): Edge[] {
  const edges: Edge[] = [{ from, to, kind: 'ww', key }];
  for (const reader of readers) {
    if (reader !== to) edges.push({ from: reader, to, kind: 'rw', key });
  }
  return edges;
}

function tried(
  open: OpenOrder,
  reach: Reach,
  pairs: readonly Pair[],
  edges: Edge[],
  certain: boolean,
): Settled | 'unknown' | Contradiction {
  const left = settled(open, reach, pairs, edges);
  if ('edges' in left) return certain ? left : { edges };
  const [pair] = left;
  if (pair === undefined) return { chosen: edges };
  if (performance.now() > open.untilMs) return 'unknown';
  for (const choice of [pair.first, pair.second]) {
    const copy = reach.copy();
    if (!choice.every((edge) => added(open, copy, edge))) continue;
    const found = tried(open, copy, left.slice(1), [...edges, ...choice], false);
    if (found === 'unknown' || 'chosen' in found) return found;
  }
  return { edges };
}

/** Settles what has one side only; gives what stays open. `edges` grows by what is settled. */
function settled(
  open: OpenOrder,
  reach: Reach,
  pairs: readonly Pair[],
  edges: Edge[],
): readonly Pair[] | Contradiction {
  let left = pairs;
  for (;;) {
    const next: Pair[] = [];
    for (const pair of left) {
      const [one, other] = [fits(open, reach, pair.first), fits(open, reach, pair.second)];
      if (!one && !other) return { edges, sides: [pair.first, pair.second] };
      if (one && other) {
        next.push(pair);
        continue;
      }
      const chosen = one ? pair.first : pair.second;
      if (!chosen.every((edge) => added(open, reach, edge))) {
        return { edges, sides: [pair.first, pair.second] };
      }
      edges.push(...chosen);
    }
    if (next.length === left.length) return next;
    left = next;
  }
}

function fits({ snapshot }: OpenOrder, reach: Reach, edges: readonly Edge[]): boolean {
  return edges.every((edge) => {
    const { from, to } = snapshot ? momentOf(edge) : edge;
    return from !== to && !reach.has(to, from);
  });
}

function added({ snapshot }: OpenOrder, reach: Reach, edge: Edge): boolean {
  const { from, to } = snapshot ? momentOf(edge) : edge;
  return reach.add(from, to);
}
