/**
 * Replays one model's graph on its binding, and the known-bad copies of the graph beside it.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { ModelReport } from '../report/verifyReport.ts';
import type { ShownBehaviour } from '../report/reportPage.ts';
import { replayGraph } from '../replay/driver.ts';
import type { ReplayOptions, ReplayResult } from '../replay/driver.ts';
import type { TlaValue } from '../value/value.ts';
import type { AnyBinding } from '../replay/bindingModule.ts';
import type { Facts } from './exploration.ts';
import { shownFailures } from './shownFailures.ts';
import { edgeToSpoil, ledElsewhere, withoutEdge } from './sabotage.ts';
import type { KnownBadCase } from './task.ts';

/** What is kept of a replay, as plain data. */
export interface Replayed {
  readonly verdict: ReplayResult['verdict'];
  readonly edges: number;
  readonly replayed: number;
  readonly seconds: number;
  readonly actions: ModelReport['actions'];
  readonly problems: readonly string[];
  readonly knownBad: readonly KnownBadCase[];
  readonly shown: readonly ShownBehaviour[];
}

/** A replay and its setting: what the spec's constants are, in the graph's own values. */
export interface Setting {
  readonly graph: StateGraph;
  readonly facts: Facts;
  readonly binding: AnyBinding;
}

export function constantsOf(
  graph: Pick<StateGraph, 'values'>,
  facts: Pick<Facts, 'constants'>,
): Record<string, TlaValue> {
  const parsed = Object.entries(facts.constants).map(
    ([name, text]) => [name, graph.values.value(graph.values.parse(text))] as const,
  );
  return Object.fromEntries(parsed);
}

export function replayOptions({ graph, facts }: Setting): ReplayOptions {
  return {
    constants: constantsOf(graph, facts),
    parameterNames: facts.parameterNames,
    boundedLeaves: facts.boundedLeaves,
  };
}

export function replay(model: string, setting: Setting, detail: (text: string) => void): Replayed {
  const { graph, binding } = setting;
  const options = replayOptions(setting);
  const result = replayGraph(graph, binding, {
    ...options,
    onProgress: (done, total) => detail(`replay ${done} of ${total} states`),
  });
  const problems = result.failures.map(({ text }) => text);
  const more = result.failureCount - result.failures.length;
  if (more > 0) problems.push(`and ${more} more failures of this replay`);
  if (result.verdict === 'unknown') problems.push(`replay is inconclusive: ${result.reason ?? ''}`);
  const left = result.edges - result.replayed - result.ignored;
  if (result.verdict === 'ok' && left > 0) problems.push(`${left} edges were not replayed`);
  return {
    verdict: result.verdict,
    edges: result.edges,
    replayed: result.replayed,
    seconds: result.seconds,
    actions: result.perAction.map(({ action, edges, replayed }) => ({ action, edges, replayed })),
    problems,
    shown: shownFailures(result.failures, {
      model,
      graph,
      parameterNames: setting.facts.parameterNames,
    }),
    knownBad: result.verdict === 'ok' ? knownBadCases(model, setting, options) : [],
  };
}

export function knownBadCases(
  model: string,
  { graph, binding }: Pick<Setting, 'graph' | 'binding'>,
  options: ReplayOptions,
): KnownBadCase[] {
  const edge = edgeToSpoil(graph);
  if (edge === undefined) return [];
  const action = graph.labels[graph.edgeLabel[edge] ?? 0]?.action ?? '';
  const rejects = (spoilt: StateGraph): boolean =>
    replayGraph(spoilt, binding, { ...options, stopAfter: 1 }).verdict === 'violation';
  const cases = [
    {
      check: 'replay',
      what: `${model} without one edge of ${action}`,
      rejected: rejects(withoutEdge(graph, edge)),
    },
  ];
  const elsewhere = ledElsewhere(graph, edge);
  if (elsewhere !== undefined) {
    const what = `${model} with one edge of ${action} led elsewhere`;
    cases.push({ check: 'replay', what, rejected: rejects(elsewhere) });
  }
  return cases;
}
