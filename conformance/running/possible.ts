/**
 * Where in the graph a subject can be, as far as what it shows tells: one node, or several where
 * variables are hidden. What must hold: the node it is at, if it obeys the model, is always among them.
 */
import type { World } from './world.ts';

export type Nodes = readonly number[];

export function initialNodes<S>(world: World<S>, row: Int32Array): Nodes {
  return Array.from(world.graph.initial).filter((node) => world.shows(row, node));
}

/** Edges of that label from any of the nodes; all labels where it is undefined. */
export function edgesOf<S>({ graph }: World<S>, nodes: Nodes, label: number | undefined): number[] {
  const edges: number[] = [];
  for (const node of nodes) {
    const end = graph.edgeOffset[node + 1]!;
    for (let edge = graph.edgeOffset[node]!; edge < end; edge += 1)
      if (label === undefined || graph.edgeLabel[edge] === label) edges.push(edge);
  }
  return edges;
}

/** The edges that lead to what is shown. */
export function matching<S>(world: World<S>, edges: readonly number[], row: Int32Array): number[] {
  return edges.filter((edge) => world.shows(row, world.graph.edgeTarget[edge]!));
}

export function targets<S>({ graph }: World<S>, edges: readonly number[]): Nodes {
  if (edges.length === 1) return [graph.edgeTarget[edges[0]!]!];
  return [...new Set(edges.map((edge) => graph.edgeTarget[edge]!))].sort((a, b) => a - b);
}

/** Whether each of the nodes has an edge of that label that leads to what `target` shows. */
export function allLead<S>(
  world: World<S>,
  nodes: Nodes,
  o: { readonly label: number; readonly target: number },
): boolean {
  return nodes.every((node) =>
    edgesOf(world, [node], o.label).some((edge) =>
      world.sameView(world.graph.edgeTarget[edge]!, o.target),
    ),
  );
}
