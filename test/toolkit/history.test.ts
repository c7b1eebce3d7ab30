import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HistoryError, checkLinearizable, historyOf, kv } from '../../conformance/history.ts';
import type { HistoryEvent, Operation } from '../../conformance/history.ts';
import { corrupt, generate, randomFrom, smallShape } from './historyGenerator.ts';
import { isLinearizable } from './historyOracle.ts';

type Row = [op: string, value: unknown, result: unknown, invoke: number, end: number | null];

/** Operations on key k, each by a process of its own. */
function rows(...all: Row[]): Operation[] {
  return all.map(([op, value, result, invoke, end], process) => ({
    ...{ process, op, key: 'k', value, result, invoke, return: end },
    status: end === null ? 'info' : 'ok',
  }));
}

const verdict = (history: Operation[]): string => checkLinearizable(history, kv).verdict;

describe('historyOf', () => {
  const put: HistoryEvent = { type: 'invoke', process: 1, op: 'put', key: 'k', value: 'a' };

  it('pairs each return with the open call of its process, index as time', () => {
    const events: HistoryEvent[] = [
      put,
      { type: 'invoke', process: 2, op: 'get', key: 'k' },
      { type: 'return', process: 1, status: 'ok' },
      { type: 'return', process: 2, result: 'a', status: 'ok' },
    ];

    const operations = historyOf(events);

    expect(operations.map((o) => [o.op, o.invoke, o.return, o.result])).toEqual([
      ['put', 0, 2, null],
      ['get', 1, 3, 'a'],
    ]);
  });

  it('makes what never returned, and what returned unknown, info', () => {
    const other: HistoryEvent = { ...put, process: 2 };
    const operations = historyOf([put, other, { type: 'return', process: 2, status: 'info' }]);

    expect(operations.map((o) => [o.status, o.return])).toEqual([
      ['info', null],
      ['info', null],
    ]);
  });

  it('refuses a return from nothing and a second call of a busy process', () => {
    expect(() => historyOf([{ type: 'return', process: 1, status: 'ok' }])).toThrow(HistoryError);
    expect(() => historyOf([put, put])).toThrow('event 1: process 1 invokes put');
  });
});

describe('checkLinearizable', () => {
  it('accepts an empty history and reads of the initial null', () => {
    expect(verdict([])).toBe('ok');
    expect(verdict(rows(['get', null, null, 0, 1]))).toBe('ok');
  });

  it('rejects a stale read and names the key', () => {
    const stale = rows(
      ['put', 'a', null, 0, 1],
      ['put', 'b', null, 2, 3],
      ['get', null, 'a', 4, 5],
    );

    const result = checkLinearizable(stale, kv);

    expect(result.verdict).toBe('violation');
    expect(result.key).toBe('k');
    expect(result.operationsInvolved?.length).toBeGreaterThan(0);
  });

  it('lets an info put take effect long after, or never', () => {
    const late = rows(['put', 'a', null, 0, null], ['get', null, null, 5, 6]);
    expect(verdict(late)).toBe('ok');
    expect(verdict([...late, ...rows(['get', null, 'a', 7, 8])])).toBe('ok');
    expect(verdict([...late, ...rows(['get', null, 'a', 7, 8], ['get', null, null, 9, 10])])).toBe(
      'violation',
    );
  });

  it('takes a failed cas as a read of another value', () => {
    const put: Row = ['put', 'a', null, 0, 1];
    expect(verdict(rows(put, ['cas', ['b', 'c'], false, 2, 3]))).toBe('ok');
    expect(verdict(rows(put, ['cas', ['a', 'c'], false, 2, 3]))).toBe('violation');
    expect(verdict(rows(put, ['cas', ['a', 'c'], true, 2, 3]))).toBe('ok');
    expect(verdict(rows(put, ['cas', ['b', 'c'], true, 2, 3]))).toBe('violation');
  });

  it('treats a call at the time of a return as concurrent with it', () => {
    const touching = rows(['put', 'a', null, 0, 5], ['get', null, null, 5, 6]);
    expect(verdict(touching)).toBe('ok');
  });

  it('takes no part of a failed operation', () => {
    const failed = rows(['put', 'a', null, 0, 1]).map((o) => ({ ...o, status: 'fail' as const }));
    expect(verdict([...failed, ...rows(['get', null, 'a', 2, 3])])).toBe('violation');
  });

  it('leaves eventual reads out, but not values that nobody wrote', () => {
    const put = rows(['put', 'a', null, 0, 1], ['put', 'b', null, 2, 3]);
    const read = (result: unknown): Operation[] =>
      rows(['get', null, result, 4, 5]).map((o) => ({ ...o, eventual: true }));

    expect(verdict([...put, ...read('a')])).toBe('ok');
    expect(verdict([...put, ...read(null)])).toBe('ok');
    expect(verdict([...put, ...read('z')])).toBe('violation');
  });

  it('refuses an operation the model does not know', () => {
    expect(() => verdict(rows(['increment', 1, null, 0, 1]))).toThrow('unknown to the model kv');
  });

  it('says unknown, with the key, when the budget is spent', () => {
    const puts = Array.from({ length: 24 }, (_, i): Row => ['put', `v${i % 12}`, null, 0, 100]);
    const reads = Array.from({ length: 24 }, (_, i): Row => ['cas', [`v${i}`, 'z'], true, 0, 100]);
    const hard = rows(...puts, ...reads);

    const result = checkLinearizable(hard, kv, { maxSteps: 2000 });

    expect(result.verdict).toBe('unknown');
    expect(result.reason).toContain('"k"');
  });
});

describe('against brute force', () => {
  it('agrees on 10,000 small histories, right and damaged', () => {
    const seed = Date.now() & 0x7fffffff;
    let violations = 0;
    fc.assert(
      fc.property(fc.integer(), (case_) => {
        const random = randomFrom(case_);
        const right = generate(smallShape(random), random);
        const history = random(3) > 0 ? corrupt(right, random) : right;
        const expected = isLinearizable(history) ? 'ok' : 'violation';
        if (expected === 'violation') violations += 1;
        expect(verdict(history), JSON.stringify(history)).toBe(expected);
      }),
      { numRuns: 10_000, seed },
    );
    console.log(`history fuzz: seed ${seed}, 10000 histories, ${violations} violations`);
    expect(violations).toBeGreaterThan(1000);
  });

  it('accepts 300 longer histories that are linearizable by construction', () => {
    const seed = Date.now() & 0x7fffffff;
    const shape = { clients: 6, operations: 150, keys: 2, values: 4, info: 3, fail: 3, ties: 10 };
    const kinds = ['get', 'get', 'put', 'cas', 'append', 'delete'];
    for (let case_ = 0; case_ < 300; case_ += 1) {
      const history = generate({ ...shape, kinds }, randomFrom(seed + case_));
      const limit = { maxSteps: 200_000 };
      expect(checkLinearizable(history, kv, limit).verdict, `seed ${seed + case_}`).not.toBe(
        'violation',
      );
    }
  });
});
