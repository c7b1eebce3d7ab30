/**
 * What of a spec was reached, from the edges that were taken: by action, and by action and arguments
 * with the reached states in which its guard is true, and in which it is false. A guard that was never
 * false where the code has been is a guard that nothing has tried.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { EdgeCoverage, labelText } from '../replay/coverage.ts';
import type { CoveredBinding } from '../report/coverageReport.ts';

type Reached = Pick<
  CoveredBinding,
  'states' | 'statesReached' | 'edges' | 'reached' | 'actions' | 'guards' | 'never'
>;

export function reachedOf(
  graph: StateGraph,
  taken: Uint8Array,
  o: {
    readonly actions: readonly string[];
    readonly ignored: readonly string[];
    /** Steps of recorded traces, by action. */
    readonly recorded: ReadonlyMap<string, number>;
  },
): Reached {
  const coverage = new EdgeCoverage(graph, o.ignored);
  coverage.merge(taken);
  const states = statesOf(graph, taken);
  const statesReached = states.reduce((sum, one) => sum + one, 0);
  const allowed = allowedIn(graph, states);
  const guards = coverage.labels().map(({ action, edges, replayed }, label) => ({
    ...{ label: labelText(graph, label), action, edges, reached: replayed },
    ...{ allowedIn: allowed[label]!, forbiddenIn: statesReached - allowed[label]! },
  }));
  const actions = coverage.actions(o.actions).map(({ action, edges, replayed, ignored }) => ({
    ...{ action, ignored: ignored === true, edges, reached: replayed },
    recorded: o.recorded.get(action) ?? 0,
  }));
  const never = [
    ...actions
      .filter(({ reached, recorded }) => reached === 0 && recorded === 0)
      .map(({ action, edges }) => (edges === 0 ? `${action}: the model never does it` : action)),
    ...guards
      .filter(({ reached, edges, action }) => {
        const whole = actions.find((each) => each.action === action);
        return reached === 0 && edges > 0 && (whole?.reached ?? 0) > 0;
      })
      .map(({ label }) => label),
  ];
  const { replayed } = coverage;
  return {
    ...{ states: graph.nodeCount, statesReached, edges: graph.edgeCount, reached: replayed },
    ...{ actions, guards, never },
  };
}

/** By node: 1 where a taken edge begins or ends. */
function statesOf(graph: StateGraph, taken: Uint8Array): Uint8Array {
  const states = new Uint8Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node += 1) {
    for (let edge = graph.edgeOffset[node]!; edge < graph.edgeOffset[node + 1]!; edge += 1) {
      if (taken[edge] !== 1) continue;
      states[node] = 1;
      states[graph.edgeTarget[edge]!] = 1;
    }
  }
  return states;
}

/** By label: the reached states that have an edge of it. */
function allowedIn(graph: StateGraph, states: Uint8Array): Int32Array {
  const counts = new Int32Array(graph.labels.length);
  for (let node = 0; node < graph.nodeCount; node += 1) {
    if (states[node] !== 1) continue;
    const labels = new Set<number>();
    for (let edge = graph.edgeOffset[node]!; edge < graph.edgeOffset[node + 1]!; edge += 1)
      labels.add(graph.edgeLabel[edge]!);
    for (const label of labels) counts[label] = counts[label]! + 1;
  }
  return counts;
}
