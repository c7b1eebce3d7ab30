/**
 * Is there an order of the operations, consistent with real time, that the model allows? The
 * entry of the room: columns or operations in, one verdict out. `unknown` is never a pass.
 */
import { columnTurns } from './columns.ts';
import type { Columns } from './columns.ts';
import { Decision } from './decide.ts';
import { eventualReads } from './eventualReads.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explain.ts';
import { showValue } from './interner.ts';
import type { Model } from './model.ts';
import { HistoryError } from './operation.ts';
import type { Operation } from './operation.ts';
import { partitions } from './partition.ts';
import { partitionIds } from './partitionIds.ts';
import { inRounds } from './rounds.ts';
import type { Outcome } from './rounds.ts';
import { machineOf, unsplit } from './stepMachine.ts';
import { allOn } from './switches.ts';
import type { Switches } from './switches.ts';
import { inOneGo, inTurns } from './turns.ts';
import type { Turns } from './turns.ts';

export type HistoryVerdict = 'ok' | 'violation' | 'unknown';

export interface CheckOptions {
  /** Wall time after which what is undecided is unknown. Default: none. */
  readonly limitMs?: number;
  /** Steps of search over all keys. Default: none. */
  readonly maxSteps?: number;
  /** Memory of the searches, estimated. Default: none. */
  readonly maxMemoryBytes?: number;
  /** Of the hash; a violation is always confirmed under a second one. */
  readonly seed?: number;
  readonly switches?: Partial<Switches>;
  /** Time to make a violation small. Default 2000; 0 gives the verdict and the key only. */
  readonly explainMs?: number;
}

/** How far the check came on a key it could not decide. */
export interface Undecided {
  readonly key: unknown;
  readonly placed: number;
  readonly of: number;
}

export interface HistoryResult extends Partial<Explanation> {
  readonly verdict: HistoryVerdict;
  readonly operations: number;
  readonly steps: number;
  /** On violation and unknown: one sentence. */
  readonly reason?: string;
  /** On violation and unknown: the key. */
  readonly key?: unknown;
  /** On violation: operations that are on their own no linearizable history. */
  readonly operationsInvolved?: readonly Operation[];
  /** On unknown: every key left open, the one that spent the budget first. */
  readonly undecided?: readonly Undecided[];
  readonly spent?: 'steps' | 'time' | 'memory';
  /** On violation of another consistency model: the name of the anomaly. */
  readonly anomaly?: string;
  /** Facts that are no verdict, one a line: how stale reads were, what else was broken. */
  readonly notes?: readonly string[];
}

/** Decides in one go. */
export function checkLinearizable(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions = {},
): HistoryResult {
  return inOneGo(checkingTurns(history, model, options));
}

/** The same, but lets others run every 20 ms of search; `signal` ends it early. */
export function checkLinearizableAsync(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions & { readonly signal?: AbortSignal } = {},
): Promise<HistoryResult> {
  return inTurns(checkingTurns(history, model, options), options.signal);
}

/** The check as a generator that yields every few milliseconds. */
export function* checkingTurns(
  history: readonly Operation[] | Columns,
  given: Model,
  options: CheckOptions,
): Turns<HistoryResult> {
  const switches: Switches = { ...allOn, ...options.switches };
  const model = switches.splitByKey ? given : unsplit(given);
  const untilMs = performance.now() + (options.limitMs ?? Infinity);
  // An object of its own: what models keep beside the columns is of this check alone.
  const columns = 'table' in history ? { ...history } : yield* columnTurns(history);
  refuseUnknown(columns, model);
  const strange = eventualReads(columns);
  if (strange !== undefined) return { ...strange, operations: columns.count, steps: 0 };
  yield;
  const by = switches.splitByKey ? partitionIds(columns, model) : undefined;
  const parts = yield* partitions(columns, by, columns.eventual);
  yield;
  const seed = options.seed ?? 1;
  const decisions = parts.map((partition) => {
    return function* (): Turns<Decision> {
      const machine = yield* machineOf(columns, partition, model);
      return yield* Decision.of(partition, machine, switches, seed);
    };
  });
  const { maxSteps = Infinity, maxMemoryBytes = Infinity } = options;
  const budget = { maxSteps, untilMs, maxMemoryBytes, rounds: switches.rounds };
  const outcome = yield* inRounds(decisions, budget);
  const counts = { operations: columns.count, steps: outcome.steps };
  if (outcome.verdict === 'ok') return { verdict: 'ok', ...counts };
  if (outcome.verdict === 'unknown') return { ...undecided(columns, outcome), ...counts };
  const failed = outcome.left[0] as Decision;
  return {
    verdict: 'violation',
    ...counts,
    ...(yield* explain(columns, failed, model, options.explainMs ?? 2000)),
  };
}

function refuseUnknown(columns: Columns, model: Model): void {
  for (const name of columns.names) {
    if (model.operations.includes(name)) continue;
    throw new HistoryError(
      `operation "${name}" is unknown to the model ${model.name}, ` +
        `which has ${model.operations.join(', ')}`,
    );
  }
}

function undecided(
  columns: Columns,
  outcome: Outcome,
): Omit<HistoryResult, 'operations' | 'steps'> {
  const open = outcome.left.map(({ partition, search }) => ({
    key: columns.table.value(partition.key),
    placed: search?.deepest ?? 0,
    of: partition.rows.length,
  }));
  const first = open[0] as Undecided;
  const others = open.length === 1 ? '' : `, and ${open.length - 1} more keys`;
  const spent = outcome.spent as 'steps' | 'time' | 'memory';
  return {
    verdict: 'unknown',
    key: first.key,
    spent,
    undecided: open,
    reason:
      `the budget of ${spent} is spent: key ${showValue(first.key)} is undecided, ` +
      `${first.placed} of ${first.of} operations placed${others}`,
  };
}
