/**
 * Failing replays as behaviours for the report: the model's way to the state where the code and the
 * model part, and in words how they part.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { traceOf } from '../replay/behaviours.ts';
import type { Failure } from '../replay/failure.ts';
import type { ShownBehaviour } from '../report/reportPage.ts';
import { shownTrace } from '../report/shownBehaviour.ts';

const shownMax = 5;

export interface FailureSetting {
  readonly model: string;
  readonly graph: StateGraph;
  readonly parameterNames: Readonly<Record<string, readonly string[]>>;
}

export function shownFailures(
  failures: readonly Failure[],
  { model, graph, parameterNames }: FailureSetting,
): ShownBehaviour[] {
  return failures.slice(0, shownMax).flatMap(({ failing, summary, text }) => {
    if (failing === undefined) return [];
    const path = { start: failing.start, edges: Int32Array.from(failing.edges) };
    const title = `${model}: ${summary}`;
    const repeat = `bisim verify --only ${model}`;
    return [shownTrace(traceOf(graph, path), { title, reason: text, repeat, parameterNames })];
  });
}
