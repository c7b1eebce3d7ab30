/** What a binding may use to be short and fast: records of processes, and recent results. */
import { describe, expect, it } from 'vitest';
import { processRecords } from '../../conformance/replay/processRecords.ts';
import { recent } from '../../conformance/replay/recent.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import type { TlaValue } from '../../conformance/value/value.ts';

interface Replica {
  readonly ballot: number;
  readonly votes: readonly string[];
}

const values = new ValueTable();
const frozen = (value: TlaValue) => values.value(values.intern(value));
const modelOf = (ballots: [number, number], votes: [string[], string[]]) => ({
  ballot: frozen({ r1: ballots[0], r2: ballots[1] }),
  votes: frozen({ r1: new Set(votes[0]), r2: new Set(votes[1]) }),
});
const names = ['r1', 'r2'];

function replicas() {
  let viewed = 0;
  const records = processRecords<Replica>({
    variables: ['ballot', 'votes'],
    decode: ({ ballot, votes }) => ({
      ballot: ballot as number,
      votes: [...(votes as ReadonlySet<string>)],
    }),
    view: ({ ballot, votes }) => {
      viewed += 1;
      return { ballot, votes: new Set(votes) };
    },
  });
  return { ...records, viewed: () => viewed };
}

const same = (a: Record<string, TlaValue>, b: Record<string, TlaValue>) =>
  values.intern(a) === values.intern(b);

describe('records of processes', () => {
  it('are what the model has, and are viewed as that', () => {
    const records = replicas();
    const model = modelOf([1, 2], [[], ['r1']]);
    const decoded = records.decode(model, names);
    expect(decoded).toEqual({ r1: { ballot: 1, votes: [] }, r2: { ballot: 2, votes: ['r1'] } });
    expect(same(records.view(decoded), model)).toBe(true);
  });

  it('are one object for one slice of the model, and viewed once', () => {
    const records = replicas();
    const first = records.decode(modelOf([1, 2], [[], []]), names);
    records.view(first);
    const second = records.decode(modelOf([1, 3], [[], []]), names);
    records.view(second);
    expect(second['r1']).toBe(first['r1']);
    expect(second['r2']).not.toBe(first['r2']);
    expect(records.viewed()).toBe(3);
  });

  it('give the same function where no part of it changed, and a right one where some did', () => {
    const records = replicas();
    const model = modelOf([1, 2], [['r2'], []]);
    const decoded = records.decode(model, names);
    const before = records.view(decoded);
    for (const ballot of [3, 4, 2]) {
      const r2 = { ...decoded['r2']!, ballot };
      const after = records.view({ ...decoded, r2 });
      expect(after['votes']).toEqual(before['votes']);
      expect(same(after, { ...model, ballot: { r1: 1, r2: ballot } })).toBe(true);
      expect(after['ballot'] === before['ballot']).toBe(ballot === 2);
    }
  });

  it('show a wrong view as wrong, whatever was decoded before', () => {
    const wrong = processRecords<Replica>({
      variables: ['ballot', 'votes'],
      decode: () => ({ ballot: 7, votes: [] }),
      view: ({ ballot, votes }) => ({ ballot, votes: new Set(votes) }),
    });
    const model = modelOf([1, 2], [[], []]);
    expect(same(wrong.view(wrong.decode(model, names)), model)).toBe(false);
  });

  it('follow processes that come and go', () => {
    const records = replicas();
    const decoded = records.decode(modelOf([1, 2], [[], []]), names);
    records.view(decoded);
    const { r1 } = decoded;
    expect(same(records.view({ r1: r1! }), { ballot: { r1: 1 }, votes: { r1: new Set() } })).toBe(
      true,
    );
    expect(values.intern(records.view(decoded)['ballot']!)).toBe(values.intern({ r1: 1, r2: 2 }));
  });

  it('are refused where processes are no strings', () => {
    const records = replicas();
    const model = { ballot: frozen([1, 2]), votes: frozen([1, 2]) };
    expect(() => records.decode(model, names)).toThrow(/no function over strings such as r1/);
  });
});

describe('recent results', () => {
  it('are remembered for the last two arguments', () => {
    let calls = 0;
    const f = recent((argument: { n: number }) => {
      calls += 1;
      return argument.n;
    });
    const [a, b, c] = [{ n: 1 }, { n: 2 }, { n: 3 }];
    expect([a, b, a, b].map(f)).toEqual([1, 2, 1, 2]);
    expect(calls).toBe(2);
    expect([c, b, a].map(f)).toEqual([3, 2, 1]);
    expect(calls).toBe(4);
  });
});
