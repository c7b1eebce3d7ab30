/**
 * Tours by what they are to cover: every edge, every state, or every path of so many edges in a row
 * (bugs that need one step after another show in pairs, not in single edges).
 */
import type { StateGraph } from './graph.ts';
import { GraphError } from './graphError.ts';
import { edgeTours, type Path, pathTree } from './tour.ts';

export type TourCoverage = 'edge' | 'state' | 'path';

export interface CoverOptions {
  readonly coverage: TourCoverage;
  readonly maxLength?: number | undefined;
  readonly seed?: number | undefined;
  /** How many edges in a row `path` covers. Default 2. */
  readonly inRow?: number | undefined;
}

/** Tours a little longer than the graph is deep: many, and each goes far. */
const tourLengthMin = 30;
const tourBeyondDepth = 10;
const rowsMax = 20_000_000;

export function tourLength(graph: StateGraph): number {
  const deepest = pathTree(graph).depth.reduce((a, b) => Math.max(a, b), 0);
  return Math.max(tourLengthMin, deepest + tourBeyondDepth);
}

export function* coverTours(graph: StateGraph, o: CoverOptions): Generator<Path, void, void> {
  const { coverage, seed, maxLength = tourLength(graph) } = o;
  if (coverage !== 'path') {
    const states = coverage === 'state';
    yield* edgeTours(graph, { maxLength, seed, states });
    return;
  }
  let rows = rowsOfOne(graph);
  yield* shortRows(graph, rows);
  for (let length = 2; length < (o.inRow ?? 2); length += 1) {
    rows = longerRows(graph, rows);
    yield* shortRows(graph, rows);
  }
  const deepest = pathTree(rows.graph).depth.reduce((a, b) => Math.max(a, b), 0);
  const longest = Math.max(maxLength, deepest + tourBeyondDepth);
  for (const tour of edgeTours(rows.graph, { maxLength: longest, seed })) {
    yield pathOf(graph, rows, tour);
  }
}

/** Rows of edges as the nodes of a graph, whose edges are the rows that are longer by one. */
interface Rows {
  readonly graph: StateGraph;
  /** By row: its last edge, and all of its edges, first to last. */
  readonly last: Int32Array;
  edgesOf(row: number): readonly number[];
}

function rowsOfOne(graph: StateGraph): Rows {
  const last = Int32Array.from({ length: graph.edgeCount }, (_, edge) => edge);
  const initial: number[] = [];
  for (const node of new Set(graph.initial)) {
    const end = graph.edgeOffset[node + 1]!;
    for (let edge = graph.edgeOffset[node]!; edge < end; edge += 1) initial.push(edge);
  }
  const next = (row: number): [number, number] => span(graph, graph.edgeTarget[row]!);
  return {
    graph: rowGraph(graph, { count: graph.edgeCount, initial, next }),
    last,
    edgesOf: (row) => [row],
  };
}

function span(graph: StateGraph, node: number): [number, number] {
  return [graph.edgeOffset[node]!, graph.edgeOffset[node + 1]!];
}

/** The edges of one row graph become the rows of the next. */
function longerRows(graph: StateGraph, rows: Rows): Rows {
  const { graph: before } = rows;
  const last = before.edgeTarget.map((row) => rows.last[row]!);
  const first = new Int32Array(before.edgeCount);
  for (let row = 0; row < before.nodeCount; row += 1)
    first.fill(row, before.edgeOffset[row]!, before.edgeOffset[row + 1]!);
  const initial: number[] = [];
  for (const row of before.initial) {
    const [begin, end] = span(before, row);
    for (let edge = begin; edge < end; edge += 1) initial.push(edge);
  }
  const next = (edge: number): [number, number] => span(before, before.edgeTarget[edge]!);
  return {
    graph: rowGraph(graph, { count: before.edgeCount, initial, next }),
    last,
    edgesOf: (edge) => [...rows.edgesOf(first[edge]!), last[edge]!],
  };
}

function rowGraph(
  graph: StateGraph,
  o: {
    readonly count: number;
    readonly initial: readonly number[];
    readonly next: (row: number) => [number, number];
  },
): StateGraph {
  const edgeOffset = new Int32Array(o.count + 1);
  for (let row = 0; row < o.count; row += 1) {
    const [begin, end] = o.next(row);
    edgeOffset[row + 1] = edgeOffset[row]! + end - begin;
  }
  const edgeCount = edgeOffset[o.count]!;
  if (edgeCount > rowsMax) {
    throw new GraphError(
      'too-large',
      `the graph has ${edgeCount} paths of that many edges`,
      'cover edges, cover shorter paths by --in-row, or take a smaller model',
    );
  }
  const edgeTarget = new Int32Array(edgeCount);
  for (let row = 0; row < o.count; row += 1) {
    const [begin, end] = o.next(row);
    for (let each = begin; each < end; each += 1)
      edgeTarget[edgeOffset[row]! + each - begin] = each;
  }
  return {
    ...graph,
    nodeCount: o.count,
    initial: Int32Array.from(o.initial),
    edgeOffset,
    edgeTarget,
    edgeLabel: new Int32Array(edgeCount),
    edgeCount,
    rawEdgeCount: edgeCount,
  };
}

/** Rows that begin at an initial state and that no longer row goes on: no tour over pairs has them. */
function* shortRows(graph: StateGraph, rows: Rows): Generator<Path, void, void> {
  for (const row of rows.graph.initial) {
    const [begin, end] = span(rows.graph, row);
    if (begin === end) yield pathOf(graph, rows, { start: row, edges: new Int32Array(0) });
  }
}

function pathOf(graph: StateGraph, rows: Rows, tour: Path): Path {
  const edges = [...rows.edgesOf(tour.start)];
  for (const edge of tour.edges) edges.push(rows.last[rows.graph.edgeTarget[edge]!]!);
  return { start: sourceOf(graph, edges[0]!), edges: Int32Array.from(edges) };
}

function sourceOf(graph: StateGraph, edge: number): number {
  for (const node of graph.initial) {
    const [begin, end] = span(graph, node);
    if (edge >= begin && edge < end) return node;
  }
  throw new TypeError('a tour starts at an edge that leaves no initial state');
}
