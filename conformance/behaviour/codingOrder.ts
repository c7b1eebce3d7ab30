/**
 * The order in which a recording walks a graph: states breadth first, the steps of a state by the rank
 * of their label. TLC's graphs stand in this order already; any other graph is brought into it.
 */
import type { StateGraph } from './graph.ts';

export interface CodingOrder {
  /** Labels in the order in which a state's steps are walked. */
  readonly ranks: readonly number[];
  /** Reached nodes, in the order in which a walk meets them. */
  readonly nodes: readonly number[];
  readonly edgesByRank: readonly (readonly number[])[];
  /** Edges, each node's between its offsets, in the order they are walked. */
  readonly walked: Int32Array;
  /** Per place in `walked`: the rank of the edge's label. */
  readonly rankAt: Int32Array;
  /** Per edge: its node. */
  readonly sources: Int32Array;
  /** Per node: the one from which the walk first met it; -1 for initial nodes. */
  readonly parents: Int32Array;
}

/** Labels such that, where possible, each state's edges come in their order. */
export function rankLabels(graph: StateGraph): number[] {
  const count = graph.labels.length;
  const follows = graph.labels.map(() => new Set<number>());
  for (let node = 0; node < graph.nodeCount; node++) {
    for (let e = graph.edgeOffset[node]! + 1; e < graph.edgeOffset[node + 1]!; e++) {
      const before = graph.edgeLabel[e - 1]!;
      if (before !== graph.edgeLabel[e]!) follows[before]!.add(graph.edgeLabel[e]!);
    }
  }
  const waiting = new Int32Array(count);
  for (const after of follows) for (const label of after) waiting[label]!++;
  const ranks: number[] = [];
  const placed = new Uint8Array(count);
  while (ranks.length < count) {
    let next = -1;
    for (let label = 0; label < count; label++) {
      if (placed[label] === 0 && (next < 0 || waiting[label]! < waiting[next]!)) next = label;
    }
    placed[next] = 1;
    ranks.push(next);
    for (const label of follows[next]!) waiting[label]!--;
  }
  return ranks;
}

export function codingOrder(graph: StateGraph, ranks: readonly number[]): CodingOrder {
  const rankOf = new Int32Array(ranks.length);
  ranks.forEach((label, rank) => (rankOf[label] = rank));
  const walked = new Int32Array(graph.edgeCount);
  const rankAt = new Int32Array(graph.edgeCount);
  const sources = new Int32Array(graph.edgeCount);
  const edgesByRank: number[][] = ranks.map(() => []);
  const parents = new Int32Array(graph.nodeCount).fill(-2);
  const nodes: number[] = [];
  const meet = (node: number, parent: number): void => {
    if (parents[node] !== -2) return;
    parents[node] = parent;
    nodes.push(node);
  };
  for (const node of graph.initial) meet(node, -1);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    const from = graph.edgeOffset[node]!;
    const edges = Array.from({ length: graph.edgeOffset[node + 1]! - from }, (_, k) => from + k);
    edges.sort((a, b) => rankOf[graph.edgeLabel[a]!]! - rankOf[graph.edgeLabel[b]!]! || a - b);
    edges.forEach((edge, k) => {
      const rank = rankOf[graph.edgeLabel[edge]!]!;
      walked[from + k] = edge;
      rankAt[from + k] = rank;
      sources[edge] = node;
      edgesByRank[rank]!.push(edge);
      meet(graph.edgeTarget[edge]!, node);
    });
  }
  return { ranks, nodes, edgesByRank, walked, rankAt, sources, parents };
}
