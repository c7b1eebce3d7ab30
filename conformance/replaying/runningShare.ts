/** A share of a replay of subjects that run: tours or walks of a graph. */
import type { Path } from '../behaviour/tour.ts';
import { traceOf } from '../replay/behaviours.ts';
import type { AnyRunningBinding } from '../replay/bindingModule.ts';
import { type GraphRun, replayRunning, replayRunningTraces } from '../running/replayRunning.ts';
import type { RunningOptions } from '../running/world.ts';
import { walkRunning } from '../running/walk.ts';
import { UsageError } from '../sources/usageError.ts';
import type { KnownBadCase } from '../verify/task.ts';
import { shardOf, toursOf } from './paths.ts';
import type { Ground, RawAnswer, ShareTools } from './runShare.ts';
import type { ShareJob } from './share.ts';
import { lackingStep, spoiltTrace } from './spoilt.ts';

export type RunningGround = Ground & { readonly binding: AnyRunningBinding };

export async function runRunning(
  ground: RunningGround,
  job: ShareJob,
  tools: ShareTools,
): Promise<RawAnswer> {
  const { graph, binding } = ground;
  const { settings, shard } = job;
  if (settings.mode === 'edges') {
    throw new UsageError(
      'running-edges',
      `${binding.name} binds code that runs: it cannot be put into a state, only led there`,
      'Use --mode tours, which takes every edge on the way, or --mode walk.',
    );
  }
  const { offers, maxFailures, seed, depth } = settings;
  const common = {
    ...modelOf(ground),
    ...{ offers, maxFailures, signal: tools.signal },
    onProgress: (done: number) => tools.onProgress(done, undefined),
  };
  let first: Path | undefined;
  const paths = function* (): Generator<Path, void, void> {
    for (const path of shardOf(toursOf(graph, binding.ignored, settings), shard)) {
      first ??= path;
      yield path;
    }
  };
  const steps = Math.ceil(settings.steps / shard.count);
  const run =
    settings.mode === 'walk'
      ? await walkRunning(graph, binding, { ...common, seed, depth, steps, shard })
      : await replayRunning(graph, binding, { ...common, paths: paths() });
  first ??= toursOf(graph, binding.ignored, settings).next().value ?? undefined;
  const knownBad = run.verdict === 'ok' && first ? await spoiltCases(ground, first, offers) : [];
  return answerOf(run, knownBad);
}

function modelOf({
  options,
}: RunningGround): Pick<RunningOptions, 'constants' | 'parameterNames' | 'boundedLeaves'> {
  const { constants, parameterNames, boundedLeaves } = options;
  return { constants, parameterNames, boundedLeaves };
}

function answerOf(run: GraphRun, knownBad: readonly KnownBadCase[]): RawAnswer {
  const { verdict, reason, coverage, paths, steps, diverged, failed } = run;
  // That one share has no path is no failure: the shares are added up.
  if (paths === 0 && verdict === 'violation') {
    const none = { paths, steps, diverged, knownBad, failures: [], failureCount: 0 };
    return { verdict: 'ok', taken: coverage.taken, ...none };
  }
  return {
    ...{ verdict, taken: coverage.taken, paths, steps, diverged, knownBad },
    ...(reason !== undefined && { reason }),
    failures: failed.map(({ failure }) => failure),
    failureCount: failed.length,
  };
}

/** One case for each direction: a state no code shows, and a step that the model is said to lack. */
async function spoiltCases(
  ground: RunningGround,
  path: Path,
  offers: boolean,
): Promise<KnownBadCase[]> {
  const { graph, binding } = ground;
  const model = modelOf(ground);
  const cases: KnownBadCase[] = [];
  const { name, hidden, ignored } = binding;
  const short = { ...path, edges: path.edges.slice(0, 10) };
  const trace = spoiltTrace(traceOf(graph, short), hidden);
  if (trace !== undefined) {
    const { verdict } = await replayRunningTraces(graph, binding, { ...model, traces: [trace] });
    const what = `a tour of ${name} with a state nobody wrote`;
    cases.push({ check: 'replay', what, rejected: verdict === 'violation' });
  }
  const lacking = offers && hidden === undefined ? lackingStep(graph, ignored) : undefined;
  if (lacking !== undefined) {
    const given = { ...model, paths: [lacking.path], offers: true };
    const { verdict } = await replayRunning(lacking.graph, binding, given);
    const what = `${name} on a model that lacks a step of ${lacking.action}`;
    cases.push({ check: 'replay', what, rejected: verdict === 'violation' });
  }
  return cases;
}
