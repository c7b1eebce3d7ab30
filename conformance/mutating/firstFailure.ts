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

export async function firstFailure(graph: StateGraph, o: OnCode): Promise<string | undefined> {
  const { binding, timeoutMs } = o;
  const options = o.replay(graph);
  if (!isRunning(binding)) {
    const { failures } = replayGraph(graph, binding, { ...options, stopAfter: 1 });
    return failures[0]?.summary;
  }
  const { constants, parameterNames, boundedLeaves = false } = options;
  const paths = toursOf(graph, binding.ignored, { coverage: 'edge', inRow: 2, seed: 1 });
  const signal = AbortSignal.any([o.signal, AbortSignal.timeout(timeoutMs)]);
  const { failed } = await replayRunning(graph, binding, {
    ...{ constants, parameterNames, boundedLeaves, paths, maxFailures: 1, signal },
  });
  const [first] = failed;
  if (first !== undefined) return first.failure.summary;
  if (!signal.aborted) return undefined;
  throw new Error(`its replay did not end within ${timeoutMs / 1_000} s`);
}
