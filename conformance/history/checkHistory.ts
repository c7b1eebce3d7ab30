/**
 * One history held to any of the consistency models. Only the checker that is asked for is
 * loaded: a cold check of an easy history costs little more than the start of node.
 */
import type { Columns } from './columns.ts';
import { operationsOf } from './columns.ts';
import type { Consistency } from './consistency.ts';
import { eventualReads } from './eventualReads.ts';
import { checkLinearizableAsync } from './linearizability.ts';
import type { CheckOptions, HistoryResult } from './linearizability.ts';
import type { Model } from './model.ts';
import { HistoryError } from './operation.ts';
import { inTurns } from './turns.ts';

export interface HistoryCheckOptions extends CheckOptions {
  readonly signal?: AbortSignal;
}

export async function checkHistory(
  columns: Columns,
  model: Model,
  consistency: Consistency,
  options: HistoryCheckOptions = {},
): Promise<HistoryResult> {
  switch (consistency.kind) {
    case 'linearizable':
      return checkLinearizableAsync(columns, model, options);
    case 'sequential': {
      const { checkSequentialAsync } = await import('./sequential.ts');
      return checkSequentialAsync(columns, model, options);
    }
    case 'causal': {
      const { causalTurns } = await import('./causal.ts');
      const work = causalTurns(operationsOf(columns), consistency.level, options);
      return inTurns(work, options.signal);
    }
    case 'session': {
      const { checkSessions } = await import('./sessions.ts');
      return checkSessions(operationsOf(columns), consistency.guarantees);
    }
    case 'staleness':
      return staleness(columns, consistency.bound);
    case 'transactions': {
      const { checkTransactions } = await import('./transactions.ts');
      const { verdict, operations, reason, operationsInvolved, anomalies } = checkTransactions(
        operationsOf(columns),
        consistency.level,
        options.limitMs === undefined ? {} : { limitMs: options.limitMs },
      );
      const told = reason === undefined ? {} : { reason };
      const involved = operationsInvolved === undefined ? {} : { operationsInvolved };
      const [first, ...others] = anomalies;
      const named = first === undefined ? {} : { anomaly: first.anomaly };
      const notes = others.map((each) => `also ${each.reason}`);
      return { verdict, operations, steps: 0, ...told, ...involved, ...named, notes };
    }
  }
}

async function staleness(columns: Columns, bound: number): Promise<HistoryResult> {
  if (!columns.eventual.includes(1)) {
    throw new HistoryError('no read is marked "eventual": true, so none can be too stale');
  }
  const strange = eventualReads(columns);
  if (strange !== undefined) return { ...strange, operations: columns.count, steps: 0 };
  const { checkStaleness } = await import('./staleness.ts');
  const history = operationsOf(columns);
  const { verdict, reads, staleReads, worst, broken, reason } = checkStaleness(history, {
    staleness: bound,
  });
  const counts = { verdict, operations: history.length, steps: 0 };
  const most = worst === undefined ? '' : `, at most by ${worst.staleness}`;
  const notes = [
    `${reads} eventual reads, ${staleReads} of them stale${most}`,
    ...broken.map((each) => each.reason),
  ];
  const involved = verdict === 'violation' && worst !== undefined;
  return {
    ...{ ...counts, notes, ...(reason === undefined ? {} : { reason }) },
    ...(involved ? { key: worst.read.key, operationsInvolved: [worst.read] } : {}),
  };
}
