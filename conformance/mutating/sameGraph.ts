/**
 * Whether two graphs of one spec are the same: the same states, the same steps between them under
 * the same labels, the same initial states. Numbers of states and values may differ.
 */
import type { StateGraph } from '../behaviour/graph.ts';

export function sameGraph(a: StateGraph, b: StateGraph): boolean {
  if (a.nodeCount !== b.nodeCount || a.edgeCount !== b.edgeCount) return false;
  if (a.initial.length !== b.initial.length) return false;
  const known = new Map(statesOf(a).map((state, node) => [state, node]));
  const asInA = statesOf(b).map((state) => known.get(state) ?? -1);
  if (asInA.includes(-1)) return false;
  const initial = new Set(a.initial);
  if (![...b.initial].every((node) => initial.has(asInA[node]!))) return false;
  const edges = new Set(edgesOf(a, (node) => node));
  for (const edge of edgesOf(b, (node) => asInA[node]!)) if (!edges.has(edge)) return false;
  return true;
}

/** Canonical text of every state, in the order of the variables' names. */
function statesOf({ variables, values, states, nodeCount }: StateGraph): string[] {
  const width = variables.length;
  const order = [...variables.keys()].sort((i, j) => (variables[i]! < variables[j]! ? -1 : 1));
  const texts = new Map<number, string>();
  const text = (id: number): string => {
    const old = texts.get(id);
    if (old !== undefined) return old;
    const made = values.format(id);
    texts.set(id, made);
    return made;
  };
  return Array.from({ length: nodeCount }, (_, node) =>
    order.map((at) => text(states[node * width + at]!)).join('\n'),
  );
}

function* edgesOf(graph: StateGraph, node: (own: number) => number): Generator<string> {
  const { values, labels, edgeOffset, edgeTarget, edgeLabel, nodeCount } = graph;
  const names = labels.map(({ action, args }) =>
    [action, ...args.map((arg) => values.format(values.intern(arg)))].join(' '),
  );
  for (let from = 0; from < nodeCount; from += 1) {
    for (let edge = edgeOffset[from]!; edge < edgeOffset[from + 1]!; edge += 1) {
      yield `${node(from)} ${node(edgeTarget[edge]!)} ${names[edgeLabel[edge]!]}`;
    }
  }
}
