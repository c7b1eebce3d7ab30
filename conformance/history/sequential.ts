/**
 * Sequential consistency (Lamport, 1979): some order of all operations is legal and keeps the
 * order of each process; real time does not count. A linearizable history is one, so that check,
 * which is fast, comes first. A key whose part alone has no order is a violation of the whole.
 * Only then all keys are searched together (sequentialSearch.ts). A violation is searched again
 * under a second hash seed before it is believed, and made small as in minimal.ts: a read is
 * dropped, a write may take effect at any later time or never; what still violates did without.
 */
import { columnTurns } from './columns.ts';
import type { Columns } from './columns.ts';
import { checkingTurns } from './linearizability.ts';
import type { CheckOptions, HistoryResult } from './linearizability.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';
import { alone, inputOf } from './sequentialInput.ts';
import { SequentialSearch } from './sequentialSearch.ts';
import { attemptSteps, whySequential } from './sequentialWhy.ts';
import { inOneGo, inTurns } from './turns.ts';
import type { Turns } from './turns.ts';

export function checkSequential(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions = {},
): HistoryResult {
  return inOneGo(sequentialTurns(history, model, options));
}

export function checkSequentialAsync(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions & { readonly signal?: AbortSignal } = {},
): Promise<HistoryResult> {
  return inTurns(sequentialTurns(history, model, options), options.signal);
}

function* sequentialTurns(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions,
): Turns<HistoryResult> {
  const columns = 'table' in history ? { ...history } : yield* columnTurns(history);
  const { limitMs = Infinity, maxSteps = Infinity, maxMemoryBytes = Infinity, seed = 1 } = options;
  const untilMs = performance.now() + limitMs;
  const easy = { maxSteps: Math.min(maxSteps, 1_000_000), limitMs: limitMs / 2, explainMs: 0 };
  const linear = yield* checkingTurns(columns, model, easy);
  const counts = { operations: columns.count, steps: linear.steps };
  if (linear.verdict === 'ok') return { verdict: 'ok', ...counts };
  const budget = { maxSteps, untilMs, maxMemoryBytes };
  const whole = yield* inputOf(columns, model);
  for (const input of [...alone(whole), whole]) {
    const small = input === whole ? budget : { ...budget, maxSteps: attemptSteps };
    const search = new SequentialSearch(input, seed);
    const found = yield* search.run(small);
    counts.steps += search.steps;
    if (found === 'violation') {
      const again = yield* new SequentialSearch(input, seed ^ 0x5bd1e995).run(budget);
      if (again !== 'violation') continue;
      const within = performance.now() + (options.explainMs ?? 2000);
      return {
        verdict: 'violation',
        ...counts,
        ...(yield* whySequential(columns, model, input, within)),
      };
    }
    if (input !== whole) continue;
    if (found === 'ok') return { verdict: 'ok', ...counts };
    const reason =
      `the budget of ${found} is spent: at most ${search.best.length} of ` +
      `${input.operations.length} operations placed`;
    return { verdict: 'unknown', ...counts, reason, spent: found };
  }
  return { verdict: 'unknown', ...counts, reason: 'two searches disagree', spent: 'steps' };
}
