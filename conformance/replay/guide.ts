/**
 * Where a random walk goes: to labels no walk has taken yet, then to edges, then on the shortest way
 * to a node that has some, and now and then anywhere, since what is covered once is not all there is.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Random } from './random.ts';

const searchNodesMax = 512;
const anywhereEvery = 8;

export class Guide {
  private readonly graph: StateGraph;
  private readonly taken: Uint8Array;
  private readonly labels: Uint8Array;
  private readonly left: Uint8Array;
  /** Nodes from which no edge is left, as far as was searched. */
  private readonly spent: Uint8Array;

  /** `left` by label: 1 where its edges are never taken. */
  constructor(graph: StateGraph, left: Uint8Array) {
    this.graph = graph;
    this.left = left;
    this.taken = new Uint8Array(graph.edgeCount);
    this.labels = new Uint8Array(graph.labels.length);
    this.spent = new Uint8Array(graph.nodeCount);
  }

  copy(): Guide {
    const copy = new Guide(this.graph, this.left);
    copy.taken.set(this.taken);
    copy.labels.set(this.labels);
    copy.spent.set(this.spent);
    return copy;
  }

  merge(other: Guide): void {
    for (let i = 0; i < this.taken.length; i += 1) if (other.taken[i] === 1) this.taken[i] = 1;
    for (let i = 0; i < this.labels.length; i += 1) if (other.labels[i] === 1) this.labels[i] = 1;
  }

  take(edge: number): void {
    this.taken[edge] = 1;
    this.labels[this.graph.edgeLabel[edge]!] = 1;
  }

  /** Whether nothing new can be reached from there, and the walk may as well begin anew. */
  isDone(node: number, random: Random): boolean {
    return this.spent[node] === 1 && random.below(anywhereEvery) === 0;
  }

  /** The edge to try from one of `nodes`; -1 where none leaves them. */
  next(nodes: readonly number[], random: Random): number {
    const edges = nodes.flatMap((node) => this.edgesOf(node));
    if (edges.length === 0) return -1;
    const { graph, labels, taken } = this;
    const unseen = edges.filter((edge) => labels[graph.edgeLabel[edge]!] === 0);
    if (unseen.length > 0) return random.pick(unseen);
    const untaken = edges.filter((edge) => taken[edge] === 0);
    if (untaken.length > 0) return random.pick(untaken);
    if (random.below(anywhereEvery) === 0) return random.pick(edges);
    const way = this.wayFrom(nodes[0]!);
    return way >= 0 ? way : random.pick(edges);
  }

  private edgesOf(node: number): number[] {
    const { edgeOffset, edgeLabel } = this.graph;
    const edges: number[] = [];
    for (let edge = edgeOffset[node]!; edge < edgeOffset[node + 1]!; edge += 1)
      if (this.left[edgeLabel[edge]!] !== 1) edges.push(edge);
    return edges;
  }

  /** The first edge of a shortest way to an edge not taken yet; -1 where none is near. */
  private wayFrom(from: number): number {
    if (this.spent[from] === 1) return -1;
    const first = new Map<number, number>([[from, -1]]);
    const queue = [from];
    for (let i = 0; i < queue.length && queue.length < searchNodesMax; i += 1) {
      const node = queue[i]!;
      for (const edge of this.edgesOf(node)) {
        const begun = first.get(node)!;
        if (this.taken[edge] === 0) return begun < 0 ? edge : begun;
        const target = this.graph.edgeTarget[edge]!;
        if (first.has(target)) continue;
        first.set(target, begun < 0 ? edge : begun);
        queue.push(target);
      }
    }
    if (queue.length < searchNodesMax) for (const node of queue) this.spent[node] = 1;
    return -1;
  }
}
