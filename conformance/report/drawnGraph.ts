/**
 * A state graph as the report shows it: states and steps of small ones, of large ones the steps by
 * action and how many steps leave a state.
 */
import type { EdgeLabel, StateGraph } from '../behaviour/graph.ts';
import type { DrawnGraph, GraphNode } from './reportPage.ts';

/** Graphs beyond this are summarised, not drawn. */
export const drawnStatesMax = 300;
const drawnEdgesMax = 1_200;

export function drawnGraph(name: string, graph: StateGraph): DrawnGraph {
  const { nodeCount, edgeCount } = graph;
  const small = nodeCount <= drawnStatesMax && edgeCount <= drawnEdgesMax;
  return {
    name,
    states: nodeCount,
    edges: edgeCount,
    actions: actionsOf(graph),
    degrees: degreesOf(graph),
    ...(small ? { nodes: nodesOf(graph), arrows: arrowsOf(graph) } : {}),
  };
}

function actionsOf({ labels, edgeLabel }: StateGraph): DrawnGraph['actions'] {
  const byAction = new Map<string, number>();
  for (const at of edgeLabel) {
    const action = labels[at]?.action ?? '';
    byAction.set(action, (byAction.get(action) ?? 0) + 1);
  }
  return [...byAction]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([action, edges]) => ({ action, edges }));
}

function degreesOf({ nodeCount, edgeOffset }: StateGraph): NonNullable<DrawnGraph['degrees']> {
  const byDegree = new Map<number, number>();
  for (let node = 0; node < nodeCount; node += 1) {
    const degree = (edgeOffset[node + 1] ?? 0) - (edgeOffset[node] ?? 0);
    byDegree.set(degree, (byDegree.get(degree) ?? 0) + 1);
  }
  return [...byDegree].sort(([a], [b]) => a - b).map(([degree, states]) => ({ degree, states }));
}

function nodesOf({ nodeCount, variables, states, values, initial }: StateGraph): GraphNode[] {
  const first = new Set(initial);
  return Array.from({ length: nodeCount }, (_, id) => {
    const row = states.subarray(id * variables.length);
    const state = variables.map((name, at) => [name, values.format(row[at] ?? 0)] as const);
    return { id, initial: first.has(id), state: Object.fromEntries(state) };
  });
}

function arrowsOf(graph: StateGraph): NonNullable<DrawnGraph['arrows']> {
  const { nodeCount, edgeOffset, edgeTarget, edgeLabel, labels, values } = graph;
  const texts = labels.map((label) => labelText(label, values));
  const arrows: { from: number; to: number; label: string }[] = [];
  for (let from = 0; from < nodeCount; from += 1) {
    for (let edge = edgeOffset[from] ?? 0; edge < (edgeOffset[from + 1] ?? 0); edge += 1) {
      const label = texts[edgeLabel[edge] ?? 0] ?? '';
      arrows.push({ from, to: edgeTarget[edge] ?? 0, label });
    }
  }
  return arrows;
}

function labelText({ action, args }: EdgeLabel, values: StateGraph['values']): string {
  if (args.length === 0) return action;
  return `${action}(${args.map((value) => values.format(values.intern(value))).join(', ')})`;
}
