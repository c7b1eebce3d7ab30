/**
 * Behaviours of a model on the code, pure or running, one by one. What must hold: a behaviour that was
 * not run to its end is a failure.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Path } from '../behaviour/tour.ts';
import { checkLinearizable } from '../history/linearizability.ts';
import type { Model as HistoryModel } from '../history/model.ts';
import { historyOf, type HistoryEvent } from '../history/operation.ts';
import { BehaviourRunner, traceOf } from '../replay/behaviours.ts';
import type { Binding } from '../replay/binding.ts';
import type { ReplayOptions } from '../replay/driver.ts';
import { toursOf as sharedTours } from '../replaying/paths.ts';
import { ConformanceError } from './conformanceError.ts';
import { historyText } from './historyText.ts';

export interface BehaviourRun {
  readonly events: readonly HistoryEvent[];
  /** What went wrong, in words. */
  readonly failure?: string;
  /** Why the behaviour says nothing about the code. */
  readonly undecided?: string;
}

/** Runs a path of the graph it was made for. */
export type RunPath = (path: Path) => BehaviourRun | Promise<BehaviourRun>;

/** Paths that together take every edge that the code has. */
export function toursOf(graph: StateGraph, ignored: readonly string[], seed = 1): Path[] {
  return [...sharedTours(graph, ignored, { coverage: 'edge', inRow: 2, seed })];
}

export function pureRunner<S>(
  graph: StateGraph,
  binding: Binding<S>,
  options: ReplayOptions,
): RunPath {
  const runner = new BehaviourRunner(graph, binding, { ...options, labels: graph.labels });
  return (path) => {
    const { events, failure } = runner.run(traceOf(graph, path));
    return { events, ...(failure !== undefined && { failure: failure.text }) };
  };
}

/** What it returns says why the path showed nothing; a failure is thrown. */
export async function checkPath(
  path: Path,
  o: { readonly run: RunPath; readonly histories?: HistoryModel },
): Promise<string | undefined> {
  const { events, failure, undecided } = await o.run(path);
  if (failure !== undefined) throw new ConformanceError(failure);
  if (undecided !== undefined || o.histories === undefined) return undecided;
  const result = checkLinearizable(historyOf(events), o.histories);
  if (result.verdict !== 'ok') throw new ConformanceError(historyText(result));
  return undefined;
}
