/** A share of a replay of pure code: edges, tours, or walks of a graph. */
import type { Path } from '../behaviour/tour.ts';
import { BehaviourRunner, traceOf } from '../replay/behaviours.ts';
import type { AnyBinding } from '../replay/bindingModule.ts';
import { EdgeCoverage } from '../replay/coverage.ts';
import { replayGraph } from '../replay/driver.ts';
import type { Failure } from '../replay/failure.ts';
import { walkGraph } from '../replay/walk.ts';
import { UsageError } from '../sources/usageError.ts';
import { knownBadCases } from '../verify/replaying.ts';
import type { KnownBadCase } from '../verify/task.ts';
import { shardOf, toursOf } from './paths.ts';
import type { Ground, RawAnswer, ShareTools } from './runShare.ts';
import type { ShareJob } from './share.ts';
import { spoiltTrace } from './spoilt.ts';

export type PureGround = Ground & { readonly binding: AnyBinding };

const progressEvery = 256;

export function runPure(ground: PureGround, job: ShareJob, tools: ShareTools): RawAnswer {
  if (job.settings.mode === 'edges') return edges(ground, job, tools);
  if (job.settings.mode === 'walk') return walks(ground, job, tools);
  return tours(ground, job, tools);
}

function edges(ground: PureGround, job: ShareJob, { onProgress }: ShareTools): RawAnswer {
  const { graph, binding, options } = ground;
  const { shard, settings } = job;
  if (shard.count > 1 && binding.decode === undefined) {
    throw new UsageError(
      'no-shards',
      `${binding.name} has no decode: its edges are explored from the start, and cannot be split`,
      'Leave --shard out, or use --mode tours or --mode walk.',
    );
  }
  const taken = new Uint8Array(graph.edgeCount);
  const given = { ...options, maxFailures: settings.maxFailures };
  const result = replayGraph(graph, binding, { ...given, taken, onProgress, ...sharded(shard) });
  return {
    verdict: result.verdict,
    ...(result.reason !== undefined && { reason: result.reason }),
    taken,
    paths: result.pairs,
    steps: result.calls,
    diverged: 0,
    failures: result.failures,
    failureCount: result.failureCount,
    knownBad: result.verdict === 'ok' ? knownBadCases(binding.name, ground, options) : [],
  };
}

function sharded(shard: ShareJob['shard']): { shard?: ShareJob['shard'] } {
  return shard.count > 1 ? { shard } : {};
}

function walks(ground: PureGround, job: ShareJob, { onProgress }: ShareTools): RawAnswer {
  const { graph, binding, options } = ground;
  const { settings, shard } = job;
  const { seed, depth, maxFailures } = settings;
  const steps = Math.ceil(settings.steps / shard.count);
  const taken = new Uint8Array(graph.edgeCount);
  const given = { ...options, seed, steps, depth, maxFailures, taken, onProgress, shard };
  const result = walkGraph(graph, binding, given);
  return {
    ...{ verdict: result.verdict, taken, paths: result.walks, steps: result.steps, diverged: 0 },
    ...{ failures: result.failures, failureCount: result.failureCount },
    knownBad: result.verdict === 'ok' ? knownBadCases(binding.name, ground, options) : [],
  };
}

function tours(ground: PureGround, job: ShareJob, tools: ShareTools): RawAnswer {
  const { graph, binding, options } = ground;
  const { settings, shard } = job;
  const coverage = new EdgeCoverage(graph);
  const runner = new BehaviourRunner(graph, binding, options);
  const failures: Failure[] = [];
  let [paths, steps] = [0, 0];
  let first: Path | undefined;
  for (const path of shardOf(toursOf(graph, binding.ignored, settings), shard)) {
    const result = runner.run(traceOf(graph, path));
    first ??= path;
    for (const edge of path.edges.subarray(0, result.steps)) coverage.cover(edge);
    paths += 1;
    steps += result.steps;
    const { failure } = result;
    if (failure !== undefined) {
      const { start } = path;
      const failing = { start, edges: [...path.edges.subarray(0, result.steps + 1)] };
      failures.push({ ...failure, failing });
    }
    if (paths % progressEvery === 0) tools.onProgress(paths, undefined);
    if (failures.length >= settings.maxFailures) break;
  }
  return {
    verdict: failures.length > 0 ? 'violation' : 'ok',
    ...{ taken: coverage.taken, paths, steps, diverged: 0 },
    ...{ failures, failureCount: failures.length },
    knownBad: failures.length === 0 && first !== undefined ? spoiltTour(ground, runner, first) : [],
  };
}

function spoiltTour(
  { graph, binding }: PureGround,
  runner: BehaviourRunner<unknown>,
  path: Path,
): KnownBadCase[] {
  const spoilt = spoiltTrace(traceOf(graph, path), binding.hidden);
  if (spoilt === undefined) return [];
  const rejected = runner.run(spoilt).verdict === 'violation';
  return [
    { check: 'replay', what: `a tour of ${binding.name} with a state nobody wrote`, rejected },
  ];
}
