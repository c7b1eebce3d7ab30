/**
 * Replay on subjects that run: many paths at once, each on a subject of its own. What must hold: no
 * path at all is a failure, and a run that ended before its paths did is never a pass.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';
import type { Path } from '../behaviour/tour.ts';
import type { HistoryEvent } from '../history/operation.ts';
import type { Probe } from '../replay/behaviours.ts';
import type { ActionCoverage, EdgeCoverage } from '../replay/coverage.ts';
import type { Failure } from '../replay/failure.ts';
import { failureText } from '../replay/failureText.ts';
import type { RunningBinding } from '../replay/runningBinding.ts';
import { type PathResult, runPath } from './pathRun.ts';
import { type RunningOptions, World } from './world.ts';

export interface ReplayRunningOptions extends RunningOptions {
  /** Subjects side by side. Default 16. */
  readonly lanes?: number;
  /** Paths that fail before no other is begun. Default 10. */
  readonly maxFailures?: number;
  readonly onProgress?: (done: number) => void;
  /** Told of each path when it has ended. */
  readonly onPath?: (path: number, result: PathResult) => void;
}

export interface FailedPath {
  /** Its place among the paths given. */
  readonly number: number;
  readonly failure: Failure;
}

export interface RunningResult {
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly reason?: string;
  readonly paths: number;
  readonly steps: number;
  /** Paths that hidden variables kept from being followed to their ends. */
  readonly diverged: number;
  readonly failed: readonly FailedPath[];
  readonly histories: readonly (readonly HistoryEvent[])[];
  readonly seconds: number;
}

export interface GraphRun extends RunningResult {
  readonly coverage: EdgeCoverage;
  readonly perAction: readonly ActionCoverage[];
}

const lanesDefault = 16;
const maxFailuresDefault = 10;
const historiesMax = 100_000;

/** Runs paths of a graph; with `offers`, also what the model does not allow on the way. */
export async function replayRunning<S>(
  graph: StateGraph,
  binding: RunningBinding<S>,
  options: ReplayRunningOptions & { readonly paths: Iterable<Path> },
): Promise<GraphRun> {
  const world = new World(graph, binding, options);
  const run = new Lanes(world, options);
  const result = await run.all(options.paths, (path) => runPath(world, path));
  const { coverage } = world;
  const perAction = coverage.actions(Object.keys(options.parameterNames));
  return { ...result, coverage, perAction };
}

/** Runs traces, of which nobody knows what else the model allows. */
export async function replayRunningTraces<S>(
  like: Pick<StateGraph, 'variables' | 'values'>,
  binding: RunningBinding<S>,
  options: ReplayRunningOptions & {
    readonly traces: Iterable<Trace>;
    /** What each is asked for at its end. */
    readonly probe?: Probe;
  },
): Promise<RunningResult> {
  const world = new World(noGraph(like), binding, options);
  const run = new Lanes(world, options);
  return run.all(options.traces, (trace) => {
    const edges = Int32Array.from({ length: Math.max(0, trace.length - 1) }, (_, i) => i);
    return trace.length === 0
      ? Promise.resolve(emptyTrace())
      : runPath(world.onTrace(trace), { start: 0, edges }, options.probe);
  });
}

function noGraph({ variables, values }: Pick<StateGraph, 'variables' | 'values'>): StateGraph {
  const none = new Int32Array(0);
  const edges = { edgeOffset: Int32Array.of(0), edgeTarget: none, edgeLabel: none };
  const counts = { nodeCount: 0, edgeCount: 0, rawEdgeCount: 0 };
  return { variables, values, ...counts, states: none, initial: none, ...edges, labels: [] };
}

function emptyTrace(): PathResult {
  return {
    verdict: 'violation',
    steps: 0,
    events: [],
    failure: emptyFailure('the trace has no states'),
  };
}

export function emptyFailure(what: string): Failure {
  const report = {
    kind: 'empty' as const,
    summary: `${what}: nothing was replayed, so nothing is shown`,
    differences: [],
  };
  return { ...report, text: failureText(report) };
}

/** One run of a round. */
export interface Turn {
  run(): Promise<PathResult>;
  /** Called in the order of the round's turns, once all have run. */
  ended(): void;
}

/** Runs things side by side, each lane one after the other, and adds up what came of them. */
export class Lanes<S> {
  private readonly world: World<S>;
  private readonly options: ReplayRunningOptions;
  private readonly failed: FailedPath[] = [];
  private readonly histories: (readonly HistoryEvent[])[] = [];
  private paths = 0;
  private steps = 0;
  private diverged = 0;
  private undecided = 0;

  constructor(world: World<S>, options: ReplayRunningOptions) {
    this.world = world;
    this.options = options;
  }

  get stepsTaken(): number {
    return this.steps;
  }

  async all<P>(given: Iterable<P>, run: (path: P) => Promise<PathResult>): Promise<RunningResult> {
    const { lanes = lanesDefault } = this.options;
    const queue = given[Symbol.iterator]();
    return this.within(async () => {
      await Promise.all(Array.from({ length: lanes }, () => this.lane(queue, run)));
      queue.return?.();
    });
  }

  /** Rounds of runs side by side; a round begins when all of the last one have ended. */
  async rounds(
    lanes: number,
    next: (round: number) => readonly Turn[] | undefined,
  ): Promise<RunningResult> {
    const { maxFailures = maxFailuresDefault } = this.options;
    return this.within(async () => {
      for (let round = 0; !this.world.ended && this.failed.length < maxFailures; round += 1) {
        const turns = next(round);
        if (turns === undefined) return;
        this.paths += turns.length;
        const results = await Promise.all(turns.map(({ run }) => run()));
        for (const [i, result] of results.entries()) {
          this.ended(round * lanes + i, result);
          turns[i]!.ended();
        }
      }
    });
  }

  private async within(work: () => Promise<void>): Promise<RunningResult> {
    const begun = performance.now();
    const { signal } = this.options;
    const { limit } = this.world.housing;
    const end = (): void => limit.end();
    signal?.addEventListener('abort', end, { once: true });
    try {
      await work();
    } finally {
      signal?.removeEventListener('abort', end);
      limit.end();
    }
    return this.result((performance.now() - begun) / 1000);
  }

  private async lane<P>(queue: Iterator<P>, run: (path: P) => Promise<PathResult>): Promise<void> {
    const { maxFailures = maxFailuresDefault } = this.options;
    while (!this.world.ended && this.failed.length < maxFailures) {
      const next = queue.next();
      if (next.done === true) return;
      const number = this.paths;
      this.paths += 1;
      this.ended(number, await run(next.value));
    }
  }

  private ended(number: number, result: PathResult): void {
    const { verdict, steps, events, failure } = result;
    this.options.onPath?.(number, result);
    this.options.onProgress?.(this.paths);
    this.steps += steps;
    if (failure !== undefined) this.failed.push({ number, failure });
    if (verdict === 'diverged') this.diverged += 1;
    if (verdict === 'unknown') this.undecided += 1;
    if (events.length > 0 && this.histories.length < historiesMax) this.histories.push(events);
  }

  private result(seconds: number): RunningResult {
    const { paths, steps, diverged, histories } = this;
    const none = paths === 0 && !this.world.ended;
    const failed = none
      ? [{ number: 0, failure: emptyFailure('there is no path to run') }]
      : this.failed.sort((a, b) => a.number - b.number);
    const reason = this.reason();
    return {
      verdict: failed.length > 0 ? 'violation' : reason === undefined ? 'ok' : 'unknown',
      ...(reason !== undefined && { reason }),
      ...{ paths, steps, diverged, failed, histories, seconds },
    };
  }

  private reason(): string | undefined {
    if (this.world.ended) return `the run was ended after ${this.paths} paths`;
    if (this.undecided > 0)
      return `${this.undecided} paths could not be followed within the limit of restarts`;
    return undefined;
  }
}
