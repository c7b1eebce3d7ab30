/** Recorded states and steps as edges of a graph. */
import type { EdgeLabel, StateGraph } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';

export interface Followed {
  /** The edges that the steps can have been; several where a step does not tell its action. */
  readonly edges: readonly number[];
  /** The first state or step that is none of the graph's; undefined where all are. */
  readonly strayAt?: number;
}

/** Finds the nodes of a graph by their states; the traces must share the graph's values. */
export class GraphFinder {
  private readonly graph: StateGraph;
  private readonly nodes = new Map<string, number>();

  constructor(graph: StateGraph) {
    this.graph = graph;
    const width = graph.variables.length;
    for (let node = 0; node < graph.nodeCount; node += 1) {
      const row = graph.states.subarray(node * width, (node + 1) * width);
      this.nodes.set(row.join(), node);
    }
  }

  /** Follows a trace as far as the graph has its states and steps. */
  follow(trace: Trace): Followed {
    const width = this.graph.variables.length;
    const edges: number[] = [];
    let before: number | undefined;
    for (let at = 0; at < trace.length; at += 1) {
      const node = this.nodes.get(trace.states.subarray(at * width, (at + 1) * width).join());
      if (node === undefined) return { edges, strayAt: at };
      if (before !== undefined) {
        const found = this.between(before, node, trace.labels[at - 1]);
        const stutters = before === node && trace.labels[at - 1] === undefined;
        if (found.length === 0 && !stutters) return { edges, strayAt: at };
        edges.push(...found);
      }
      before = node;
    }
    return { edges };
  }

  private between(from: number, to: number, told: EdgeLabel | undefined): number[] {
    const { edgeOffset, edgeTarget } = this.graph;
    const found: number[] = [];
    for (let edge = edgeOffset[from]!; edge < edgeOffset[from + 1]!; edge += 1)
      if (edgeTarget[edge] === to && this.isTold(edge, told)) found.push(edge);
    return found;
  }

  private isTold(edge: number, told: EdgeLabel | undefined): boolean {
    const { labels, edgeLabel, values } = this.graph;
    if (told === undefined) return true;
    const { action, args } = labels[edgeLabel[edge]!]!;
    if (action !== told.action) return false;
    if (args.length !== told.args.length) return true;
    return args.every((arg, i) => values.intern(arg) === values.intern(told.args[i]!));
  }
}
