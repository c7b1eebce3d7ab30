/**
 * Every edge of a graph on the code, as the tests that vitest shows: one an action. What must hold: a
 * failure of the replay is a failure of exactly one of these tests, whatever its kind.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { type Binding } from '../replay/binding.ts';
import type { ActionCoverage } from '../replay/coverage.ts';
import { replayGraph, type ReplayOptions, type ReplayResult } from '../replay/driver.ts';
import { ConformanceError } from './conformanceError.ts';

/** Enough that each action's first failures are kept. */
const maxFailures = 1_000;

export function replayEdges<S>(
  graph: StateGraph,
  binding: Binding<S>,
  options: ReplayOptions,
): ReplayResult {
  return replayGraph(graph, binding, { ...options, maxFailures });
}

/** What the test of an action is called: `Prepare(rm): 240 edges`. */
export function actionTitle(
  { action, edges }: Pick<ActionCoverage, 'action' | 'edges'>,
  parameters: readonly string[],
): string {
  const name = parameters.length === 0 ? action : `${action}(${parameters.join(', ')})`;
  return `${name}: ${edges.toLocaleString('en-US')} ${edges === 1 ? 'edge' : 'edges'}`;
}

/** The failures of one action, the first of each kind; `undefined`: those of no action (initial states, views). */
export function failuresOf(result: ReplayResult, action: string | undefined): string | undefined {
  const all = result.failures.filter((failure) => failure.action === action);
  const shown = all.filter(({ kind }, at) => all.findIndex((one) => one.kind === kind) === at);
  const counted = result.failureCounts.filter((one) => one.action === action);
  const count = counted.reduce((sum, one) => sum + one.count, 0);
  if (count === 0 && shown.length === 0) return undefined;
  const more = count - shown.length;
  const texts = shown.map(({ text }) => text);
  if (more > 0) texts.push(`and ${more} more ${more === 1 ? 'failure' : 'failures'} like these`);
  return texts.join('\n\n');
}

/** Failures that name an action which the test of none would show. */
export function actionsWithFailures(result: ReplayResult): string[] {
  const named = result.failureCounts.flatMap(({ action }) =>
    action === undefined ? [] : [action],
  );
  return [...new Set(named)];
}

export function checkAction(result: ReplayResult, action: string): void {
  const text = failuresOf(result, action);
  if (text !== undefined) throw new ConformanceError(text);
}

export function checkStates(result: ReplayResult, tested: ReadonlySet<string>): void {
  const others = actionsWithFailures(result).filter((action) => !tested.has(action));
  const texts = [undefined, ...others].flatMap((action) => failuresOf(result, action) ?? []);
  if (texts.length > 0) throw new ConformanceError(texts.join('\n\n'));
  if (result.verdict === 'unknown') throw new ConformanceError(result.reason ?? 'undecided');
}

/** Every edge was taken, and every action has one: an action that never happens is not checked. */
export function checkCoverage(result: ReplayResult, mayMiss: readonly string[]): void {
  const problems: string[] = [];
  for (const { action, edges, replayed, ignored } of result.perAction) {
    if (mayMiss.includes(action) || ignored === true) continue;
    if (edges === 0) {
      problems.push(
        `${action}: never enabled in this model; make the model larger, or name it in mayMiss`,
      );
    } else if (replayed < edges) problems.push(`${action}: ${replayed} of ${edges} edges taken`);
  }
  if (problems.length > 0) throw new ConformanceError(problems.join('\n'));
}
