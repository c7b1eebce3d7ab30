/**
 * A state graph as TLC explored it: compact, all numbers in typed arrays.
 *
 * What must hold: edges are unique (source, label, target), in compressed rows by source, self-loops
 * kept; every node number is below nodeCount; equal states have one number.
 */
import type { TlaValue } from '../value/value.ts';
import type { ValueTable } from '../value/table.ts';
import { GraphError } from './graphError.ts';

export interface EdgeLabel {
  readonly action: string;
  readonly args: readonly TlaValue[];
}

export interface StateGraph {
  readonly variables: readonly string[];
  readonly values: ValueTable;
  readonly nodeCount: number;
  /** nodeCount rows of one value number per variable. */
  readonly states: Int32Array;
  /** Node numbers. */
  readonly initial: Int32Array;
  /** nodeCount + 1 offsets: the edges of node n are edgeOffset[n] up to edgeOffset[n + 1]. */
  readonly edgeOffset: Int32Array;
  readonly edgeTarget: Int32Array;
  /** Positions in `labels`. */
  readonly edgeLabel: Int32Array;
  readonly labels: readonly EdgeLabel[];
  readonly edgeCount: number;
  /** Edge lines of the dump, before repeats were dropped. */
  readonly rawEdgeCount: number;
}

/** What of TLC's own statistics a complete graph must agree with. */
export interface GraphCounts {
  readonly distinct: number;
  readonly generated: number;
  readonly queue: number;
  /** Initial states generated; the graph's own count where TLC's is not at hand. */
  readonly initial?: number | undefined;
  /** The cfg has a CONSTRAINT or an ACTION_CONSTRAINT: TLC counts, but does not dump, what it cuts. */
  readonly constrained?: boolean | undefined;
}

/**
 * Throws unless the graph is all that TLC explored. TLC reports success, and exits with 0, also where
 * its dump was cut short by a full disk or a reader that died; only the counts tell.
 */
export function assertComplete(graph: StateGraph, counts: GraphCounts): void {
  const next =
    'run TLC again with space on the disk; a graph of a stopped or failed run is no basis';
  if (counts.queue !== 0) {
    throw new GraphError(
      'wrong-count',
      `TLC stopped with ${counts.queue} states on its queue`,
      next,
    );
  }
  if (graph.nodeCount !== counts.distinct) {
    throw new GraphError(
      'wrong-count',
      `the dump has ${graph.nodeCount} states, TLC found ${counts.distinct}`,
      next,
    );
  }
  const expected = counts.generated - (counts.initial ?? graph.initial.length);
  const wrong = counts.constrained
    ? graph.rawEdgeCount > expected
    : graph.rawEdgeCount !== expected;
  if (wrong) {
    throw new GraphError(
      'wrong-count',
      `the dump has ${graph.rawEdgeCount} edges, TLC generated ${expected} successor states`,
      next,
    );
  }
}

/** The node an edge starts from: a binary search, for reports and not for loops. */
export function edgeSource(graph: StateGraph, edge: number): number {
  let low = 0;
  let high = graph.nodeCount;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (graph.edgeOffset[middle]! <= edge) low = middle;
    else high = middle;
  }
  return low;
}

/** The state of a node as a record of frozen JavaScript values. */
export function stateOf(graph: StateGraph, node: number): Record<string, TlaValue> {
  const width = graph.variables.length;
  const state: Record<string, TlaValue> = {};
  for (let i = 0; i < width; i++) {
    state[graph.variables[i]!] = graph.values.value(graph.states[node * width + i]!);
  }
  return state;
}
