/**
 * Many keys, one budget: every key gets a small slice of search first, those still open a slice
 * twice as long, and so on. A violation in an easy key is found before a hard key has eaten the
 * budget, and at most half the work is spent beyond what the deciding round needed. It is a
 * generator that yields between slices, so that the asynchronous form can let others run.
 */
import type { Decision } from './decide.ts';
import type { Turns } from './turns.ts';

export interface Budget {
  readonly maxSteps: number;
  /** On the clock of performance.now(). */
  readonly untilMs: number;
  readonly maxMemoryBytes: number;
  readonly rounds: boolean;
}

export interface Outcome {
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly steps: number;
  /** The decision that failed, or those left open. */
  readonly left: readonly Decision[];
  readonly spent?: 'steps' | 'time' | 'memory';
}

const sliceSteps = 1000;

export function* inRounds(
  decisions: Iterable<() => Turns<Decision>>,
  budget: Budget,
): Turns<Outcome> {
  let steps = 0;
  let open: Decision[] = [];
  const run = function* (decision: Decision, share: number): Turns<Outcome | undefined> {
    for (let used = 0; used < share; used += sliceSteps) {
      const before = decision.steps;
      const verdict = yield* decision.run(sliceSteps);
      steps += decision.steps - before;
      if (verdict === 'violation') return { verdict, steps, left: [decision] };
      if (verdict === 'ok') return undefined;
      const spent = exceeded(budget, steps, [...open, decision]);
      if (spent !== undefined) return { verdict: 'unknown', steps, left: [decision], spent };
      yield;
    }
    open.push(decision);
    return undefined;
  };
  for (const begin of decisions) {
    yield;
    const outcome = yield* run(yield* begin(), budget.rounds ? sliceSteps : Infinity);
    if (outcome !== undefined) return withOpen(outcome, open);
  }
  for (let share = 2 * sliceSteps; open.length > 0; share *= 2) {
    const round = open;
    open = [];
    for (let at = 0; at < round.length; at += 1) {
      const outcome = yield* run(round[at] as Decision, share);
      if (outcome !== undefined) return withOpen(outcome, [...open, ...round.slice(at + 1)]);
    }
  }
  return { verdict: 'ok', steps, left: [] };
}

function withOpen(outcome: Outcome, open: readonly Decision[]): Outcome {
  return outcome.verdict === 'unknown' ? { ...outcome, left: [...outcome.left, ...open] } : outcome;
}

function exceeded(budget: Budget, steps: number, open: readonly Decision[]): Outcome['spent'] {
  if (steps >= budget.maxSteps) return 'steps';
  if (performance.now() > budget.untilMs) return 'time';
  if (budget.maxMemoryBytes === Infinity) return undefined;
  const bytes = open.reduce((sum, each) => sum + each.memoryBytes, 0);
  return bytes > budget.maxMemoryBytes ? 'memory' : undefined;
}
