/**
 * The suite's own check: a graph that differs from the model in one edge must be rejected. A suite that
 * accepts it checks nothing.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { edgeToSpoil, ledElsewhere, withoutEdge } from '../verify/sabotage.ts';

export interface SpoiltGraph {
  /** `rejects the model without one step of Prepare`. */
  readonly title: string;
  readonly graph: StateGraph;
  /** The spoilt edge, and the action it belongs to. */
  readonly edge: number;
}

export function spoiltGraphs(graph: StateGraph): SpoiltGraph[] {
  const edge = edgeToSpoil(graph) ?? (graph.edgeCount > 0 ? 0 : undefined);
  if (edge === undefined) return [];
  const action = graph.labels[graph.edgeLabel[edge] ?? 0]?.action ?? '';
  const made: SpoiltGraph[] = [];
  if (edgeToSpoil(graph) !== undefined) {
    const title = `rejects the model without one step of ${action}`;
    made.push({ title, graph: withoutEdge(graph, edge), edge });
  }
  const elsewhere = ledElsewhere(graph, edge);
  if (elsewhere !== undefined) {
    made.push({
      title: `rejects the model with one step of ${action} led elsewhere`,
      graph: elsewhere,
      edge,
    });
  }
  return made;
}
