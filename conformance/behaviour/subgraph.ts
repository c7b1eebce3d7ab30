/**
 * A graph without some of its edges: the same states under the same numbers, and for each edge left
 * its number in the whole graph.
 */
import type { StateGraph } from './graph.ts';
import type { Path } from './tour.ts';

export interface Subgraph {
  readonly graph: StateGraph;
  /** By edge of the subgraph: its number in the whole. */
  readonly edges: Int32Array;
}

/** `isLeft` by label: 1 where its edges are left out. */
export function withoutLabels(graph: StateGraph, isLeft: Uint8Array): Subgraph {
  const kept: number[] = [];
  const edgeOffset = new Int32Array(graph.nodeCount + 1);
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const end = graph.edgeOffset[node + 1]!;
    for (let edge = graph.edgeOffset[node]!; edge < end; edge += 1)
      if (isLeft[graph.edgeLabel[edge]!] !== 1) kept.push(edge);
    edgeOffset[node + 1] = kept.length;
  }
  const edges = Int32Array.from(kept);
  const part: StateGraph = {
    ...graph,
    edgeOffset,
    edgeTarget: edges.map((edge) => graph.edgeTarget[edge]!),
    edgeLabel: edges.map((edge) => graph.edgeLabel[edge]!),
    edgeCount: edges.length,
    rawEdgeCount: edges.length,
  };
  return { graph: part, edges };
}

/** A path of the subgraph as one of the whole. */
export function inWhole({ edges }: Subgraph, path: Path): Path {
  return { start: path.start, edges: path.edges.map((edge) => edges[edge]!) };
}
