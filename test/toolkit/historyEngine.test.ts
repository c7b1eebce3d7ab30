/** What the engine spends, in steps and slices: figures that a seed repeats, never times. */
import { describe, expect, it } from 'vitest';
import { generate } from '../../bench/history/generate.ts';
import {
  checkLinearizable,
  checkLinearizableAsync,
  kv,
  toColumns,
} from '../../conformance/history.ts';
import type { Operation, Switches } from '../../conformance/history.ts';
import { checkingTurns } from '../../conformance/history/linearizability.ts';

/** Clients that put, append, cas and delete on one key; some outcomes are unknown. */
function mixed(clients: number, info: number): Operation[] {
  const set = { kind: 'mixed', operations: 1000, keys: 1, bug: 'none', seed: 7 } as const;
  return generate({ ...set, clients, info }).map((line) => JSON.parse(line) as Operation);
}

function check(history: Operation[], switches: Partial<Switches>) {
  return checkLinearizable(history, kv, { switches, maxSteps: 40_000, explainMs: 0 });
}

describe('what the ideas of the engine save', () => {
  it('narrower spans place an append of unknown outcome that a get has seen', () => {
    const history = mixed(50, 5);

    const all = check(history, {});

    expect(all.verdict).toBe('ok');
    expect(all.steps).toBeLessThan(check(history, { narrowing: false }).steps / 4);
  });

  it('a state is kept where no maker can come in time', () => {
    const history = mixed(20, 0);

    const all = check(history, {});

    expect(all.verdict).toBe('ok');
    expect(all.steps).toBeLessThan(check(history, { lastMaker: false }).steps / 2);
  });

  it('appends that nobody reads are one effect, whatever they append', () => {
    const append = (process: number): Operation => ({
      ...{ process, op: 'append', key: 'k', value: `x${process};`, result: null },
      ...{ invoke: 0, return: 100, status: 'ok' },
    });
    const appends = Array.from({ length: 30 }, (_, process) => append(process));
    // Without symmetry there are 2^30 sets of them; the get is impossible after any of them.
    const read: Operation = { ...append(99), op: 'get', value: null, result: null, invoke: 100 };
    const late: Operation = { ...read, process: 98, invoke: 101, return: 102 };

    const result = checkLinearizable([...appends, read, late], kv, {
      ...{ maxSteps: 10_000, explainMs: 0 },
      switches: { staleReads: false, uniqueValues: false },
    });

    expect(result.verdict).toBe('violation');
  });
});

describe('a check that takes long', () => {
  it('goes on for no more than a thousand steps of search before it yields', () => {
    const work = checkingTurns(mixed(50, 0), kv, { maxSteps: 50_000 });
    let yields = 0;
    for (;;) {
      const { done, value } = work.next();
      if (done === true) {
        expect(value.verdict).toBe('unknown');
        expect(value.steps).toBeGreaterThanOrEqual(50_000);
        expect(yields).toBeGreaterThanOrEqual(value.steps / 1000 - 1);
        return;
      }
      yields += 1;
    }
  });

  it('explains in turns too, where the time to make a violation small runs out', () => {
    const set = { kind: 'unique', operations: 5000, keys: 1, bug: 'stale', seed: 7 } as const;
    const lines = generate({ ...set, clients: 20, info: 1 });
    let looks = 0;
    const columns = toColumns(lines.map((line) => JSON.parse(line) as Operation));
    const status = new Proxy(columns.status, {
      get: (target, name) => {
        looks += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const work = checkingTurns({ ...columns, status }, kv, { explainMs: Number.MIN_VALUE });
    const turns: number[] = [];

    let step = work.next();
    for (; step.done !== true; step = work.next()) {
      turns.push(looks);
      looks = 0;
    }

    expect(step.value).toMatchObject({ verdict: 'violation', minimal: false });
    expect(step.value.operationsInvolved?.length).toBeGreaterThan(1000);
    // Each operation is looked at a few times at most between two yields.
    expect(Math.max(...turns, looks)).toBeLessThan(100_000);
  });

  it('lets others run, who may end it', async () => {
    const ending = new AbortController();
    const swaps = Array.from({ length: 60 }, (_, process): Operation => {
      const value = [process === 0 ? null : process % 7, (process * 5) % 11];
      const call = { process, op: 'cas', key: 'k', value, result: true, invoke: 0, return: 100 };
      return { ...call, status: 'ok' };
    });
    setImmediate(() => ending.abort(new Error('enough')));

    const checked = checkLinearizableAsync([...swaps, ...mixed(50, 0)], kv, {
      signal: ending.signal,
    });

    await expect(checked).rejects.toThrow('enough');
  });

  it('says unknown when the memory of the search is spent', () => {
    const { verdict, spent } = checkLinearizable(mixed(50, 0), kv, { maxMemoryBytes: 200_000 });

    expect([verdict, spent]).toEqual(['unknown', 'memory']);
  });
});
