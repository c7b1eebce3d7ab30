/**
 * The first thing that the code does otherwise than a graph says: every edge of it for pure code, tours
 * and what is offered on their way for code that runs.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { type AnyBinding, type AnyRunningBinding, isRunning } from '../replay/bindingModule.ts';
import { replayGraph, type ReplayOptions } from '../replay/driver.ts';
import { toursOf } from '../replaying/paths.ts';
import { replayRunning } from '../running/replayRunning.ts';

export interface OnCode {
  readonly binding: AnyBinding | AnyRunningBinding;
  readonly replay: (graph: StateGraph) => ReplayOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Found {
  /** Undefined: the code does what the graph says. */
  readonly failure: string | undefined;
  /** Pairs of a state of the graph and one of the code that a replay met; 0 for code that runs. */
  readonly pairs: number;
}

export async function firstFailure(graph: StateGraph, o: OnCode): Promise<Found> {
  const { binding, timeoutMs } = o;
  const options = o.replay(graph);
  if (!isRunning(binding)) {
    const { failures, pairs } = replayGraph(graph, binding, { ...options, stopAfter: 1 });
    return { failure: failures[0]?.summary, pairs };
  }
  const { constants, parameterNames, boundedLeaves = false } = options;
  const paths = toursOf(graph, binding.ignored, { coverage: 'edge', inRow: 2, seed: 1 });
  const signal = AbortSignal.any([o.signal, AbortSignal.timeout(timeoutMs)]);
  const { failed } = await replayRunning(graph, binding, {
    ...{ constants, parameterNames, boundedLeaves, paths, maxFailures: 1, signal },
  });
  const [first] = failed;
  if (first !== undefined) return { failure: first.failure.summary, pairs: 0 };
  if (!signal.aborted) return { failure: undefined, pairs: 0 };
  throw new Error(`its replay did not end within ${timeoutMs / 1_000} s`);
}
