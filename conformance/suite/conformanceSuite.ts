/**
 * A suite of tests from a binding: one test an action, or one a tour, with what TLC says of the model,
 * the coverage, and known-bad cases beside them. What must hold: no suite is empty; where nothing could
 * be explored, one test says why, as skipped without Java and as failed otherwise.
 */
import { relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StateGraph } from '../behaviour/graph.ts';
import { edgeSource } from '../behaviour/graph.ts';
import { shortestPath, type Path } from '../behaviour/tour.ts';
import type { Model as HistoryModel } from '../history/model.ts';
import { traceOf } from '../replay/behaviours.ts';
import type { SpecFiles } from '../project/specFiles.ts';
import type { Binding } from '../replay/binding.ts';
import { isRunning, type AnyBinding, type AnyRunningBinding } from '../replay/bindingModule.ts';
import type { ReplayOptions, ReplayResult } from '../replay/driver.ts';
import type { RunningBinding } from '../replay/runningBinding.ts';
import { staleOf, typesOfSpec } from '../types/staleTypes.ts';
import { taskError } from '../verify/taskError.ts';
import { checkPath, pureRunner, toursOf, type RunPath } from './behaviourChecks.ts';
import { checkFacts, modelTitle } from './checkedModel.ts';
import { ConformanceError } from './conformanceError.ts';
import { actionTitle, checkAction, checkCoverage, checkStates, replayEdges } from './edgeChecks.ts';
import { historyModelOf } from './historyModelOf.ts';
import { spoiltGraphs } from './knownBad.ts';
import { modelGraph, replayFacts, type ModelGraph } from './modelGraph.ts';
import { runningRunner } from './runningRunner.ts';
import { testFile } from './testFile.ts';
import { checkTraceFile, traceFilesOf, type TraceCheck } from './traceChecks.ts';
import { behaviourName } from './tourNames.ts';

export interface SuiteOptions {
  /** A cfg other than the binding's own, relative to the test file. */
  readonly model?: string;
  /**
   * `edges`: every edge of the graph, in both directions, a test an action (pure code only; its
   * default). `tours`: paths from the start that together take every edge, a test a path.
   */
  readonly mode?: 'edges' | 'tours';
  /** Of tours. */
  readonly seed?: number;
  /** Tours: what clients saw must be linearizable; a model's name (`kv`, `register`, …) or a model. */
  readonly histories?: string | HistoryModel;
  /** Trace files, or folders of them, relative to the test file: each is a test of its own. */
  readonly traces?: readonly string[];
  /** Actions that the model may never enable. */
  readonly mayMiss?: readonly string[];
  /** Of one test. */
  readonly timeoutMs?: number;
  /** Where paths start from; the test file if not given. */
  readonly from?: string;
}

const defaultTimeoutMs = 120_000;
/** Beyond this many tours a test takes several. */
const tourTestsMax = 100;

interface Suite {
  readonly model: ModelGraph;
  readonly graph: StateGraph;
  readonly replay: ReplayOptions;
  readonly options: SuiteOptions;
  readonly timeout: number;
}

/** Call it in a test file, at the top or in a describe. */
export function conformanceSuite<S>(
  given: Binding<S> | RunningBinding<S>,
  options: SuiteOptions = {},
): void {
  const binding = given as AnyBinding | AnyRunningBinding;
  const from = options.from ?? testFile();
  describe(`${binding.name} conforms to ${binding.spec}`, async () => {
    const timeout = options.timeoutMs ?? defaultTimeoutMs;
    const { model: cfg } = options;
    let model: ModelGraph;
    try {
      model = await modelGraph({ binding, from, ...(cfg !== undefined && { model: cfg }) });
    } catch (error) {
      return failing('the model can be explored', error);
    }
    const { facts, graph, missing } = model;
    await typesTests(model.files);
    if (facts === undefined) return void it.skip(`${model.name} (${missing ?? 'not explored'})`);
    it(modelTitle(model), () => checkFacts(facts));
    if (graph === undefined) return void it.skip('replay: only what TLC accepts is replayed');
    traceTests(options.traces ?? [], { binding, files: model.files, from, timeoutMs: timeout });
    const suite = { model, graph, replay: replayFacts(graph, facts), options, timeout };
    if (isRunning(binding))
      tourTests(suite, binding, (on) => runningRunner(on, binding, suite.replay));
    else if (options.mode === 'tours')
      tourTests(suite, binding, (on) => pureRunner(on, binding, suite.replay));
    else edgeTests(suite, binding);
  });
}

function failing(title: string, error: unknown): void {
  it(title, () => {
    const { message, next } = taskError(title, error);
    throw new ConformanceError(next === undefined ? message : `${message}\n${next}`);
  });
}

function edgeTests({ graph, replay, options, timeout }: Suite, binding: AnyBinding): void {
  let result: ReplayResult | undefined;
  const replayed = (): ReplayResult => (result ??= replayEdges(graph, binding, replay));
  const ignored = new Set(binding.ignored);
  const names = Object.entries(replay.parameterNames).filter(([name]) => !ignored.has(name));
  const counts = edgesByAction(graph);
  // The whole replay is one run: it must not count against the first test's limit.
  beforeAll(() => {
    try {
      replayed();
    } catch {
      result = undefined;
    }
  }, timeout);
  for (const [action, parameters] of names) {
    const title = actionTitle({ action, edges: counts.get(action) ?? 0 }, parameters);
    it(title, () => checkAction(replayed(), action), timeout);
  }
  const tested = new Set(names.map(([name]) => name));
  it('starts where the model starts, and shows its states', () => checkStates(replayed(), tested));
  it('takes every edge, and the model enables every action', () =>
    checkCoverage(replayed(), options.mayMiss ?? []));
  for (const { title, graph: spoilt } of spoiltGraphs(graph)) {
    it(
      title,
      () =>
        expect(replayEdges(spoilt, binding, { ...replay, stopAfter: 1 }).verdict).toBe('violation'),
      timeout,
    );
  }
}

function edgesByAction(graph: StateGraph): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of graph.edgeLabel) {
    const { action } = graph.labels[label]!;
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  return counts;
}

function traceTests(given: readonly string[], check: TraceCheck): void {
  for (const path of traceFilesOf(given, check.from)) {
    it(`trace ${path}`, () => checkTraceFile(path, check), check.timeoutMs);
  }
}

/** Types that were generated from an older spec hold the binding to what the spec no longer is. */
async function typesTests({ root, module }: SpecFiles): Promise<void> {
  for (const path of await typesOfSpec(root, module)) {
    it(`${relative(root, path)} is what bisim types makes of the spec`, async () => {
      const [stale] = await staleOf(root, [path]);
      if (stale === undefined) return;
      throw new ConformanceError(`it is stale: ${stale.reason}\nmake it anew: ${stale.repeat}`);
    });
  }
}

type MakeRun = (graph: StateGraph) => RunPath;

function tourTests(
  { graph, options, timeout, replay }: Suite,
  { ignored = [] }: AnyBinding | AnyRunningBinding,
  makeRun: MakeRun,
): void {
  const run = makeRun(graph);
  const tours = toursOf(graph, ignored, options.seed);
  const { histories: named } = options;
  const histories = named === undefined ? undefined : historyModelOf(named);
  const each = Math.ceil(tours.length / tourTestsMax) || 1;
  for (let first = 0; first < tours.length; first += each) {
    const some = tours.slice(first, first + each);
    const number = each === 1 ? `tour ${first + 1}` : `tours ${first + 1}–${first + some.length}`;
    const title = `${number}: ${behaviourName(traceOf(graph, some[0]!))}`;
    const given = { run, ...(histories !== undefined && { histories }) };
    it(
      title,
      async ({ skip }) => {
        const shown: (string | undefined)[] = [];
        for (const path of some) shown.push(await checkPath(path, given));
        if (shown.every((undecided) => undecided !== undefined)) skip(shown[0]);
      },
      timeout,
    );
  }
  it('the tours take every edge, and the model enables every action', () => {
    const taken = new Set(tours.flatMap(({ edges }) => [...edges]));
    const enabled = edgesByAction(graph);
    for (const action of ignored) enabled.delete(action);
    const wanted = [...enabled.values()].reduce((sum, count) => sum + count, 0);
    expect(wanted, 'edges of the model').toBeGreaterThan(0);
    // An edge behind an ignored one alone is reached by no tour of the code.
    if (ignored.length === 0) expect(taken.size, 'edges that the tours take').toBe(wanted);
    const mayMiss = [...ignored, ...(options.mayMiss ?? [])];
    const missed = Object.keys(replay.parameterNames).filter((name) => !enabled.has(name));
    expect(missed.filter((name) => !mayMiss.includes(name))).toEqual([]);
  });
  rejectsSpoilt(graph, makeRun, timeout);
}

/** The path to the spoilt edge and over it: no code that conforms to the model can take it. */
function rejectsSpoilt(graph: StateGraph, makeRun: MakeRun, timeout: number): void {
  const spoilt = spoiltGraphs(graph).find((one) => one.graph.edgeCount === graph.edgeCount);
  if (spoilt === undefined) return;
  const { start, edges } = shortestPath(graph, edgeSource(graph, spoilt.edge));
  const path: Path = { start, edges: Int32Array.of(...edges, spoilt.edge) };
  it(
    spoilt.title,
    async () => {
      const { failure } = await makeRun(spoilt.graph)(path);
      expect(failure, 'what the replay says of it').toBeDefined();
    },
    timeout,
  );
}
