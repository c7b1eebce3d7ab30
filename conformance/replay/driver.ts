/**
 * Replay: every edge of a state graph runs on the real code and must land in the model's successor;
 * every step the code offers in a reached state must be an edge.
 *
 * Where the binding can decode, each node's code state is made from the model's; else pairs of a
 * node and a code state are explored (`PairReplay`). A graph with nothing in it is never a pass.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Binding, ModelState } from './binding.ts';
import type { ActionCoverage, LabelCoverage, UncoveredEdge } from './coverage.ts';
import { Expansion } from './expansion.ts';
import { type Failure, type FailureCount } from './failure.ts';
import { Thrown } from './offers.ts';
import { exploreOfPairs } from './pairs.ts';
import { type ReplayOptions, Subject } from './subject.ts';

export type { ReplayOptions } from './subject.ts';
export type { Failure, FailureKind } from './failure.ts';

export interface ReplayResult {
  /** `unknown`: a limit was reached before everything was compared, and no failure was found. */
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly reason?: string;
  readonly binding: string;
  /** Unique edges of the graph, and how many of them the code took. */
  readonly edges: number;
  readonly replayed: number;
  /** Edges of actions that the binding ignores: not run, and not covered. */
  readonly ignored: number;
  readonly nodes: number;
  /** Nodes on the bound, compared as successors but not expanded. */
  readonly leaves: number;
  /** Pairs of a node and a code state; as many as nodes where the binding decodes. */
  readonly pairs: number;
  /** How often an action of the code was called. */
  readonly calls: number;
  readonly perAction: readonly ActionCoverage[];
  readonly perLabel: readonly LabelCoverage[];
  readonly uncovered: readonly UncoveredEdge[];
  readonly failures: readonly Failure[];
  readonly failureCount: number;
  readonly failureCounts: readonly FailureCount[];
  readonly seconds: number;
}

const uncoveredMax = 100;
const progressEvery = 4096;

export function replayGraph<S>(
  graph: StateGraph,
  binding: Binding<S>,
  options: ReplayOptions,
): ReplayResult {
  const start = performance.now();
  const subject = new Subject(graph, binding, options);
  let pairs = 0;
  let reason: string | undefined;
  if (isEmpty(subject)) reason = undefined;
  else if (binding.decode === undefined || options.pairs === true) {
    ({ pairs, reason } = exploreOfPairs(subject));
  } else pairs = replayNodes(subject);
  return resultOf(subject, { pairs, reason, seconds: (performance.now() - start) / 1000 });
}

function isEmpty<S>({ graph, log }: Subject<S>): boolean {
  const lacks =
    graph.nodeCount === 0
      ? 'no states'
      : graph.initial.length === 0
        ? 'no initial states'
        : graph.edgeCount === 0
          ? 'no edges'
          : undefined;
  if (lacks === undefined) return false;
  log.add('empty', undefined, () => ({
    kind: 'empty',
    summary: `the graph has ${lacks}: nothing was replayed, so nothing is shown`,
    differences: [],
  }));
  return true;
}

function replayNodes<S>(subject: Subject<S>): number {
  const { graph, options, where } = subject;
  const { shard } = options;
  subject.compareInitial();
  const expansion = new Expansion(subject);
  const row = new Int32Array(subject.width).fill(-1);
  const { order } = where.reach;
  let mine = 0;
  let done = 0;
  for (; done < order.length && !subject.stopped; done += 1) {
    if (shard !== undefined && done % shard.count !== shard.index) continue;
    mine += 1;
    const node = order[done]!;
    const place = () => where.of(node);
    const state = decoded(subject, node);
    if (done % progressEvery === 0) options.onProgress?.(done, order.length);
    if (state === undefined || !subject.readRow(state, row, place, node)) continue;
    if (!subject.isNode(row, node)) viewDiffers(subject, node, row);
    else if (subject.isLeaf(node)) subject.leaves += 1;
    else expansion.expand(state, node, place);
  }
  options.onProgress?.(done, graph.nodeCount);
  return mine;
}

function decoded<S>(subject: Subject<S>, node: number): S | undefined {
  const { graph, binding, options } = subject;
  const { variables, values, states } = graph;
  const model: Record<string, ModelState[string]> = {};
  const offset = node * subject.width;
  for (let i = 0; i < variables.length; i += 1)
    model[variables[i]!] = values.value(states[offset + i]!);
  try {
    const state = binding.decode?.(model, options.constants);
    if (state === undefined) throw new TypeError('it returned undefined');
    return state;
  } catch (error) {
    subject.threw(new Thrown('decode', error), undefined, () => subject.where.of(node));
    return undefined;
  }
}

function viewDiffers<S>({ log, where }: Subject<S>, node: number, row: Int32Array): void {
  const copy = row.slice();
  log.add('view', undefined, () => ({
    kind: 'view',
    summary: 'the view of what decode makes of this state is another state',
    differences: where.differences(copy, where.row(node)),
    comparedWith: 'the state that was decoded',
    ...where.of(node),
  }));
}

function resultOf<S>(
  subject: Subject<S>,
  o: { pairs: number; reason: string | undefined; seconds: number },
): ReplayResult {
  const { graph, log, coverage, options, offers } = subject;
  return {
    verdict: log.total > 0 ? 'violation' : o.reason === undefined ? 'ok' : 'unknown',
    ...(o.reason !== undefined && { reason: o.reason }),
    binding: subject.binding.name,
    edges: graph.edgeCount,
    replayed: coverage.replayed,
    ignored: coverage.ignoredEdges,
    nodes: graph.nodeCount,
    leaves: subject.leaves,
    pairs: o.pairs,
    calls: offers.count,
    perAction: coverage.actions(Object.keys(options.parameterNames)),
    perLabel: coverage.labels(),
    uncovered: coverage.uncovered(uncoveredMax),
    failures: log.failures,
    failureCount: log.total,
    failureCounts: log.counts(),
    seconds: o.seconds,
  };
}
