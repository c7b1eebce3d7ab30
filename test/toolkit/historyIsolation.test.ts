import { describe, expect, it } from 'vitest';
import { checkTransactions } from '../../conformance/history.ts';
import type { IsolationLevel, Operation } from '../../conformance/history.ts';
import { randomFrom } from './historyGenerator.ts';
import type { Random } from './historyGenerator.ts';
import {
  endedBefore,
  endedBeforeOnAKey,
  readCommittedOrderExists,
  serialOrderExists,
  snapshotOrderExists,
} from './transactionOracle.ts';
import type { Part } from './transactionOracle.ts';

function txn(name: number, parts: Part[], [invoke, end]: [number, number]): Operation {
  return {
    ...{ process: name, op: 'txn', key: null, status: 'ok' as const },
    value: parts.map(([kind, key, value]) => [kind, key, kind === 'r' ? null : value]),
    result: parts.filter(([kind]) => kind === 'r').map(([, , value]) => value),
    ...{ invoke, return: end },
  };
}

/**
 * Transactions on snapshots of a store, some taken too early, with blind writes; now and then a
 * read is replaced by another value of the key.
 */
function guessed(random: Random): Operation[] {
  const old: Map<string, unknown>[] = [new Map()];
  const written = new Map<string, unknown[]>([
    ['x', [null]],
    ['y', [null]],
  ]);
  const count = 2 + random(3);
  return Array.from({ length: count }, (_, name) => {
    const late = random(2) === 0 ? 0 : random(old.length);
    const view = new Map(old[old.length - 1 - late]);
    const seen = new Map<string, unknown>();
    const committed = new Map(old.at(-1));
    const parts = Array.from({ length: 1 + random(4) }, (_part, n): Part => {
      const key = random(2) === 0 ? 'x' : 'y';
      if (random(2) === 0) {
        const all = written.get(key) as unknown[];
        const guess = random(8) === 0 ? all[random(all.length)] : (view.get(key) ?? null);
        const value = seen.has(key) ? seen.get(key) : guess;
        seen.set(key, value);
        return ['r', key, value];
      }
      const value = `${name}.${n}`;
      written.get(key)?.push(value);
      view.set(key, value);
      seen.set(key, value);
      committed.set(key, value);
      return ['w', key, value];
    });
    old.push(committed);
    return txn(name, parts, [10 * name + random(8), 10 * name + 8 + random(20)]);
  });
}

const oracles: [IsolationLevel, (history: Operation[]) => boolean][] = [
  ['read-committed', readCommittedOrderExists],
  ['snapshot-isolation', snapshotOrderExists],
  ['serializable', (history) => serialOrderExists(history)],
  ['strict-serializable', (history) => serialOrderExists(history, endedBefore)],
  [
    'serializable-and-per-item-linearizable',
    (history) => serialOrderExists(history, endedBeforeOnAKey),
  ],
];

describe('isolation levels against brute force', () => {
  const runs = process.env['BISIM_LONG'] === '1' ? 40_000 : 1000;
  const seed = Date.now() & 0x7fffffff;

  it.each(oracles)('%s: the same verdict, and never unknown', (level, right) => {
    const counts = { ok: 0, violation: 0, unknown: 0 };
    const few = (): boolean => Math.min(counts.ok, counts.violation) <= runs / 200;
    // One in a hundred histories breaks the weakest level: with some seeds it takes more of them.
    for (let case_ = 0; case_ < runs || (few() && case_ < 10 * runs); case_ += 1) {
      const history = guessed(randomFrom(seed + case_));
      const expected = right(history) ? 'ok' : 'violation';
      const { verdict } = checkTransactions(history, level);
      counts[verdict] += 1;
      expect(verdict, `seed ${seed + case_} ${JSON.stringify(history)}`).toBe(expected);
    }
    expect(few()).toBe(false);
  });
});

/** A store that runs transactions one at a time, each somewhere between its call and its return. */
function serial(random: Random, size: number, keys: number): Operation[] {
  const store = new Map<string, unknown>();
  return Array.from({ length: size }, (_, at) => {
    const parts = Array.from({ length: 1 + random(4) }, (_part, n): Part => {
      const key = `k${random(keys)}`;
      if (random(2) === 0) return ['r', key, store.get(key) ?? null];
      store.set(key, `${at}.${n}`);
      return ['w', key, `${at}.${n}`];
    });
    return txn(at, parts, [10 * at - random(200), 10 * at + 1 + random(200)]);
  });
}

describe('long histories of a store that is serializable in real time', () => {
  it.each(oracles)('%s: ok, though no read tells the order of many writes', (level) => {
    const history = serial(randomFrom(7), 3000, 150);

    expect(checkTransactions(history, level).verdict).toBe('ok');
  });

  it('are no longer ok where one transaction is moved behind others that saw it', () => {
    const history = serial(randomFrom(7), 3000, 150);
    const writer = history.findIndex(({ value }, at) => {
      const wrote = (value as Part[]).find(([kind]) => kind === 'w');
      return (
        at > 1000 &&
        wrote !== undefined &&
        history.some(({ result }, by) => {
          return by > at + 50 && (result as unknown[]).includes(wrote[2]);
        })
      );
    });
    const late = { ...(history[writer] as Operation), invoke: 40_000, return: 40_001 };
    const moved = history.with(writer, late);

    expect(checkTransactions(moved, 'strict-serializable').verdict).toBe('violation');
    expect(checkTransactions(moved, 'serializable').verdict).not.toBe('violation');
  });
});

describe('checkTransactions where the reads leave orders open', () => {
  it('finds that neither order of two blind writes is possible, and shows both cycles', () => {
    // Whichever write of x came first, one of the readers saw them and y in a wrong order.
    const history = [
      txn(1, [['w', 'x', 1]], [0, 1]),
      txn(2, [['w', 'x', 2]], [0, 1]),
      txn(
        3,
        [
          ['r', 'x', 1],
          ['w', 'y', 3],
        ],
        [0, 1],
      ),
      txn(
        4,
        [
          ['r', 'x', 2],
          ['r', 'y', 3],
        ],
        [0, 1],
      ),
      txn(
        5,
        [
          ['r', 'x', 1],
          ['r', 'y', null],
          ['w', 'z', 5],
        ],
        [0, 1],
      ),
      txn(
        6,
        [
          ['r', 'x', 2],
          ['r', 'z', null],
          ['r', 'y', null],
        ],
        [0, 1],
      ),
    ];
    const found = checkTransactions(history, 'serializable');
    expect(found.verdict).toBe('violation');
    expect(found.reason).toContain('written the other way round');
    expect(serialOrderExists(history)).toBe(false);
  });

  it('names a cycle whose read-write dependencies are apart, which serial order forbids too', () => {
    const history = [
      txn(
        1,
        [
          ['r', 'a', null],
          ['w', 'b', 1],
        ],
        [0, 1],
      ),
      txn(
        2,
        [
          ['r', 'b', 1],
          ['r', 'c', null],
        ],
        [0, 1],
      ),
      txn(
        3,
        [
          ['w', 'c', 3],
          ['w', 'd', 3],
        ],
        [0, 1],
      ),
      txn(
        4,
        [
          ['r', 'd', 3],
          ['w', 'a', 4],
        ],
        [0, 1],
      ),
    ];
    expect(snapshotOrderExists(history)).toBe(serialOrderExists(history));
    expect(checkTransactions(history, 'snapshot-isolation').verdict).toBe(
      snapshotOrderExists(history) ? 'ok' : 'violation',
    );
  });
});
