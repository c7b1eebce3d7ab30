/**
 * A share of a replay of traces: TLC's random walks, counterexamples, kept failures. Nobody knows what
 * else the model allows there, but for what a kept failure says of its last state.
 */
import type { Trace } from '../behaviour/simulation.ts';
import { writeItf } from '../behaviour/itf.ts';
import { BehaviourRunner, type BehaviourOptions, type Probe } from '../replay/behaviours.ts';
import { type AnyBinding, type AnyRunningBinding, isRunning } from '../replay/bindingModule.ts';
import type { Failure } from '../replay/failure.ts';
import type { ValueTable } from '../value/table.ts';
import { replayRunningTraces } from '../running/replayRunning.ts';
import { constantsOf } from '../verify/replaying.ts';
import type { KnownBadCase } from '../verify/task.ts';
import { unpackTraces } from './packedTraces.ts';
import { shardOf } from './paths.ts';
import type { PackedProbe, ShareAnswer, SharedFailure, ShareJob } from './share.ts';
import type { ShareTools } from './runShare.ts';
import { spoiltTrace } from './spoilt.ts';

interface Item {
  readonly trace: Trace;
  readonly probe: Probe | undefined;
}

interface Ran {
  readonly steps: number;
  readonly failure?: Failure;
  /** The run was ended, or a limit reached, before the trace's end. */
  readonly undecided?: boolean;
}

type Run = (item: Item) => Promise<Ran>;

export async function runTraces(
  job: ShareJob,
  binding: AnyBinding | AnyRunningBinding,
  tools: ShareTools,
): Promise<Omit<ShareAnswer, 'seconds'>> {
  const { traces, values, variables, labels } = unpackTraces(job.traces!);
  const { facts, shard, settings } = job;
  const { parameterNames, boundedLeaves } = facts;
  const constants = constantsOf({ values }, facts);
  const options = { constants, parameterNames, boundedLeaves, labels };
  const items = traces.map((trace, i): Item => {
    const cut = withoutIgnored(trace, binding.ignored);
    const probe = cut.length === trace.length ? job.probes?.[i] : undefined;
    return { trace: cut, probe: probe && probeIn({ values, variables }, probe) };
  });
  const like = { variables, values };
  const run = isRunning(binding)
    ? runningRun(like, binding, { ...options, signal: tools.signal })
    : pureRun(like, binding, options);
  const found: SharedFailure[] = [];
  let [paths, steps, undecided] = [0, 0, 0];
  let first: Item | undefined;
  const one = async (item: Item): Promise<void> => {
    const ran = await run(item);
    first ??= item;
    paths += 1;
    steps += ran.steps;
    if (ran.undecided === true) undecided += 1;
    if (ran.failure !== undefined) found.push(failed(item, ran.failure, { binding, job }));
    tools.onProgress(paths, traces.length);
  };
  const lanes = isRunning(binding) ? 16 : 1;
  const queue = shardOf(items, shard);
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (found.length >= settings.maxFailures || tools.signal.aborted) return;
      await one(item);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const passed = found.length === 0 && undecided === 0 && first !== undefined;
  return {
    verdict: found.length > 0 ? 'violation' : undecided > 0 ? 'unknown' : 'ok',
    ...(undecided > 0 && { reason: `${undecided} traces could not be followed to their ends` }),
    ...{ paths, steps, diverged: 0, failures: found, failureCount: found.length },
    knownBad: passed ? await spoilt(first!, run, binding) : [],
  };
}

type Like = { readonly variables: readonly string[]; readonly values: ValueTable };

function pureRun(like: Like, binding: AnyBinding, options: BehaviourOptions): Run {
  const runner = new BehaviourRunner(like, binding, options);
  return ({ trace, probe }) => Promise.resolve(runner.run(trace, probe));
}

function runningRun(
  like: Like,
  binding: AnyRunningBinding,
  options: BehaviourOptions & { readonly signal: AbortSignal },
): Run {
  return async ({ trace, probe }) => {
    const given = { ...options, traces: [trace], ...(probe && { probe }) };
    const { verdict, steps, failed: failures } = await replayRunningTraces(like, binding, given);
    const [first] = failures;
    return {
      steps,
      ...(first !== undefined && { failure: first.failure }),
      undecided: verdict === 'unknown',
    };
  };
}

/** Steps of actions that the code does not have are not run, nor what comes after them. */
function withoutIgnored(trace: Trace, ignored: readonly string[] = []): Trace {
  const at = trace.labels.findIndex((label) => label && ignored.includes(label.action));
  return at < 0 ? trace : upTo(trace, at + 1);
}

function upTo(trace: Trace, length: number): Trace {
  const states = trace.states.slice(0, length * trace.variables.length);
  return { ...trace, length, states, labels: trace.labels.slice(0, length - 1) };
}

function probeIn({ variables, values }: Like, { label, allowed }: PackedProbe): Probe {
  const args = label.args.map((text) => values.value(values.parse(text)));
  const rows = allowed.map((state) =>
    Int32Array.from(variables, (name) => values.parse(state[name] ?? '""')),
  );
  return { label: { action: label.action, args }, allowed: rows };
}

/** The trace up to where it failed, for keeping. */
function failed(
  { trace, probe }: Item,
  failure: Failure,
  o: { readonly binding: { readonly name: string }; readonly job: ShareJob },
): SharedFailure {
  const { step } = failure;
  const length = Math.min(trace.length, (step ?? trace.length) + 1);
  if (length === 0 || probe !== undefined) return { failure };
  const { kind, action, summary } = failure;
  const about = { binding: o.binding.name, kind, ...(action !== undefined && { action }) };
  const facts = { description: `${kind}: ${summary}`, bisim: JSON.stringify(about) };
  const { parameterNames } = o.job.facts;
  return {
    failure,
    trace: writeItf(upTo(trace, length), { parameterNames, facts }),
    steps: length - 1,
    foundSteps: trace.length - 1,
  };
}

async function spoilt(
  { trace }: Item,
  run: Run,
  { name, hidden }: { readonly name: string; readonly hidden?: readonly string[] },
): Promise<KnownBadCase[]> {
  const bad = spoiltTrace(upTo(trace, Math.min(trace.length, 10)), hidden);
  if (bad === undefined) return [];
  const { failure } = await run({ trace: bad, probe: undefined });
  const what = `a trace of ${name} with a state nobody wrote`;
  return [{ check: 'replay', what, rejected: failure !== undefined }];
}
