/**
 * Transactions over many keys: can their reads be explained at an isolation level? Splitting by
 * key is unsound here, and no order is searched: written values are unique, so dependencies are
 * facts (transactionEdges.ts), and a cycle among them is an anomaly, named after Adya as Elle
 * does. What is reported is wrong in every order. An ok of the serializable levels is proved by an
 * order that explains every read (serialOrder.ts); where neither is found the verdict is unknown.
 * At the weaker levels ok says that no dependency the reads tell of forms a forbidden anomaly.
 */
import type { IsolationLevel } from './consistency.ts';
import { operationText } from './explain.ts';
import { showValue } from './interner.ts';
import type { Operation } from './operation.ts';
import { realTimeEdges } from './realTime.ts';
import { explainsAll } from './serialOrder.ts';
import { cycleWithOne, shortestCycle } from './transactionCycles.ts';
import { DependencyReader } from './transactionEdges.ts';
import type { DirectAnomaly, Edge } from './transactionEdges.ts';

type CycleName = 'G0' | 'G1c' | 'G-single' | 'G2-item';

export type AnomalyName = DirectAnomaly['anomaly'] | CycleName | `${CycleName}-realtime`;

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

/** Checks operations `txn` of a history against a level. */
export function checkTransactions(
  history: readonly Operation[],
  level: IsolationLevel = 'strict-serializable',
): TransactionResult {
  const { transactions, edges, direct } = new DependencyReader().read(history);
  const allowsLost = level === 'read-committed';
  const anomalies: FoundAnomaly[] = direct.filter((each) => {
    return each.anomaly !== 'lost-update' || !allowsLost;
  });
  const timed = level === 'strict-serializable' || level === perItem;
  const time = timed ? realTimeEdges(transactions, level === perItem) : [];
  const cycle = firstCycle(transactions.length, edges, level);
  if (cycle !== undefined) anomalies.push(named(cycle, transactions, ''));
  else if (timed) {
    const late = timedCycle(transactions.length, edges, time);
    if (late !== undefined) anomalies.push(named(late, transactions, '-realtime'));
  }
  const counts = { level, operations: history.length, anomalies };
  const [first] = anomalies;
  if (first !== undefined) {
    const { reason, operations } = first;
    return { verdict: 'violation', ...counts, reason, operationsInvolved: operations };
  }
  const weak = level === 'read-committed' || level === 'snapshot-isolation';
  if (weak || explainsAll(transactions, [...edges, ...time])) return { verdict: 'ok', ...counts };
  const reason =
    'no anomaly is certain, and no order was found: the reads do not tell the order of all versions';
  return { verdict: 'unknown', ...counts, reason };
}

/** The gravest cycle that the level forbids, without real time. */
function firstCycle(size: number, edges: readonly Edge[], level: IsolationLevel) {
  const only = (...kinds: Edge['kind'][]): Edge[] => edges.filter((e) => kinds.includes(e.kind));
  const dirty = shortestCycle(size, only('ww')) ?? shortestCycle(size, only('ww', 'wr'));
  if (dirty !== undefined || level === 'read-committed') return dirty;
  const single = cycleWithOne(size, only('rw'), only('ww', 'wr'));
  if (single !== undefined || level === 'snapshot-isolation') return single;
  return shortestCycle(size, edges);
}

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
    count('rw') > 1 ? 'G2-item' : count('rw') === 1 ? 'G-single' : count('wr') > 0 ? 'G1c' : 'G0';
  const operations = cycle.map(({ from }) => transactions[from] as Operation);
  const steps = cycle.map((edge) => {
    const one = operationText(transactions[edge.from] as Operation);
    const other = operationText(transactions[edge.to] as Operation);
    return `${one} ${why(edge)} ${other}`;
  });
  const anomaly = `${name}${suffix}` as const;
  return { anomaly, reason: `${anomaly}: ${steps.join('; ')}`, operations };
}

function why({ kind, key }: Edge): string {
  if (kind === 'realtime') return 'ended before';
  const on = `(${showValue(key)})`;
  if (kind === 'wr') return `wrote ${on} what was read by`;
  return kind === 'ww' ? `wrote ${on} what was written over by` : `read ${on} the version before`;
}
