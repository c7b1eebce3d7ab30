/**
 * What a state graph is like in a few numbers. What must hold: every number is of the whole graph,
 * none is sampled.
 */
import type { StateGraph } from './graph.ts';

export interface Degrees {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

export interface GraphSummary {
  readonly states: number;
  readonly initial: number;
  readonly edges: number;
  /** States on the longest of the shortest paths from an initial state, as TLC counts depth. */
  readonly depth: number;
  readonly out: Degrees;
  readonly in: Degrees;
  /** States that no edge leaves. */
  readonly deadlocks: number;
  /** Edges from a state to itself. */
  readonly loops: number;
  /** In the order of the labels; actions without any edge are there too. */
  readonly actions: readonly { readonly action: string; readonly edges: number }[];
}

export function graphSummary(graph: StateGraph): GraphSummary {
  const { nodeCount, edgeCount, edgeOffset, edgeTarget } = graph;
  const incoming = new Int32Array(nodeCount);
  const outgoing = new Int32Array(nodeCount);
  let loops = 0;
  for (let node = 0; node < nodeCount; node += 1) {
    const [from, to] = [edgeOffset[node]!, edgeOffset[node + 1]!];
    outgoing[node] = to - from;
    for (let edge = from; edge < to; edge += 1) {
      const target = edgeTarget[edge]!;
      incoming[target]! += 1;
      if (target === node) loops += 1;
    }
  }
  return {
    states: nodeCount,
    initial: graph.initial.length,
    edges: edgeCount,
    depth: depthOf(graph),
    out: degreesOf(outgoing),
    in: degreesOf(incoming),
    deadlocks: outgoing.reduce((count, degree) => count + (degree === 0 ? 1 : 0), 0),
    loops,
    actions: actionsOf(graph),
  };
}

function degreesOf(degrees: Int32Array): Degrees {
  if (degrees.length === 0) return { min: 0, mean: 0, max: 0 };
  let [min, max, sum] = [Infinity, 0, 0];
  for (const degree of degrees) {
    min = Math.min(min, degree);
    max = Math.max(max, degree);
    sum += degree;
  }
  return { min, mean: Math.round((sum / degrees.length) * 100) / 100, max };
}

function depthOf({ nodeCount, initial, edgeOffset, edgeTarget }: StateGraph): number {
  const seen = new Uint8Array(nodeCount);
  let level = [...new Set(initial)];
  for (const node of level) seen[node] = 1;
  let depth = 0;
  while (level.length > 0) {
    depth += 1;
    const next: number[] = [];
    for (const node of level) {
      for (let edge = edgeOffset[node]!; edge < edgeOffset[node + 1]!; edge += 1) {
        const target = edgeTarget[edge]!;
        if (seen[target] === 1) continue;
        seen[target] = 1;
        next.push(target);
      }
    }
    level = next;
  }
  return depth;
}

function actionsOf({ labels, edgeLabel }: StateGraph): GraphSummary['actions'] {
  const counts = new Map(labels.map(({ action }) => [action, 0]));
  for (const label of edgeLabel) {
    const action = labels[label]?.action ?? '';
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  return [...counts].map(([action, edges]) => ({ action, edges }));
}
