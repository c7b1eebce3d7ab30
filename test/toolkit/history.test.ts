import { describe, expect, it } from 'vitest';
import {
  HistoryError,
  allOn,
  checkLinearizable,
  checkLinearizableAsync,
  historyOf,
  kv,
} from '../../conformance/history.ts';
import type { HistoryEvent, Operation, Switches } from '../../conformance/history.ts';
import { fuzz } from './historyFuzz.ts';
import type { FuzzResult } from './historyFuzz.ts';
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
    // Concurrent cas are the edges of a graph to be walked in one go, which cannot be done here.
    const random = randomFrom(5);
    const hard = rows(
      ...Array.from({ length: 40 }, (_, i): Row => {
        const from = i === 0 ? null : `v${random(7)}`;
        return ['cas', [from, `v${random(7)}`], true, 0, 100];
      }),
    );

    const result = checkLinearizable(hard, kv, { maxSteps: 2000 });

    expect(result.verdict).toBe('unknown');
    expect(result.reason).toContain('"k"');
  });
});

describe('a violation says why', () => {
  it('names the stale read, the write over it and the write it saw', () => {
    const noise = Array.from({ length: 20 }, (_, i): Row => ['put', `n${i}`, null, -40 + i, -20]);
    const stale = rows(
      ...noise,
      ['put', 'v7', null, 80, 88],
      ['put', 'v9', null, 95, 101],
      ['get', null, 'v7', 120, 140],
    );

    const result = checkLinearizable(stale, kv);

    expect(result.reason).toBe(
      'get "k" = "v7" by 22 [120,140] is stale: put "k" "v9" by 21 [95,101] had completed, ' +
        'after put "k" "v7" by 20 [80,88] ended',
    );
    expect(result.operationsInvolved?.map((o) => o.process)).toEqual([20, 21, 22]);
    expect(result.minimal).toBe(true);
  });

  it('shows the longest legal beginning and why nothing can follow it', () => {
    const swap = (process: number): Operation => ({
      ...{ process, op: 'cas', key: 'k', value: ['a', 'b'], result: true, status: 'ok' },
      ...{ invoke: 10, return: 20 },
    });
    const twice = [...rows(['put', 'a', null, 0, 1]), swap(8), swap(9)];

    const { longestPrefix, operationsInvolved } = checkLinearizable(twice, kv);

    expect(operationsInvolved).toHaveLength(3);
    expect(longestPrefix?.operations.map((o) => o.op)).toEqual(['put', 'cas']);
    expect(longestPrefix?.state).toBe('"b"');
    expect(longestPrefix?.refused[0]?.why).toBe('impossible while the state is "b"');
  });
});

describe('against brute force', () => {
  const fresh = Date.now() & 0x7fffffff;
  const long = process.env['BISIM_LONG'] === '1';
  const runs = Number(process.env['BISIM_FUZZ'] ?? (long ? 100_000 : 10_000));
  const report = (name: string, found: FuzzResult): void =>
    console.log(
      `history fuzz, ${name}: seed ${fresh}, ${found.histories} histories, ` +
        `${found.violations} violations`,
    );

  it(`agrees on ${runs} small histories, right and damaged`, { timeout: 600_000 }, () => {
    const found = fuzz(runs, fresh, (history) => checkLinearizable(history, kv));
    report('all switches on', found);
    expect(found.difference).toBeUndefined();
    expect(found.violations).toBeGreaterThan(runs / 10);
  });

  it('agrees with any of its ideas turned off', { timeout: 600_000 }, () => {
    const found = fuzz(runs / 2, fresh + 1, (history, random) => {
      const names = Object.keys(allOn) as (keyof Switches)[];
      const on = names.map((name) => [name, random(2) === 0]);
      return checkLinearizable(history, kv, { switches: Object.fromEntries(on) });
    });
    report('random switches', found);
    expect(found.difference).toBeUndefined();
  });

  it('names operations that violate on their own', () => {
    fuzz(2000, fresh + 2, (history) => {
      const result = checkLinearizable(history, kv);
      if (result.verdict === 'violation') {
        const alone = result.operationsInvolved as Operation[];
        expect(isLinearizable(alone), JSON.stringify(history)).toBe(false);
      }
      return result;
    });
  });

  it.each([
    ['forgets info operations', (h: Operation[]) => h.filter((o) => o.status !== 'info')],
    ['lets failed operations take effect', (h: Operation[]) => h.map(asOk)],
    ['never looks at failed cas', (h: Operation[]) => h.filter((o) => o.result !== false)],
    ['ignores real time', (h: Operation[]) => h.map((o) => ({ ...o, invoke: 0 }))],
  ])('catches a checker that %s', (_name, broken) => {
    const found = fuzz(2000, fresh + 3, (history) => checkLinearizable(broken(history), kv));
    expect(found.difference).toBeDefined();
  });

  it('accepts 300 longer histories that are linearizable by construction', () => {
    const shape = { clients: 6, operations: 150, keys: 2, values: 4, info: 3, fail: 3, ties: 10 };
    const kinds = ['get', 'get', 'put', 'cas', 'append', 'delete'];
    for (let case_ = 0; case_ < 300; case_ += 1) {
      const history = generate({ ...shape, kinds }, randomFrom(fresh + case_));
      const limit = { maxSteps: 200_000 };
      expect(checkLinearizable(history, kv, limit).verdict, `seed ${fresh + case_}`).toBe('ok');
    }
  });

  it('gives the same answer asynchronously, and stops when told to', async () => {
    for (let case_ = 0; case_ < 200; case_ += 1) {
      const random = randomFrom(fresh + case_);
      const history = corrupt(generate(smallShape(random), random), random);
      const later = await checkLinearizableAsync(history, kv);
      expect(later).toEqual(checkLinearizable(history, kv));
    }
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(checkLinearizableAsync([], kv, { signal })).rejects.toThrow('enough');
  });
});

function asOk(operation: Operation): Operation {
  return operation.status === 'fail' && operation.op !== 'cas'
    ? { ...operation, status: 'ok' }
    : operation;
}
