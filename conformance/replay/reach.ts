/**
 * The order in which a graph is replayed, shortest paths first, so that the first failure found is
 * also the one that is nearest to an initial state.
 */
import { edgeSource, type StateGraph } from '../behaviour/graph.ts';

export interface Reach {
  /** All nodes, breadth first from the initial ones; unreachable ones, if any, at the end. */
  readonly order: Int32Array;
  /** The edge a node is first reached by; -1 for an initial node, -2 for an unreachable one. */
  readonly by: Int32Array;
}

export function breadthFirst(graph: StateGraph): Reach {
  const { nodeCount, edgeOffset, edgeTarget } = graph;
  const order = new Int32Array(nodeCount);
  const by = new Int32Array(nodeCount).fill(-2);
  let tail = 0;
  for (const node of graph.initial) {
    if (by[node] !== -2) continue;
    by[node] = -1;
    order[tail++] = node;
  }
  for (let head = 0; head < tail; head += 1) {
    const node = order[head] as number;
    const end = edgeOffset[node + 1] as number;
    for (let edge = edgeOffset[node] as number; edge < end; edge += 1) {
      const target = edgeTarget[edge] as number;
      if (by[target] !== -2) continue;
      by[target] = edge;
      order[tail++] = target;
    }
  }
  for (let node = 0; tail < nodeCount; node += 1) if (by[node] === -2) order[tail++] = node;
  return { order, by };
}

/** The edges of a shortest path to `node`; undefined where no initial state leads there. */
export function pathTo(graph: StateGraph, reach: Reach, node: number): number[] | undefined {
  const edges: number[] = [];
  let at = node;
  while (reach.by[at] !== -1) {
    const edge = reach.by[at] as number;
    if (edge < 0) return undefined;
    edges.push(edge);
    at = edgeSource(graph, edge);
  }
  return edges.reverse();
}
