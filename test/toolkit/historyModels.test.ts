import { describe, expect, it } from 'vitest';
import {
  bankModel,
  checkLinearizable,
  counter,
  modelNamed,
  modelNames,
  queue,
  register,
  set,
} from '../../conformance/history.ts';
import type { Model, Operation } from '../../conformance/history.ts';
import { randomFrom } from './historyGenerator.ts';
import type { Random } from './historyGenerator.ts';
import { isLinearizableUnder } from './historyOracle.ts';

type Call = [op: string, value: unknown, result: unknown, at?: [number, number | null]];

/** One after the other, unless times are given. */
function calls(...all: Call[]): Operation[] {
  return all.map(([op, value, result, at], process) => {
    const [invoke, end] = at ?? [10 * process, 10 * process + 5];
    const status = end === null ? 'info' : 'ok';
    return { process, op, key: null, value, result, invoke, return: end, status };
  });
}

const verdict = (history: Operation[], model: Model): string =>
  checkLinearizable(history, model).verdict;

describe('models', () => {
  it('register: reads see the last write', () => {
    expect(verdict(calls(['write', 1, null], ['read', null, 1]), register)).toBe('ok');
    expect(verdict(calls(['write', 1, null], ['read', null, 2]), register)).toBe('violation');
  });

  it('set: members come and go, and reads see them in any order', () => {
    const add = calls(['add', 1, null], ['add', 2, true], ['read', null, [2, 1]]);
    expect(verdict(add, set as Model)).toBe('ok');
    expect(verdict(calls(['add', 1, null], ['remove', 1, false]), set as Model)).toBe('violation');
    expect(verdict(calls(['contains', 1, true]), set as Model)).toBe('violation');
  });

  it('queue: first in, first out, each once', () => {
    const two: Call[] = [
      ['enqueue', 'a', null],
      ['enqueue', 'b', null],
    ];
    const take = (result: unknown): Call => ['dequeue', null, result];
    expect(verdict(calls(...two, take('a'), take('b'), take(null)), queue as Model)).toBe('ok');
    expect(verdict(calls(...two, take('b')), queue as Model)).toBe('violation');
    expect(verdict(calls(...two, take('a'), take('a')), queue as Model)).toBe('violation');
  });

  it('queue: a dequeue of unknown outcome may have taken one', () => {
    const lost: Call = ['dequeue', null, null, [12, null]];
    const history = calls(['enqueue', 'a', null], ['enqueue', 'b', null], lost);
    const later: Call = ['dequeue', null, 'b', [40, 45]];
    expect(verdict([...history, ...calls(later)], queue as Model)).toBe('ok');
  });

  it('counter: no increment is lost', () => {
    const up: Call[] = [
      ['increment', null, null],
      ['add', 4, 5],
    ];
    expect(verdict(calls(...up, ['read', null, 5]), counter as Model)).toBe('ok');
    expect(verdict(calls(...up, ['read', null, 4]), counter as Model)).toBe('violation');
  });

  it('bank: money moves, and none appears', () => {
    const bank = bankModel({ a: 10 }) as Model;
    const pay = (amount: number, result: boolean): Call => [
      'transfer',
      { from: 'a', to: 'b', amount },
      result,
    ];
    expect(verdict(calls(pay(6, true), pay(6, false), ['read', null, { a: 4, b: 6 }]), bank)).toBe(
      'ok',
    );
    expect(verdict(calls(pay(6, true), pay(6, true)), bank)).toBe('violation');
    expect(verdict(calls(pay(6, true), ['read', null, { a: 4 }]), bank)).toBe('violation');
  });

  it("takes a user's own model, split, hashed and compared as it says", () => {
    class Max {
      readonly top: number;
      constructor(top: number) {
        this.top = top;
      }
    }
    const max: Model<Max> = {
      name: 'max',
      operations: ['raise', 'top'],
      init: new Max(0),
      step: (state, { op, value, result }) => {
        if (op === 'raise') return new Max(Math.max(state.top, value as number));
        return result === state.top ? state : undefined;
      },
      partition: (operation) => operation.key,
      hash: (state) => state.top,
      equal: (a, b) => a.top === b.top,
    };
    const history = calls(['raise', 3, null], ['raise', 2, null], ['top', null, 3]);
    expect(verdict(history, max as Model)).toBe('ok');
    expect(verdict(calls(['raise', 3, null], ['top', null, 2]), max as Model)).toBe('violation');
  });

  it('are found by name', () => {
    expect(modelNames.map((name) => modelNamed(name)?.name)).toEqual(modelNames);
    expect(modelNamed('constructor')).toBeUndefined();
  });
});

/** Random concurrent calls whose results are guesses: right, wrong and impossible ones. */
function guessed(random: Random, draw: (random: Random) => [string, unknown, unknown]) {
  return Array.from({ length: 1 + random(6) }, (_, process): Operation => {
    const [op, value, result] = draw(random);
    const invoke = random(30);
    const info = random(8) === 0;
    const end = info ? null : invoke + random(20);
    const status = info ? 'info' : 'ok';
    return { process, op, key: random(2), value, result, invoke, return: end, status };
  });
}

describe('models against brute force', () => {
  const seed = Date.now() & 0x7fffffff;
  const byKey =
    <S>(model: Model<S>) =>
    (history: Operation[]): boolean =>
      [0, 1].every((key) => {
        return isLinearizableUnder(
          model,
          history.filter((o) => o.key === key),
        );
      });

  it.each([
    [
      'set',
      set as Model,
      (random: Random): [string, unknown, unknown] => {
        const value = random(2);
        if (random(3) === 0) return ['contains', value, random(2) === 0];
        if (random(4) === 0) return ['read', null, random(2) === 0 ? [value] : []];
        return [
          random(2) === 0 ? 'add' : 'remove',
          value,
          random(3) === 0 ? random(2) === 0 : null,
        ];
      },
    ],
    [
      'queue',
      queue as Model,
      (random: Random): [string, unknown, unknown] =>
        random(2) === 0 ? ['enqueue', random(2), null] : ['dequeue', null, [0, 1, null][random(3)]],
    ],
    [
      'counter',
      counter as Model,
      (random: Random): [string, unknown, unknown] =>
        random(2) === 0 ? ['increment', null, null] : ['read', null, random(4)],
    ],
  ])('%s: 3,000 small histories', (_name, model, draw) => {
    const counts = { ok: 0, violation: 0 };
    for (let case_ = 0; case_ < 3000; case_ += 1) {
      const history = guessed(randomFrom(seed + case_), draw);
      const expected = byKey(model)(history) ? 'ok' : 'violation';
      counts[expected] += 1;
      expect(verdict(history, model), `seed ${seed + case_} ${JSON.stringify(history)}`).toBe(
        expected,
      );
    }
    expect(Math.min(counts.ok, counts.violation)).toBeGreaterThan(100);
  });
});
