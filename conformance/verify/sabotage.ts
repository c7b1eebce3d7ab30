/**
 * Known-bad cases for replay: the same graph with one edge taken away (the code can do what
 * the model forbids) and with one edge led elsewhere (the model can do what the code cannot).
 * A replay that accepts either checks nothing.
 */
import { edgeSource } from '../behaviour/graph.ts';
import type { StateGraph } from '../behaviour/graph.ts';

/** An edge near the start whose source keeps others, and does not become a leaf of the bound. */
export function edgeToSpoil(graph: StateGraph): number | undefined {
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const first = graph.edgeOffset[node] ?? 0;
    if ((graph.edgeOffset[node + 1] ?? 0) - first >= 2) return first;
  }
  return undefined;
}

export function withoutEdge(graph: StateGraph, edge: number): StateGraph {
  const source = edgeSource(graph, edge);
  const drop = (list: Int32Array): Int32Array => {
    const kept = new Int32Array(list.length - 1);
    kept.set(list.subarray(0, edge));
    kept.set(list.subarray(edge + 1), edge);
    return kept;
  };
  return {
    ...graph,
    edgeOffset: graph.edgeOffset.map((offset, node) => (node > source ? offset - 1 : offset)),
    edgeTarget: drop(graph.edgeTarget),
    edgeLabel: drop(graph.edgeLabel),
    edgeCount: graph.edgeCount - 1,
    rawEdgeCount: graph.rawEdgeCount - 1,
  };
}

/** The edge leads to a node that no edge of its source and label leads to; undefined: there is none. */
export function ledElsewhere(graph: StateGraph, edge: number): StateGraph | undefined {
  const source = edgeSource(graph, edge);
  const label = graph.edgeLabel[edge];
  const taken = new Set<number>();
  for (let e = graph.edgeOffset[source] ?? 0; e < (graph.edgeOffset[source + 1] ?? 0); e += 1) {
    if (graph.edgeLabel[e] === label) taken.add(graph.edgeTarget[e] ?? -1);
  }
  for (let node = 0; node < graph.nodeCount; node += 1) {
    if (taken.has(node)) continue;
    const edgeTarget = graph.edgeTarget.slice();
    edgeTarget[edge] = node;
    return { ...graph, edgeTarget };
  }
  return undefined;
}
