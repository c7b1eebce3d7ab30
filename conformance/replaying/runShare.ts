/**
 * One share of a replay, from plain data to plain data: the binding is loaded, the share's paths run,
 * what fails is shrunk, and where nothing fails a spoilt case must.
 */
import { setMaxListeners } from 'node:events';
import { decodeGraph } from '../behaviour/recording.ts';
import { writeItf } from '../behaviour/itf.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import type { AnyBinding, AnyRunningBinding } from '../replay/bindingModule.ts';
import { isRunning, loadAnyBinding } from '../replay/bindingModule.ts';
import type { ReplayOptions } from '../replay/driver.ts';
import type { Failure } from '../replay/failure.ts';
import { constantsOf } from '../verify/replaying.ts';
import { caseRunner, traceOfCase } from './failingCase.ts';
import { failureFacts } from './keptTrace.ts';
import { noting } from './lastBegun.ts';
import { runPure } from './pureShare.ts';
import { runRunning } from './runningShare.ts';
import { runTraces } from './traceShare.ts';
import type { ShareAnswer, SharedFailure, ShareJob } from './share.ts';
import { shrink } from './shrink.ts';

export interface ShareTools {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number | undefined) => void;
  /** Where this share, a thread of its own, notes which action it begins. */
  readonly noted?: { readonly cells: Int32Array; readonly share: number };
}

/** What a share comes to before its failures are shrunk. */
export type RawAnswer = Omit<ShareAnswer, 'failures' | 'seconds'> & {
  readonly failures: readonly Failure[];
};

/** A graph and the code that is held to it. */
export interface Ground {
  readonly graph: StateGraph;
  readonly binding: AnyBinding | AnyRunningBinding;
  readonly options: ReplayOptions;
}

const shrunkMax = 3;
/** The kinds that a path run alone can show again. */
const repeatable: ReadonlySet<string> = new Set(['missing', 'forbidden', 'threw', 'no-answer']);

export async function runShare(
  job: ShareJob,
  tools: ShareTools,
  given?: AnyBinding | AnyRunningBinding,
): Promise<ShareAnswer> {
  const begun = performance.now();
  // Every trace under way listens for the end of the run.
  setMaxListeners(0, tools.signal);
  const loaded = given ?? (await loadAnyBinding(job.path, job.transpiled));
  const { noted } = tools;
  const binding = noted === undefined ? loaded : noting(loaded, noted.cells, noted.share);
  const answer = job.graph === undefined ? await runTraces(job, binding, tools) : undefined;
  const seconds = (): number => (performance.now() - begun) / 1000;
  if (answer !== undefined) return { ...answer, seconds: seconds() };
  const graph = decodeGraph(job.graph!);
  const { facts } = job;
  const options: ReplayOptions = {
    constants: constantsOf(graph, facts),
    parameterNames: facts.parameterNames,
    boundedLeaves: facts.boundedLeaves,
  };
  const ground: Ground = { graph, binding, options };
  const raw = isRunning(binding)
    ? await runRunning({ ...ground, binding }, job, tools)
    : runPure({ ...ground, binding }, job, tools);
  const failures: SharedFailure[] = [];
  for (const [i, failure] of raw.failures.entries()) {
    const made = i < shrunkMax ? await shrunk(ground, failure, tools) : { failure };
    // Shrunk, several may be one; all of them are counted.
    if (!failures.some((other) => other.failure.text === made.failure.text)) failures.push(made);
  }
  return { ...raw, failures, seconds: seconds() };
}

/** What does not fail again on the same path hangs on more than the path. */
function byChance(failure: Failure): Failure {
  if (!repeatable.has(failure.kind)) return failure;
  const hint =
    'led there once more, alone, it did not fail: it depends on time, on chance, on other subjects, or on a state that decode alone makes';
  return { ...failure, text: `${failure.text}\n${hint}` };
}

/** The failure of the shortest case found, with the trace that fails alone. */
async function shrunk(
  { graph, binding, options }: Ground,
  failure: Failure,
  { signal }: ShareTools,
): Promise<SharedFailure> {
  const { failing } = failure;
  if (failing === undefined || signal.aborted) return { failure };
  const small = await shrink(graph, { failure, failing }, caseRunner(graph, binding, options));
  if (small === undefined) return { failure: byChance(failure) };
  const { parameterNames } = options;
  const facts = failureFacts({ graph, binding: binding.name, ...small });
  return {
    failure: { ...small.failure, failing: small.failing },
    trace: writeItf(traceOfCase(graph, small.failing), { parameterNames, facts }),
    steps: small.failing.edges.length,
    foundSteps: failing.edges.length,
  };
}
