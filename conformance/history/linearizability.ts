/**
 * Is there an order of the operations, consistent with real time, that the model allows? The
 * entry of the room: columns or operations in, one verdict out. `unknown` is never a pass.
 */
import { toColumns, operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import { eventualReads } from './eventualReads.ts';
import { showValue } from './interner.ts';
import type { Machine, Model, Partition } from './model.ts';
import { HistoryError } from './operation.ts';
import type { Operation } from './operation.ts';
import { partitions } from './partition.ts';
import { Search } from './search.ts';

export type HistoryVerdict = 'ok' | 'violation' | 'unknown';

export interface CheckOptions {
  /** Wall time after which what is undecided is unknown. Default: none. */
  readonly limitMs?: number;
  /** Steps of search over all keys. Default: none. */
  readonly maxSteps?: number;
  readonly maxMemoryBytes?: number;
  /** Of the hash; a violation is always confirmed under a second one. */
  readonly seed?: number;
}

export interface HistoryResult {
  readonly verdict: HistoryVerdict;
  readonly operations: number;
  readonly steps: number;
  /** On violation and unknown: one sentence. */
  readonly reason?: string;
  /** On violation and unknown: the key. */
  readonly key?: unknown;
  /** On violation: operations that are together no linearizable history. */
  readonly operationsInvolved?: readonly Operation[];
}

export function checkLinearizable(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions = {},
): HistoryResult {
  const columns = 'table' in history ? history : toColumns(history);
  refuseUnknown(columns, model);
  const strange = eventualReads(columns, model);
  if (strange !== undefined) return { ...strange, operations: columns.count, steps: 0 };
  const by = model.partitionColumn?.(columns);
  const parts = partitions(columns, by, columns.eventual);
  return searchAll(columns, parts, model, options);
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

interface Job {
  readonly partition: Partition;
  readonly machine: Machine;
  readonly search: Search;
}

const firstRoundSteps = 1000;

function searchAll(
  columns: Columns,
  parts: readonly Partition[],
  model: Model,
  options: CheckOptions,
): HistoryResult {
  const { maxSteps = Infinity, limitMs = Infinity, maxMemoryBytes = Infinity, seed = 1 } = options;
  const until = performance.now() + limitMs;
  let steps = 0;
  let open: Job[] = [];
  for (const partition of parts) {
    const machine = machineOf(columns, partition, model);
    const search = new Search(partition, machine, seed);
    const verdict = search.run(firstRoundSteps);
    steps += search.steps;
    if (verdict === 'violation') return violated(columns, { partition, machine, search }, steps);
    if (verdict === 'paused') open.push({ partition, machine, search });
  }
  for (let budget = 2 * firstRoundSteps; open.length > 0; budget *= 2) {
    const still: Job[] = [];
    for (const job of open) {
      for (let spent = 0; spent < budget; spent += firstRoundSteps) {
        const before = job.search.steps;
        const verdict = job.search.run(firstRoundSteps);
        steps += job.search.steps - before;
        if (verdict === 'violation') return violated(columns, job, steps);
        if (verdict === 'ok') break;
        const memory = open.reduce((sum, each) => sum + each.search.memoryBytes, 0);
        if (steps > maxSteps || performance.now() > until || memory > maxMemoryBytes) {
          return undecided(columns, job, steps);
        }
        if (spent + firstRoundSteps >= budget) still.push(job);
      }
    }
    open = still;
  }
  return { verdict: 'ok', operations: columns.count, steps };
}

function machineOf(columns: Columns, partition: Partition, model: Model): Machine {
  if (model.compile === undefined) throw new HistoryError(`model ${model.name} has no machine`);
  return model.compile(columns, partition);
}

function violated(columns: Columns, job: Job, steps: number): HistoryResult {
  const { partition, machine } = job;
  const again = new Search(partition, machine, 0x5bd1e995);
  if (again.run(Infinity) === 'ok') return { verdict: 'ok', operations: columns.count, steps };
  const key = columns.table.value(partition.key);
  return {
    verdict: 'violation',
    operations: columns.count,
    steps,
    key,
    reason:
      `no order of the ${partition.rows.length} operations on key ${showValue(key)} is legal; ` +
      `the longest legal beginning has ${job.search.deepest}`,
    operationsInvolved: Array.from(partition.rows, (row) => operationAt(columns, row)),
  };
}

function undecided(columns: Columns, job: Job, steps: number): HistoryResult {
  const key = columns.table.value(job.partition.key);
  return {
    verdict: 'unknown',
    operations: columns.count,
    steps,
    key,
    reason:
      `undecided within the limit: key ${showValue(key)}, ` +
      `${job.search.deepest} of ${job.partition.definite} operations placed`,
  };
}
