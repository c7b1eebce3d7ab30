/**
 * Known-bad cases for replay: a behaviour with a state that no code shows, and a graph that lacks a
 * step which the code can do. A replay that accepts either checks nothing.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';
import { pathTree, type Path } from '../behaviour/tour.ts';
import { withoutEdge } from '../verify/sabotage.ts';

/** The same behaviour, in whose last state one visible variable has a value nobody wrote. */
export function spoiltTrace(trace: Trace, hidden: readonly string[] = []): Trace | undefined {
  const { variables, values, length } = trace;
  const column = variables.findIndex((name) => !hidden.includes(name));
  if (column < 0 || length === 0) return undefined;
  const states = trace.states.slice();
  states[(length - 1) * variables.length + column] = values.intern('bisim: what nobody wrote');
  return { ...trace, states };
}

export interface LackingStep {
  readonly graph: StateGraph;
  /** To the state that lacks its step. */
  readonly path: Path;
  readonly action: string;
}

/** The graph without one step that is the only one of its label there, and the way to that place. */
export function lackingStep(
  graph: StateGraph,
  ignored: readonly string[] = [],
): LackingStep | undefined {
  const tree = pathTree(graph);
  for (const node of tree.order) {
    const first = graph.edgeOffset[node]!;
    const end = graph.edgeOffset[node + 1]!;
    for (let edge = first; edge < end && end - first > 1; edge += 1) {
      const { action } = graph.labels[graph.edgeLabel[edge]!]!;
      if (ignored.includes(action) || graph.edgeTarget[edge] === node) continue;
      if (labelCount(graph, edge, [first, end]) > 1) continue;
      const path = tree.pathTo(node);
      if (path.edges.includes(edge)) continue;
      const edges = path.edges.map((each) => (each > edge ? each - 1 : each));
      return { graph: withoutEdge(graph, edge), path: { start: path.start, edges }, action };
    }
  }
  return undefined;
}

function labelCount(graph: StateGraph, edge: number, [from, to]: [number, number]): number {
  let count = 0;
  for (let other = from; other < to; other += 1)
    if (graph.edgeLabel[other] === graph.edgeLabel[edge]) count += 1;
  return count;
}
