/** Paths of a graph on subjects that run, for the tests of a suite. */
import type { StateGraph } from '../behaviour/graph.ts';
import type { AnyRunningBinding } from '../replay/bindingModule.ts';
import type { ReplayOptions } from '../replay/driver.ts';
import { runPath } from '../running/pathRun.ts';
import { World } from '../running/world.ts';
import type { BehaviourRun, RunPath } from './behaviourChecks.ts';

export function runningRunner(
  graph: StateGraph,
  binding: AnyRunningBinding,
  options: ReplayOptions,
): RunPath {
  const world = new World(graph, binding, options);
  return async (path): Promise<BehaviourRun> => {
    const { verdict, events, failure } = await runPath(world, path);
    if (failure !== undefined) return { events, failure: failure.text };
    if (verdict === 'diverged')
      return { events, undecided: 'hidden variables let the subject go where the path does not' };
    if (verdict === 'unknown')
      return { events, failure: 'the path could not be followed within the limit of restarts' };
    return { events };
  };
}
