import { describe, expect, it } from 'vitest';
import { checkTransactions } from '../../conformance/history.ts';
import type { IsolationLevel, Operation, Status } from '../../conformance/history.ts';
import {
  endedBefore,
  readCommittedOrderExists,
  serialOrderExists,
  snapshotOrderExists,
} from './transactionOracle.ts';

/** `r x 1` saw 1, `r x -` saw nothing, `w y 2` wrote 2; `at` are the call and the return. */
function txn(text: string, at: [number, number] = [0, 100], status: Status = 'ok'): Operation {
  const parts = text.split(', ').map((part) => {
    const [kind, key, value] = part.split(' ') as [string, string, string];
    return [kind, key, value === '-' ? null : Number(value)] as const;
  });
  return {
    ...{ process: text, op: 'txn', key: null, status },
    value: parts.map(([kind, key, value]) => [kind, key, kind === 'r' ? null : value]),
    result: parts.filter(([kind]) => kind === 'r').map(([, , value]) => value),
    ...{ invoke: at[0], return: at[1] },
  };
}

const early: [number, number] = [0, 10];
const late: [number, number] = [20, 30];

/** By its name: the history, the weakest level here that forbids it, and the shortest cycle. */
const fixtures: [string, IsolationLevel, Operation[], number][] = [
  ['G1a', 'read-committed', [txn('w x 1', early, 'fail'), txn('r x 1')], 2],
  ['G1b', 'read-committed', [txn('w x 1, w x 2'), txn('r x 1')], 2],
  ['internal', 'read-committed', [txn('w x 1, r x 2'), txn('w x 2')], 1],
  ['phantom', 'read-committed', [txn('r x 1')], 1],
  ['G0', 'read-committed', [txn('r x 2, w x 1'), txn('r x 1, w x 2')], 2],
  ['G1c', 'read-committed', [txn('w x 1, r y 2'), txn('w y 2, r x 1')], 2],
  ['lost-update', 'snapshot-isolation', [txn('r x -, w x 1'), txn('r x -, w x 2')], 2],
  ['G-single', 'snapshot-isolation', [txn('w x 1, w y 1'), txn('r x 1, r y -')], 2],
  [
    'G-nonadjacent',
    'snapshot-isolation',
    [txn('w x 1'), txn('r x 1, r y -'), txn('w y 1'), txn('r y 1, r x -')],
    4,
  ],
  ['G2-item', 'serializable', [txn('r y -, w x 1'), txn('r x -, w y 1')], 2],
  ['G1c-realtime', 'strict-serializable', [txn('r x 1', early), txn('w x 1', late)], 2],
  ['G-single-realtime', 'strict-serializable', [txn('w x 1', early), txn('r x -', late)], 2],
  [
    'G2-item-realtime',
    'strict-serializable',
    [txn('r x -, w z 1', late), txn('w x 1, r y -', [0, 30]), txn('w y 1', early)],
    3,
  ],
  [
    'G-nonadjacent-realtime',
    'strict-serializable',
    [txn('r x -', late), txn('w x 1, w a 1'), txn('r a 1, r y -'), txn('w y 1', early)],
    4,
  ],
];

const levels: IsolationLevel[] = [
  'read-committed',
  'snapshot-isolation',
  'serializable',
  'strict-serializable',
];

const oracles: Record<string, (history: Operation[]) => boolean> = {
  'read-committed': readCommittedOrderExists,
  'snapshot-isolation': snapshotOrderExists,
  serializable: (history) => serialOrderExists(history),
  'strict-serializable': (history) => serialOrderExists(history, endedBefore),
};

describe('anomalies by name', () => {
  it.each(fixtures)('%s is forbidden from %s on, and shown whole', (name, level, history, size) => {
    const found = checkTransactions(history, level);

    expect(found.anomalies.map(({ anomaly }) => anomaly)).toContain(name);
    expect(found.reason).toMatch(new RegExp(`^${name}: `));
    expect(found.operationsInvolved).toHaveLength(size);
    for (const each of levels) {
      const forbidden = levels.indexOf(each) >= levels.indexOf(level);
      expect(checkTransactions(history, each).verdict, each).toBe(forbidden ? 'violation' : 'ok');
      const answered = history.filter(({ status }) => status === 'ok');
      expect(oracles[each]?.(answered), each).toBe(!forbidden);
    }
  });
});
