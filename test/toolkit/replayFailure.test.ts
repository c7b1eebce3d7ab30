/** What a failure of replay tells: as text, as JSON, and how many are told. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../conformance/replay/binding.ts';
import { rowDifferences } from '../../conformance/replay/difference.ts';
import { replayGraph } from '../../conformance/replay/driver.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import { parameterNames, voting, votingGraph, type World } from './replayVoting.ts';

const options = { constants: {}, parameterNames, boundedLeaves: false };

/** Forgets the promise with the vote. */
const forgetful = {
  ...voting,
  actions: {
    ...voting.actions,
    Forget: (s: World, { a }: { a: string }) =>
      s.acceptors[a]!.votes.length === 0
        ? undefined
        : { ...s, acceptors: { ...s.acceptors, [a]: { promised: 0, votes: [] } } },
  },
} as Binding<World>;

describe('a failure', () => {
  const result = replayGraph(votingGraph(), forgetful, options);

  it('reads as a page of text', () => {
    expect(result.failures[0]?.text).toMatchInlineSnapshot(`
      "forbidden: the code's Forget("a1") leads where the model's does not
      action: Forget
        a = "a1"
      path (2 steps):
         0. initial state
             msgs = {}
             promised = [a1 |-> 0, a2 |-> 0]
             votes = [a1 |-> {}, a2 |-> {}]
         1. Propose(1)
             msgs gains [bal |-> 1, type |-> "propose"]
         2. Vote("a1")
             promised.a1 = 1
             votes.a1 gains 1
      difference (model: the nearest of its successors):
        promised
          promised.a1: code 0
                       model 1
      the model allows there: Propose(2), Vote("a2"), Forget("a1")"
    `);
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('is kept up to a limit, a few of each kind and action, and counted beyond', () => {
    expect(result.failures.length).toBe(6);
    expect(result.failureCount).toBe(96);
    expect(result.failureCounts).toEqual([
      { kind: 'forbidden', action: 'Forget', count: 48 },
      { kind: 'missing', action: 'Forget', count: 48 },
    ]);
    const one = replayGraph(votingGraph(), forgetful, { ...options, maxFailures: 1 });
    expect(one).toMatchObject({ failureCount: 96, failures: [{ kind: 'forbidden' }] });
  });

  it('ends the replay where it is told to', () => {
    const stopped = replayGraph(votingGraph(), forgetful, { ...options, stopAfter: 1 });
    expect(stopped.failureCount).toBeLessThan(6);
    expect(stopped.verdict).toBe('violation');
  });
});

describe('a difference', () => {
  const values = new ValueTable();
  const parts = (code: TlaValue, model: TlaValue) =>
    rowDifferences(
      { values, variables: ['x'], columns: Int32Array.of(0) },
      [values.intern(code)],
      [values.intern(model)],
    ).flatMap((each) => each.parts);

  it('goes down into records, sequences and functions to the part that differs', () => {
    const code = { r1: [1, { bal: 1, cmd: 'a' }], r2: [] };
    const model = { r1: [1, { bal: 2, cmd: 'a' }], r2: [] };
    expect(parts(code, model)).toEqual([{ at: 'x.r1[2].bal', code: '1', model: '2' }]);
    const functions = [new Map([[4, 'a']]), new Map([[4, 'b']])] as const;
    expect(parts(...functions)).toEqual([{ at: 'x[4]', code: '"a"', model: '"b"' }]);
  });

  it('names what only one side has', () => {
    expect(parts([1, 2], [1])).toEqual([{ at: 'x[2]', code: '2' }]);
    expect(parts({ a: 1 }, { a: 1, b: 2 })).toEqual([{ at: 'x.b', model: '2' }]);
    expect(parts(new Set([1, 2]), new Set([2, 3]))).toEqual([
      { at: 'x has', code: '1' },
      { at: 'x has', model: '3' },
    ]);
  });

  it('shows values of different kinds whole', () => {
    expect(parts(new Set([1]), 1)).toEqual([{ at: 'x', code: '{1}', model: '1' }]);
  });
});
