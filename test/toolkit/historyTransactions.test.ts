import { describe, expect, it } from 'vitest';
import { checkTransactions } from '../../conformance/history.ts';
import type { IsolationLevel, Operation, Status } from '../../conformance/history.ts';
import { randomFrom } from './historyGenerator.ts';
import type { Random } from './historyGenerator.ts';

type Part = [kind: 'r' | 'w', key: string, value: unknown];

/** Reads carry what they saw; `at` are the call and the return. */
function txn(parts: Part[], at: [number, number] = [0, 100], status: Status = 'ok'): Operation {
  return {
    ...{ process: `p${at[0]}-${JSON.stringify(parts)}`, op: 'txn', key: null, status },
    value: parts.map(([kind, key, value]) => [kind, key, kind === 'r' ? null : value]),
    result: parts.filter(([kind]) => kind === 'r').map(([, , value]) => value),
    ...{ invoke: at[0], return: status === 'info' ? null : at[1] },
  };
}

const anomalies = (level: IsolationLevel, ...history: Operation[]): string[] =>
  checkTransactions(history, level).anomalies.map(({ anomaly }) => anomaly);

describe('checkTransactions', () => {
  it('names a read of what failed, of what is unfinished, of what nobody wrote', () => {
    const failed = txn([['w', 'x', 1]], [0, 9], 'fail');
    const twice = txn([
      ['w', 'x', 1],
      ['w', 'x', 2],
    ]);
    const reader = txn([['r', 'x', 1]]);
    expect(anomalies('read-committed', failed, reader)).toEqual(['G1a']);
    expect(anomalies('read-committed', twice, reader)).toEqual(['G1b']);
    expect(anomalies('read-committed', reader)).toEqual(['phantom']);
  });

  it('names circular information flow', () => {
    const one = txn([
      ['w', 'x', 1],
      ['r', 'y', 2],
    ]);
    const two = txn([
      ['w', 'y', 2],
      ['r', 'x', 1],
    ]);
    expect(anomalies('read-committed', one, two)).toEqual(['G1c']);
  });

  it('names a lost update, which read committed allows', () => {
    const add = (value: number): Operation =>
      txn([
        ['r', 'x', null],
        ['w', 'x', value],
      ]);
    expect(anomalies('read-committed', add(1), add(2))).toEqual([]);
    expect(anomalies('snapshot-isolation', add(1), add(2))).toContain('lost-update');
  });

  it('names read skew, and write skew, which snapshot isolation allows', () => {
    const both = txn([
      ['w', 'x', 1],
      ['w', 'y', 1],
    ]);
    const skewed = txn([
      ['r', 'x', 1],
      ['r', 'y', null],
    ]);
    expect(anomalies('snapshot-isolation', both, skewed)).toEqual(['G-single']);
    const left = txn([
      ['r', 'y', null],
      ['w', 'x', 1],
    ]);
    const right = txn([
      ['r', 'x', null],
      ['w', 'y', 1],
    ]);
    expect(anomalies('snapshot-isolation', left, right)).toEqual([]);
    expect(anomalies('serializable', left, right)).toEqual(['G2-item']);
  });

  it('sees real time where the level does: everywhere, or per item only', () => {
    const write = txn([['w', 'x', 1]], [0, 10]);
    const stale = txn([['r', 'x', null]], [20, 30]);
    expect(anomalies('serializable', write, stale)).toEqual([]);
    expect(anomalies('strict-serializable', write, stale)).toEqual(['G-single-realtime']);
    const item = 'serializable-and-per-item-linearizable';
    expect(anomalies(item, write, stale)).toEqual(['G-single-realtime']);
    // A causal chain over two keys breaks strict serializability only.
    const reader = txn([
      ['r', 'y', 2],
      ['r', 'x', null],
    ]);
    const chain = [txn([['w', 'x', 1]], [0, 10]), txn([['w', 'y', 2]], [20, 30]), reader];
    expect(anomalies('strict-serializable', ...chain)).toEqual(['G-single-realtime']);
    expect(anomalies(item, ...chain)).toEqual([]);
  });

  it('shows the cycle with its reasons', () => {
    const both = txn([
      ['w', 'x', 1],
      ['w', 'y', 1],
    ]);
    const skewed = txn([
      ['r', 'x', 1],
      ['r', 'y', null],
    ]);
    const { reason, operationsInvolved } = checkTransactions([both, skewed]);
    expect(reason).toMatch(
      /^G-single: .*read \("y"\) the version before.*wrote \("x"\) what was read/,
    );
    expect(operationsInvolved).toHaveLength(2);
  });

  it('refuses a value written twice to a key', () => {
    const write = txn([['w', 'x', 1]]);
    expect(() => checkTransactions([write, write])).toThrow('values must be unique');
  });
});

/** Transactions that really ran one after the other, or with a snapshot taken too early. */
function ran(random: Random, skew: boolean): Operation[] {
  const store = new Map<string, unknown>();
  let old = new Map(store);
  return Array.from({ length: 1 + random(5) }, (_, n) => {
    const view = skew && random(2) === 0 ? old : store;
    old = new Map(store);
    const parts = Array.from({ length: 1 + random(3) }, (_p, m): Part => {
      const key = 'xyz'[random(3)] as string;
      const value = `${n}.${m}`;
      if (random(2) === 0) return ['r', key, view.get(key) ?? null];
      view.set(key, value);
      store.set(key, value);
      return ['w', key, value];
    });
    return txn(parts, [10 * n + random(8), 10 * n + 8 + random(12)]);
  });
}

/** Some order explains all reads (and respects real time, where asked). */
function explained(history: Operation[], strict: boolean): boolean {
  const run = (left: Operation[], store: Map<string, unknown>): boolean =>
    left.length === 0 ||
    left.some((o) => {
      if (strict && left.some((p) => (p.return as number) < o.invoke)) return false;
      const after = new Map(store);
      let read = 0;
      const legal = (o.value as Part[]).every(([kind, key, value]) => {
        if (kind === 'w') return after.set(key, value);
        read += 1;
        return (after.get(key) ?? null) === ((o.result as unknown[])[read - 1] ?? null);
      });
      return (
        legal &&
        run(
          left.filter((p) => p !== o),
          after,
        )
      );
    });
  return run(history, new Map());
}

describe('against brute force', () => {
  it.each([
    ['serializable', false],
    ['strict-serializable', true],
  ] as const)('%s: says neither violation nor ok wrongly', (level, strict) => {
    const seed = Date.now() & 0x7fffffff;
    const counts = { ok: 0, violation: 0, unknown: 0 };
    let wrong = 0;
    for (let case_ = 0; case_ < 5000; case_ += 1) {
      const random = randomFrom(seed + case_);
      const history = ran(random, random(2) === 0);
      const right = explained(history, strict);
      const { verdict } = checkTransactions(history, level);
      counts[verdict] += 1;
      if (!right) wrong += 1;
      const never = right ? 'violation' : 'ok';
      expect(verdict, `seed ${seed + case_} ${JSON.stringify(history)}`).not.toBe(never);
    }
    console.log(`transactions, ${level}: seed ${seed}, ${wrong} wrong, verdicts`, counts);
    expect(counts.violation).toBeGreaterThan(wrong / 3);
    expect(counts.unknown).toBeLessThan(500);
  });
});
