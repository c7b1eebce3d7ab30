/**
 * Paths through a state graph: tours that together take every reachable edge, and shortest paths.
 *
 * A tour follows edges no tour has taken yet; where there are none it goes on to the nearest node that
 * has some, if that is near; else it ends. The next starts at the first state, in breadth-first order,
 * that has edges left. What must hold: each reachable edge is taken, no tour is longer than asked, and
 * the work stays near-linear: a node from which nothing is left is never searched again.
 */
import type { StateGraph } from './graph.ts';
import { GraphError } from './graphError.ts';

export interface Path {
  /** An initial state. */
  readonly start: number;
  /** Edge numbers; each starts where the one before ends. */
  readonly edges: Int32Array;
}

export interface TourOptions {
  /** The most edges a tour may have; it must exceed the graph's depth. */
  readonly maxLength: number;
  /** Another seed gives other tours of the same edges. */
  readonly seed?: number | undefined;
  /** Start nodes instead of the graph's initial ones. */
  readonly from?: ArrayLike<number> | undefined;
  /** By edge: 1 where it need not be taken. */
  readonly needless?: Uint8Array | undefined;
  /** Only states have to be reached, each by any edge. */
  readonly states?: boolean | undefined;
}

/** How many nodes a tour looks at to find more edges before it ends instead. */
const searchNodesMax = 512;

/** Shortest paths from a set of start nodes. */
export class PathTree {
  /** Reached nodes, nearest first. */
  readonly order: Int32Array;
  readonly depth: Int32Array;
  /** The edge by which a node is reached; -1 for start nodes and for unreached ones. */
  readonly edge: Int32Array;
  private readonly source: Int32Array;

  constructor(graph: StateGraph, from: ArrayLike<number>) {
    const order = new Int32Array(graph.nodeCount);
    this.depth = new Int32Array(graph.nodeCount).fill(-1);
    this.edge = new Int32Array(graph.nodeCount).fill(-1);
    this.source = new Int32Array(graph.nodeCount).fill(-1);
    let count = 0;
    for (let i = 0; i < from.length; i++) {
      const node = from[i]!;
      if (this.depth[node] !== -1) continue;
      this.depth[node] = 0;
      order[count++] = node;
    }
    for (let i = 0; i < count; i++) {
      const node = order[i]!;
      for (let e = graph.edgeOffset[node]!; e < graph.edgeOffset[node + 1]!; e++) {
        const target = graph.edgeTarget[e]!;
        if (this.depth[target] !== -1) continue;
        this.depth[target] = this.depth[node]! + 1;
        this.edge[target] = e;
        this.source[target] = node;
        order[count++] = target;
      }
    }
    this.order = order.subarray(0, count);
  }

  pathTo(node: number): Path {
    const length = this.depth[node] ?? -1;
    if (length < 0) {
      throw new GraphError(
        'unreachable',
        `no path leads from the start to node ${node}`,
        'ask for a node that an initial state of the graph reaches',
      );
    }
    const edges = new Int32Array(length);
    let at = node;
    for (let i = length - 1; i >= 0; i--) {
      edges[i] = this.edge[at]!;
      at = this.source[at]!;
    }
    return { start: at, edges };
  }
}

const trees = new WeakMap<StateGraph, PathTree>();

/** The shortest paths from the graph's initial states; computed once a graph. */
export function pathTree(graph: StateGraph): PathTree {
  let tree = trees.get(graph);
  if (tree === undefined) {
    tree = new PathTree(graph, graph.initial);
    trees.set(graph, tree);
  }
  return tree;
}

/** A shortest path from an initial state to `node`. */
export function shortestPath(graph: StateGraph, node: number): Path {
  return pathTree(graph).pathTo(node);
}

/** Tours from initial states that together take every reachable edge. */
export function* edgeTours(graph: StateGraph, options: TourOptions): Generator<Path, void, void> {
  const tree = options.from === undefined ? pathTree(graph) : new PathTree(graph, options.from);
  refuseShort(graph, tree, options.maxLength);
  const search = new TourSearch(graph, options, tree);
  for (const first of tree.order) {
    while (search.open(first)) {
      const prefix = tree.pathTo(first);
      const path: number[] = [];
      for (const edge of prefix.edges) search.take(edge, path, graph.edgeTarget[edge]!);
      extend(search, path, first, options.maxLength);
      yield { start: prefix.start, edges: Int32Array.from(path) };
    }
  }
}

function refuseShort(graph: StateGraph, tree: PathTree, maxLength: number): void {
  for (const node of tree.order) {
    if (tree.depth[node]! < maxLength) continue;
    if (graph.edgeOffset[node] === graph.edgeOffset[node + 1]) continue;
    throw new GraphError(
      'unreachable',
      `tours of at most ${maxLength} edges cannot take the edges of states at depth ${tree.depth[node]}`,
      `give a maxLength above the depth of the graph`,
    );
  }
}

function extend(search: TourSearch, path: number[], first: number, maxLength: number): void {
  let node = first;
  while (path.length < maxLength) {
    const edge = search.next(node);
    if (edge >= 0) {
      node = search.take(edge, path, search.graph.edgeTarget[edge]!);
      continue;
    }
    const bridge = search.bridge(node, maxLength - path.length - 1);
    if (bridge === undefined) return;
    for (const step of bridge) node = search.take(step, path, search.graph.edgeTarget[step]!);
  }
}

class TourSearch {
  readonly graph: StateGraph;
  private readonly taken: Uint8Array;
  /** Per node: how many of its edges, counted from its first choice, are known to be taken. */
  private readonly cursor: Int32Array;
  private readonly seed: number;
  /** Nodes from which no edge is left. */
  private readonly spent: Uint8Array;
  private readonly visited: Int32Array;
  private readonly via: Int32Array;
  private readonly before: Int32Array;
  private readonly queue: Int32Array = new Int32Array(searchNodesMax + 1);
  private readonly hops: Int32Array = new Int32Array(searchNodesMax + 1);
  private round = 0;

  /** By state: the edge that is to reach it; undefined where every edge is to be taken. */
  private readonly reaching: Int32Array | undefined;

  constructor(graph: StateGraph, options: TourOptions, tree: PathTree) {
    this.graph = graph;
    this.seed = options.seed ?? 0;
    this.reaching = options.states === true ? tree.edge : undefined;
    this.taken = options.needless?.slice() ?? new Uint8Array(graph.edgeCount);
    if (this.reaching !== undefined) {
      this.taken.fill(1);
      for (const edge of this.reaching) if (edge >= 0) this.taken[edge] = 0;
    }
    this.cursor = new Int32Array(graph.nodeCount);
    this.spent = new Uint8Array(graph.nodeCount);
    this.visited = new Int32Array(graph.nodeCount);
    this.via = new Int32Array(graph.nodeCount);
    this.before = new Int32Array(graph.nodeCount);
  }

  /** The node's next edge that no tour has taken; -1 where all are. */
  next(node: number): number {
    const first = this.graph.edgeOffset[node]!;
    const degree = this.graph.edgeOffset[node + 1]! - first;
    if (this.cursor[node]! >= degree) return -1;
    const turn = this.seed === 0 ? 0 : (Math.imul(node ^ this.seed, 0x9e3779b1) >>> 8) % degree;
    for (let i = this.cursor[node]!; i < degree; i++) {
      const edge = first + ((i + turn) % degree);
      if (this.taken[edge] === 0) {
        this.cursor[node] = i;
        return edge;
      }
    }
    this.cursor[node] = degree;
    return -1;
  }

  open(node: number): boolean {
    return this.next(node) >= 0;
  }

  /** Returns the node the edge leads to. */
  take(edge: number, path: number[], target: number): number {
    this.taken[edge] = 1;
    const reaching = this.reaching?.[target] ?? -1;
    if (reaching >= 0) this.taken[reaching] = 1;
    path.push(edge);
    return target;
  }

  /** The shortest way, of at most `hopsMax` edges, to a node with edges left; undefined if none is near. */
  bridge(from: number, hopsMax: number): number[] | undefined {
    if (hopsMax <= 0) return undefined;
    const { queue, hops, graph } = this;
    const round = ++this.round;
    this.visited[from] = round;
    queue[0] = from;
    hops[0] = 0;
    let count = 1;
    let complete = true;
    for (let i = 0; i < count; i++) {
      const node = queue[i]!;
      if (hops[i]! >= hopsMax) {
        complete = false;
        break;
      }
      for (let e = graph.edgeOffset[node]!; e < graph.edgeOffset[node + 1]!; e++) {
        const target = graph.edgeTarget[e]!;
        if (this.visited[target] === round || this.spent[target] === 1) continue;
        this.visited[target] = round;
        this.via[target] = e;
        this.before[target] = node;
        if (this.open(target)) return this.way(from, target);
        if (count > searchNodesMax) return undefined;
        queue[count] = target;
        hops[count++] = hops[i]! + 1;
      }
    }
    if (complete) for (let i = 0; i < count; i++) this.spent[queue[i]!] = 1;
    return undefined;
  }

  private way(from: number, to: number): number[] {
    const edges: number[] = [];
    for (let at = to; at !== from; at = this.before[at]!) edges.push(this.via[at]!);
    return edges.reverse();
  }
}
