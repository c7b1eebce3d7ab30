/**
 * One failing case, run alone: a path of the graph, and what is asked for at its end. Pure and running
 * subjects alike.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';
import { BehaviourRunner, type Probe, traceOf } from '../replay/behaviours.ts';
import { type AnyBinding, type AnyRunningBinding, isRunning } from '../replay/bindingModule.ts';
import type { ReplayOptions } from '../replay/driver.ts';
import type { Failure, FailingCase } from '../replay/failure.ts';
import { failureText } from '../replay/failureText.ts';
import { Whereabouts } from '../replay/whereabouts.ts';
import { runPath } from '../running/pathRun.ts';
import { World } from '../running/world.ts';

export type RunCase = (failing: FailingCase) => Promise<Failure | undefined>;

export function caseRunner(
  graph: StateGraph,
  binding: AnyBinding | AnyRunningBinding,
  options: ReplayOptions,
): RunCase {
  if (isRunning(binding)) {
    const world = new World(graph, binding, { ...options, offers: false });
    return async (failing) => {
      const path = { start: failing.start, edges: Int32Array.from(failing.edges) };
      return (await runPath(world, path, probeOf(graph, failing))).failure;
    };
  }
  const runner = new BehaviourRunner(graph, binding, options);
  const where = new Whereabouts(graph, options.parameterNames, new Int32Array(0));
  return (failing) => {
    const { failure } = runner.run(traceOfCase(graph, failing), probeOf(graph, failing));
    return Promise.resolve(failure && withEnabled(failure, where, graph, failing));
  };
}

/** A trace alone does not tell what else the model allows where it failed; the graph does. */
function withEnabled(
  failure: Failure,
  where: Whereabouts,
  graph: StateGraph,
  { start, edges }: FailingCase,
): Failure {
  if (failure.step === undefined || failure.step < 1) return failure;
  const node = endOf(graph, { start, edges: edges.slice(0, failure.step - 1) });
  const { text: _, ...report } = failure;
  const whole = { ...report, enabled: where.enabled(node) };
  return { ...whole, text: failureText(whole) };
}

export function traceOfCase(graph: StateGraph, { start, edges }: FailingCase): Trace {
  return traceOf(graph, { start, edges: Int32Array.from(edges) });
}

/** What is asked for at the end, and where the model lets it lead. */
export function probeOf(graph: StateGraph, failing: FailingCase): Probe | undefined {
  if (failing.probe === undefined) return undefined;
  const width = graph.variables.length;
  const node = endOf(graph, failing);
  const allowed: Int32Array[] = [];
  for (let edge = graph.edgeOffset[node]!; edge < graph.edgeOffset[node + 1]!; edge += 1) {
    if (graph.edgeLabel[edge] !== failing.probe) continue;
    const target = graph.edgeTarget[edge]!;
    allowed.push(graph.states.slice(target * width, (target + 1) * width));
  }
  return { label: graph.labels[failing.probe]!, allowed };
}

/** The node where the case's edges end. */
export function endOf(graph: StateGraph, { start, edges }: FailingCase): number {
  const last = edges.at(-1);
  return last === undefined ? start : graph.edgeTarget[last]!;
}
