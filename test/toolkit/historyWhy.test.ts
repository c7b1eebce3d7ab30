import { describe, expect, it } from 'vitest';
import { bank, checkLinearizable, kv, queue } from '../../conformance/history.ts';
import type { Model, Operation } from '../../conformance/history.ts';
import { fuzz } from './historyFuzz.ts';
import { isLinearizable } from './historyOracle.ts';

type Row = [op: string, value: unknown, result: unknown, invoke: number, end: number | null];

const rows = (...all: Row[]): Operation[] =>
  all.map(([op, value, result, invoke, end], at) => {
    const status = end === null ? 'info' : 'ok';
    return { process: at + 1, op, key: 'k', value, result, invoke, return: end, status };
  });

const reasonOf = (history: readonly Operation[], model: Model = kv): string | undefined =>
  checkLinearizable(history, model).reason;

describe('the sentence of a violation', () => {
  it.each<[string, Row[], string]>([
    [
      'names the write of a value that was read before it was written',
      [
        ['put', 'a', null, 1, 2],
        ['get', null, 'b', 3, 4],
        ['put', 'b', null, 5, 6],
      ],
      'get "k" = "b" by 2 [3,4] is impossible: "b" was written only later, by put "k" "b" by 3 [5,6]',
    ],
    [
      'says that nobody wrote it only where nobody did',
      [
        ['put', 'a', null, 1, 2],
        ['get', null, 'b', 3, 4],
      ],
      'get "k" = "b" by 2 [3,4] is impossible: nothing ever wrote "b"',
    ],
    [
      'names the append that a later read does not see',
      [
        ['append', 'x,', null, 1, 2],
        ['append', 'y,', null, 3, 4],
        ['append', 'z,', null, 5, 6],
        ['get', null, 'x,z,', 7, 8],
      ],
      'get "k" = "x,z," by 4 [7,8] does not see append "k" "y," by 2 [3,4], which had completed',
    ],
    [
      'names two values that both have to be there',
      [
        ['put', 'a', null, 1, 10],
        ['put', 'b', null, 2, 11],
        ['get', null, 'a', 12, 13],
        ['get', null, 'b', 14, 15],
        ['get', null, 'a', 16, 17],
      ],
      '"a" has to be there from 10 (end of put "k" "a" by 1 [1,10]) to 12 (call of get "k" = "a" ' +
        'by 3 [12,13]), and "b" from 11 (end of put "k" "b" by 2 [2,11]) to 14 (call of get "k" = ' +
        '"b" by 4 [14,15]): both were written once, and no order keeps them apart',
    ],
    [
      'names what took place while another value had to be there',
      [
        ['put', 'a', null, 1, 2],
        ['put', 'b', null, 3, null],
        ['get', null, 'b', 5, 6],
        ['get', null, 'a', 7, 8],
      ],
      '"a" has to be there from 2 (end of put "k" "a" by 1 [1,2]) to 7 (call of get "k" = "a" by 4 ' +
        '[7,8]), but get "k" = "b" by 3 [5,6] took place meanwhile; neither value was written twice',
    ],
    [
      'says how far an order gets where only the search can tell',
      [
        ['put', 0, null, 1, 2],
        ['cas', [0, 1], true, 3, 9],
        ['cas', [0, 2], true, 4, 10],
      ],
      'no order of these 3 operations is legal: at best 2 can be placed, and then cas "k" [0, 2] = ' +
        'true by 3 [4,10] is impossible while the state is 1',
    ],
  ])('%s', (_what, history, sentence) => {
    expect(reasonOf(rows(...history))).toBe(sentence);
  });

  it('shows the pieces that a read did see beside the one it misses', () => {
    const pieces = Array.from({ length: 40 }, (_, i): Row => [
      'append',
      `${i},`,
      null,
      2 * i,
      2 * i + 1,
    ]);
    const seen = pieces.flatMap(([, piece], i) => (i === 30 ? [] : [piece])).join('');
    const found = checkLinearizable(rows(...pieces, ['get', null, seen, 90, 91]), kv);

    expect(found.reason).toContain('does not see append "k" "30," by 31 [60,61]');
    expect(found.operationsInvolved).toHaveLength(14);
    expect(isLinearizable(found.operationsInvolved ?? [])).toBe(false);
    expect(found.longestPrefix?.placed).toBe(40);
  });

  it('shows what came before a read that only a whole bank explains', () => {
    const history = rows(
      ['deposit', { account: 'a', amount: 10 }, null, 1, 2],
      ['transfer', { from: 'a', to: 'constructor', amount: 4 }, true, 3, 4],
      ['read', null, { a: 10, constructor: 4 }, 5, 6],
    );
    const found = checkLinearizable(history, bank as Model);

    expect(found.operationsInvolved).toHaveLength(3);
    expect(found.reason).toContain('impossible while the state is {a: 6, constructor: 4}');
  });

  it("speaks in the words of the user's model, and in its own where those fail", () => {
    const history = rows(['enqueue', 'a', null, 1, 2], ['dequeue', null, null, 3, 4]);
    const own = (describe: Model['describe']) =>
      checkLinearizable(history, { ...(queue as Model), ...(describe && { describe }) });
    const spoken = own(({ op }) => `${op}!`);
    const broken = own(() => {
      throw new Error('no words');
    });

    expect(spoken.reason).toContain('and then dequeue! is impossible');
    expect(spoken.told).toEqual(['enqueue!', 'dequeue!']);
    expect(spoken.longestPrefix?.refused[0]?.told).toBe('dequeue!');
    expect(broken.reason).toContain('and then dequeue "k" = null by 2 [3,4] is impossible');
  });

  it('shows the end of the longest beginning of all the operations of the key', () => {
    const puts = Array.from({ length: 150 }, (_, i): Row => ['put', i, null, 10 * i, 10 * i + 1]);
    const { longestPrefix } = checkLinearizable(rows(...puts, ['get', null, 7, 2000, 2001]), kv);
    expect(longestPrefix).toMatchObject({ placed: 150, state: '149' });
    expect(longestPrefix?.operations).toHaveLength(100);
  });
});

describe('the minimal operations', () => {
  const fresh = Date.now() & 0x7fffffff;

  /** A read is dropped; a write may happen at any time after its call, or never. */
  function without(all: readonly Operation[], x: Operation): Operation[] {
    if (x.op === 'get' || x.result === false) return all.filter((o) => o !== x);
    const open = { ...x, status: 'info' as const, return: null, result: null };
    return all.map((o) => (o === x ? open : o));
  }

  /** Does another operation look at a value that holds what `x` wrote? */
  function isReadFrom(x: Operation, all: readonly Operation[]): boolean {
    const wrote = x.op === 'cas' ? (x.value as unknown[])[1] : (x.value ?? null);
    return all.some((o) => {
      const seen = o.op === 'get' ? o.result : o.op === 'cas' ? (o.value as unknown[])[0] : wrote;
      return o !== x && String(seen).includes(String(wrote));
    });
  }

  it('are each needed, or what a needed one read from', () => {
    let needed = 0;
    const found = fuzz(1000, fresh, (history) => {
      const result = checkLinearizable(history, kv);
      const all = result.operationsInvolved ?? [];
      const lost = result.reason?.includes('does not see') === true;
      for (const x of result.minimal === true && !lost ? all : []) {
        if (isLinearizable(without(all, x))) needed += 1;
        else expect(isReadFrom(x, all), `seed ${fresh}: ${JSON.stringify(history)}`).toBe(true);
      }
      return result;
    });
    expect(found.difference).toBeUndefined();
    expect(needed).toBeGreaterThan(100);
  });
});
