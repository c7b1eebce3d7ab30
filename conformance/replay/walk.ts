/**
 * Random walks of pure code, guided to what was not taken yet. The code's state is carried along; in
 * each state all that the code offers is held to all that the model allows, in both directions, so a
 * bug that hangs on the path shows where one state a node would hide it.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Binding } from './binding.ts';
import type { ActionCoverage } from './coverage.ts';
import { Expansion } from './expansion.ts';
import type { Failure } from './failure.ts';
import { Guide } from './guide.ts';
import { Random } from './random.ts';
import { type ReplayOptions, Subject } from './subject.ts';
import type { PathEdge } from './whereabouts.ts';

export interface WalkGraphOptions extends ReplayOptions {
  readonly seed: number;
  /** All walks together take at least so many steps. */
  readonly steps: number;
  /** The longest walk. */
  readonly depth: number;
}

export interface WalkResult {
  readonly verdict: 'ok' | 'violation';
  readonly walks: number;
  readonly steps: number;
  readonly perAction: readonly ActionCoverage[];
  readonly failures: readonly Failure[];
  readonly failureCount: number;
}

interface Match<S> {
  readonly edge: number;
  readonly state: S;
  readonly choice: unknown;
}

export function walkGraph<S>(
  graph: StateGraph,
  binding: Binding<S>,
  options: WalkGraphOptions,
): WalkResult {
  const subject = new Subject(graph, binding, options);
  return new Walking(subject, options).run();
}

class Walking<S> {
  private readonly subject: Subject<S>;
  private readonly options: WalkGraphOptions;
  private readonly expansion: Expansion<S>;
  private readonly guide: Guide;
  private readonly row: Int32Array;
  private matches: Match<S>[] = [];
  private path: PathEdge[] = [];
  private steps = 0;

  constructor(subject: Subject<S>, options: WalkGraphOptions) {
    this.subject = subject;
    this.options = options;
    this.guide = new Guide(subject.graph, subject.ignored);
    this.row = new Int32Array(subject.width).fill(-1);
    this.expansion = new Expansion(subject, (edge, state, choice) =>
      this.matches.push({ edge, state, choice }),
    );
  }

  run(): WalkResult {
    const { subject, options } = this;
    const { log, coverage, graph } = subject;
    const { shard = { index: 0, count: 1 }, onProgress } = options;
    const starts = graph.nodeCount === 0 ? [] : subject.compareInitial();
    let walks = 0;
    while (this.steps < options.steps && log.total === 0 && starts.length > 0) {
      const before = this.steps;
      const random = new Random(options.seed, walks * shard.count + shard.index);
      this.walk(random.pick(starts), random);
      walks += 1;
      onProgress?.(this.steps, options.steps);
      if (this.steps === before) break;
    }
    if (this.steps === 0 && log.total === 0) this.nothing();
    return {
      verdict: log.total > 0 ? 'violation' : 'ok',
      walks,
      steps: this.steps,
      perAction: coverage.actions(Object.keys(options.parameterNames)),
      failures: log.failures,
      failureCount: log.total,
    };
  }

  /** One walk; it ends with the model, with the depth, or with a failure. */
  private walk(start: { readonly state: S; readonly node: number }, random: Random): void {
    const { subject, guide } = this;
    const { graph, log, where } = subject;
    let { state, node } = start;
    this.path = [];
    const place = (): ReturnType<typeof where.of> => where.of(node, this.path);
    for (let at = 0; at < this.options.depth && !subject.isLeaf(node); at += 1) {
      this.matches = [];
      if (!subject.readRow(state, this.row, place, node)) return;
      this.expansion.expand(state, node, place);
      if (log.total > 0 || this.matches.length === 0) return;
      const wanted = guide.next([node], random);
      const fitting = this.matches.filter(({ edge }) => edge === wanted);
      const taken = random.pick(fitting.length > 0 ? fitting : this.matches);
      guide.take(taken.edge);
      const { edge, choice } = taken;
      this.path = [...this.path, { edge, ...(choice !== undefined && { choice }) }];
      this.steps += 1;
      state = taken.state;
      node = graph.edgeTarget[edge]!;
      if (guide.isDone(node, random)) return;
    }
  }

  private nothing(): void {
    this.subject.log.add('empty', undefined, () => ({
      kind: 'empty',
      summary: 'no walk took a step: nothing was replayed, so nothing is shown',
      differences: [],
    }));
  }
}
