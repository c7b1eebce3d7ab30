/**
 * Transactions over many keys: can their reads be explained at an isolation level? Splitting by
 * key is unsound here, and no order is searched: written values are unique, so dependencies are
 * facts (transactionEdges.ts), and a cycle among them is an anomaly, named after Adya as Elle
 * does. What is reported is wrong in every order. An ok is proved by an order that explains every
 * read (serialWitness.ts, serialOrder.ts) or leaves no cycle (repairedOrder.ts); where the reads leave orders open,
 * versionOrder.ts searches them, within a budget.
 */
import type { IsolationLevel } from './consistency.ts';
import { operationText } from './explain.ts';
import { showValue } from './interner.ts';
import type { Operation } from './operation.ts';
import { realTimeEdges } from './realTime.ts';
import { forbiddenCycle } from './isolation.ts';
import { explainsAll } from './serialOrder.ts';
import { hasWitness, narrowedMoments } from './serialWitness.ts';
import { likelyCommits } from './likelyCommits.ts';
import { repairedOrder } from './repairedOrder.ts';
import { cycleWithOne, shortestCycle } from './transactionCycles.ts';
import { DependencyReader } from './transactionEdges.ts';
import type { Dependencies, DirectAnomaly, Edge } from './transactionEdges.ts';
import type { Contradiction } from './versionOrder.ts';

type CycleName = 'G0' | 'G1c' | 'G-single' | 'G-nonadjacent' | 'G2-item';

export type AnomalyName =
  DirectAnomaly['anomaly'] | CycleName | `${CycleName}-realtime` | 'no-version-order';

export interface FoundAnomaly {
  readonly anomaly: AnomalyName;
  readonly reason: string;
  readonly operations: readonly Operation[];
}

export interface TransactionResult {
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly level: IsolationLevel;
  readonly operations: number;
  readonly reason?: string;
  readonly operationsInvolved?: readonly Operation[];
  readonly anomalies: readonly FoundAnomaly[];
}

const perItem = 'serializable-and-per-item-linearizable';

export interface TransactionOptions {
  /** Wall time for orders of versions that the reads leave open. Default 10 s. */
  readonly limitMs?: number;
}

/** Checks operations `txn` of a history against a level. */
export function checkTransactions(
  history: readonly Operation[],
  level: IsolationLevel = 'strict-serializable',
  { limitMs = 10_000 }: TransactionOptions = {},
): TransactionResult {
  const untilMs = performance.now() + limitMs;
  const dependencies = new DependencyReader().read(history);
  const { transactions, edges, direct } = dependencies;
  const allowsLost = level === 'read-committed';
  const anomalies: FoundAnomaly[] = direct.filter((each) => {
    return each.anomaly !== 'lost-update' || !allowsLost;
  });
  const timed = level === 'strict-serializable' || level === perItem;
  const time = timed ? realTimeEdges(transactions, level === perItem) : [];
  const cycle = forbiddenCycle(transactions.length, edges, level);
  if (cycle !== undefined) anomalies.push(named(cycle, transactions, ''));
  else if (timed) {
    const late = timedCycle(transactions.length, edges, time);
    if (late !== undefined) anomalies.push(named(late, transactions, '-realtime'));
  }
  const counts = { level, operations: history.length, anomalies };
  const [first] = anomalies;
  if (first !== undefined) return { verdict: 'violation', ...counts, ...shown(first) };
  // Read committed has no more to it: any order that extends ww and wr is one of the versions.
  if (level === 'read-committed') return { verdict: 'ok', ...counts };
  const left = remaining(dependencies, time, level, untilMs);
  if (left === 'ok') return { verdict: 'ok', ...counts };
  if (left !== 'unknown')
    return { verdict: 'violation', ...counts, ...shown(left), anomalies: [left] };
  const reason =
    'no anomaly is certain, and no order was found: the reads do not tell the order of all versions';
  return { verdict: 'unknown', ...counts, reason };
}

function shown({ reason, operations }: FoundAnomaly) {
  return { reason, operationsInvolved: operations };
}

/** No anomaly is certain: is there an order of the versions that the level allows? */
function remaining(
  { transactions, edges, keys, whole }: Dependencies,
  time: readonly Edge[],
  level: IsolationLevel,
  untilMs: number,
): 'ok' | 'unknown' | FoundAnomaly {
  const moments = narrowedMoments(transactions, edges, keys);
  if (moments !== undefined && hasWitness(transactions, edges, keys, moments)) return 'ok';
  const snapshot = level === 'snapshot-isolation';
  const all = [...edges, ...time];
  if (!snapshot && explainsAll(transactions, all)) return 'ok';
  if (!whole) return 'unknown';
  const likely = snapshot
    ? likelyCommits(transactions, edges)
    : Float64Array.from(transactions, (o) => o.return ?? Infinity);
  const size = transactions.length;
  const found = repairedOrder({ size, snapshot, edges: all, keys, likely, untilMs });
  return typeof found === 'string' ? found : contradicted(found, transactions, level);
}

/** Neither order of two writers is possible, or no choice for several pairs together. */
function contradicted(
  { edges, sides }: Contradiction,
  transactions: readonly Operation[],
  level: IsolationLevel,
): FoundAnomaly {
  const cycles = (sides ?? []).flatMap((side) => {
    const all = [...edges, ...side];
    const untimed = all.filter(({ kind }) => kind !== 'realtime');
    const cycle = forbiddenCycle(transactions.length, untimed, level);
    if (cycle !== undefined) return [named(cycle, transactions, '')];
    const time = all.filter(({ kind }) => kind === 'realtime');
    const late = timedCycle(transactions.length, untimed, time);
    return late === undefined ? [] : [named(late, transactions, '-realtime')];
  });
  const [one, other] = cycles;
  if (one === undefined || other === undefined) {
    const operations = transactions.slice(0, involvedMax);
    const reason = `no-version-order: no order of the versions explains all reads`;
    return { anomaly: 'no-version-order', reason, operations };
  }
  const operations = [...new Set([...one.operations, ...other.operations])];
  return {
    ...one,
    reason: `${one.reason}; written the other way round, ${other.reason}`,
    operations,
  };
}

/** Most operations shown where no smaller set is known. */
const involvedMax = 50;

function timedCycle(size: number, edges: readonly Edge[], time: readonly Edge[]) {
  const calm = edges.filter(({ kind }) => kind !== 'rw');
  const tense = edges.filter(({ kind }) => kind === 'rw');
  return (
    shortestCycle(size, [...calm, ...time]) ??
    cycleWithOne(size, tense, [...calm, ...time]) ??
    shortestCycle(size, [...edges, ...time])
  );
}

function named(
  cycle: readonly Edge[],
  transactions: readonly Operation[],
  suffix: '' | '-realtime',
): FoundAnomaly {
  const count = (kind: Edge['kind']): number => cycle.filter((e) => e.kind === kind).length;
  const name: CycleName =
    count('rw') > 1
      ? apart(cycle)
        ? 'G-nonadjacent'
        : 'G2-item'
      : count('rw') === 1
        ? 'G-single'
        : count('wr') > 0
          ? 'G1c'
          : 'G0';
  const operations = cycle.map(({ from }) => transactions[from] as Operation);
  const steps = cycle.map((edge) => {
    const one = operationText(transactions[edge.from] as Operation);
    const other = operationText(transactions[edge.to] as Operation);
    return `${one} ${why(edge)} ${other}`;
  });
  const anomaly = `${name}${suffix}` as const;
  return { anomaly, reason: `${anomaly}: ${steps.join('; ')}`, operations };
}

/** No two rw follow each other: what snapshot isolation forbids. */
function apart(cycle: readonly Edge[]): boolean {
  return cycle.every(({ kind }, at) => kind !== 'rw' || cycle.at(at - 1)?.kind !== 'rw');
}

function why({ kind, key }: Edge): string {
  if (kind === 'realtime') return 'ended before';
  const on = `(${showValue(key)})`;
  if (kind === 'wr') return `wrote ${on} what was read by`;
  return kind === 'ww' ? `wrote ${on} what was written over by` : `read ${on} the version before`;
}
