/**
 * Which edges of a graph the code has taken: per action, per combination of arguments, one by one.
 */
import { type EdgeLabel, edgeSource, type StateGraph } from '../behaviour/graph.ts';

export interface ActionCoverage {
  readonly action: string;
  /** Edges of the graph with that action. */
  readonly edges: number;
  /** Those the code took. */
  readonly replayed: number;
  /** The binding says that the code does not have it: its edges were not run. */
  readonly ignored?: true;
}

export interface LabelCoverage extends ActionCoverage {
  readonly args: readonly string[];
}

export interface UncoveredEdge {
  readonly edge: number;
  readonly source: number;
  readonly target: number;
  readonly label: string;
}

/** `Accept("r1", 2)`. */
export function labelText(graph: StateGraph, label: number): string {
  return callText(graph, graph.labels[label]!);
}

/** The same of a label that may be none of the graph's. */
export function callText({ values }: Pick<StateGraph, 'values'>, label: EdgeLabel): string {
  const { action, args } = label;
  const texts = args.map((value) => values.format(values.intern(value)));
  return args.length === 0 ? action : `${action}(${texts.join(', ')})`;
}

export function argumentTexts(graph: StateGraph, label: number): string[] {
  const { args } = graph.labels[label]!;
  return args.map((value) => graph.values.format(graph.values.intern(value)));
}

/** One bit of knowledge an edge, counted while it is gained. */
export class EdgeCoverage {
  private readonly graph: StateGraph;
  /** By edge: 1 where the code took it. */
  readonly taken: Uint8Array;
  replayed = 0;
  private readonly ignored: ReadonlySet<string>;

  constructor(graph: StateGraph, ignored: readonly string[] = [], taken?: Uint8Array) {
    this.graph = graph;
    this.taken = taken ?? new Uint8Array(graph.edgeCount);
    this.ignored = new Set(ignored);
  }

  cover(edge: number): void {
    if (this.taken[edge] === 1) return;
    this.taken[edge] = 1;
    this.replayed += 1;
  }

  has(edge: number): boolean {
    return this.taken[edge] === 1;
  }

  /** Per label of the graph, also of labels that no edge has. */
  labels(): LabelCoverage[] {
    const { labels, edgeLabel, edgeCount } = this.graph;
    const edges = new Int32Array(labels.length);
    const replayed = new Int32Array(labels.length);
    for (let edge = 0; edge < edgeCount; edge += 1) {
      const label = edgeLabel[edge] as number;
      edges[label] = (edges[label] as number) + 1;
      replayed[label] = (replayed[label] as number) + (this.taken[edge] as number);
    }
    return labels.map(({ action }, i) => ({
      action,
      args: argumentTexts(this.graph, i),
      edges: edges[i] as number,
      replayed: replayed[i] as number,
    }));
  }

  /** Per action of `actions`, in that order, also of actions that no edge has. */
  actions(actions: Iterable<string>): ActionCoverage[] {
    const sums = new Map<string, { edges: number; replayed: number }>();
    for (const action of actions) sums.set(action, { edges: 0, replayed: 0 });
    for (const label of this.labels()) {
      const sum = sums.get(label.action) ?? { edges: 0, replayed: 0 };
      sum.edges += label.edges;
      sum.replayed += label.replayed;
      sums.set(label.action, sum);
    }
    return [...sums].map(([action, sum]) => ({
      action,
      ...sum,
      ...(this.ignored.has(action) && { ignored: true as const }),
    }));
  }

  /** Takes in what another run of the same graph covered. */
  merge(taken: Uint8Array): void {
    for (let edge = 0; edge < taken.length; edge += 1) if (taken[edge] === 1) this.cover(edge);
  }

  /** Edges of actions that the binding ignores. */
  get ignoredEdges(): number {
    if (this.ignored.size === 0) return 0;
    return this.actions([]).reduce((sum, each) => sum + (each.ignored ? each.edges : 0), 0);
  }

  /** Labels of edges that the code did not take, each once, up to `limit` of them. */
  uncoveredLabels(limit: number): string[] {
    const { edgeCount, edgeLabel } = this.graph;
    const found = new Set<number>();
    for (let edge = 0; edge < edgeCount && found.size < limit; edge += 1)
      if (this.taken[edge] !== 1) found.add(edgeLabel[edge] as number);
    return [...found].sort((a, b) => a - b).map((label) => labelText(this.graph, label));
  }

  /** Up to `limit` edges that the code did not take. */
  uncovered(limit: number): UncoveredEdge[] {
    const { edgeCount, edgeLabel, edgeTarget } = this.graph;
    const found: UncoveredEdge[] = [];
    for (let edge = 0; edge < edgeCount && found.length < limit; edge += 1) {
      if (this.taken[edge] === 1) continue;
      const label = labelText(this.graph, edgeLabel[edge] as number);
      const target = edgeTarget[edge] as number;
      found.push({ edge, source: edgeSource(this.graph, edge), target, label });
    }
    return found;
  }
}
