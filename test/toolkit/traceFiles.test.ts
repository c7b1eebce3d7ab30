/** Traces as files: ITF of ours, of Apalache and of Quint; lines of JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../conformance/behaviour/graphError.ts';
import { readItf, writeItf } from '../../conformance/behaviour/itf.ts';
import {
  readNdjsonTrace,
  readNdjsonTraces,
  writeNdjsonTrace,
} from '../../conformance/behaviour/ndjsonTrace.ts';
import type { Trace } from '../../conformance/behaviour/simulation.ts';
import type { NamedTrace, TraceFacts } from '../../conformance/behaviour/traceFile.ts';
import { stateOf } from '../../conformance/behaviour/graph.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import { modelValue, type TlaValue } from '../../conformance/value/value.ts';
import { anyTrace, plainTrace } from './traceArbitrary.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'traces', name), 'utf8');

/** The state as JavaScript values. */
function state(trace: Trace, k: number): Record<string, TlaValue> {
  return stateOf({ ...trace, nodeCount: trace.length } as never, k);
}

function traceOf(...rows: Record<string, TlaValue>[]): Trace {
  const values = new ValueTable();
  const variables = Object.keys(rows[0] ?? {});
  const states = rows.flatMap((row) => variables.map((name) => values.intern(row[name]!)));
  const labels = rows.slice(1).map(() => undefined);
  return { variables, values, length: rows.length, states: Int32Array.from(states), labels };
}

/** The code and message of the error; fails on any other error, and where there is none. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GraphError) return `${error.code}: ${error.message} (${error.next})`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const forms: Record<
  string,
  { write: (trace: Trace, o: TraceFacts) => string; read: typeof readItf }
> = {
  ITF: { write: writeItf, read: readItf },
  'lines of JSON': { write: writeNdjsonTrace, read: readNdjsonTrace },
};

for (const [form, { write, read }] of Object.entries(forms)) {
  describe(`a trace as ${form}`, () => {
    it('reads back as it was, whatever values it holds, into any table', () => {
      fc.assert(
        fc.property(anyTrace, ({ trace, parameterNames, loop }) => {
          const facts = { source: 'Voting.tla', note: '"quoted" \n' };
          const o = { parameterNames, facts, ...(loop === undefined ? {} : { loop }) };
          const text = write(trace, o);
          const again = read(text, { parameterNames });
          expect(plainTrace(again)).toEqual(plainTrace(trace));
          expect([again.loop, again.facts]).toMatchObject([loop, facts]);
          expect(write(again, o)).toBe(text);
        }),
        { numRuns: 300 },
      );
    });

    it('keeps integers beyond the safe ones exactly', () => {
      const big = 2n ** 70n;
      const text = write(traceOf({ x: big }, { x: -9007199254740993n }), {});
      expect(text).toContain('{"#bigint":"1180591620717411303424"}');
      const again = read(text);
      expect([state(again, 0), state(again, 1)]).toEqual([{ x: big }, { x: -9007199254740993n }]);
    });

    it('keeps apart a model value and the string of its name', () => {
      const a1 = modelValue('a1');
      const plain = write(traceOf({ x: a1 }, { x: 'b' }), {});
      expect(plain).toContain('"x":"a1"');
      expect(state(read(plain), 0)).toEqual({ x: a1 });
      const both = read(write(traceOf({ x: a1 }, { x: 'a1' }), {}));
      expect([state(both, 0).x, state(both, 1).x]).toEqual([a1, 'a1']);
    });

    it('holds values as deep as TLA+ values may be', () => {
      let deep: TlaValue = 1;
      for (let i = 0; i < 995; i++) deep = [new Set([deep]), [deep], { f: deep }][i % 3]!;
      for (let i = 0; i < 3; i++) deep = new Map([[deep, deep]]);
      const again = read(write(traceOf({ deep }), {}));
      const table = new ValueTable();
      expect(table.intern(state(again, 0).deep!)).toBe(table.intern(deep));
    });

    it('refuses variables that are not those of the spec', () => {
      const text = write(traceOf({ x: 1, y: 2 }), {});
      expect(refusal(() => read(text, { variables: ['x', 'z'], file: 'a.json' }))).toMatch(
        /^variables: a\.json: its variables are x, y; expected were x, z \(Give a trace of this/,
      );
      expect(read(text, { variables: ['y', 'x'] }).variables).toEqual(['y', 'x']);
    });

    it('fails where there are no states', () => {
      expect(refusal(() => read('', {}))).toMatch(/^no-states: /);
      expect(refusal(() => read(write(traceOf(), {})))).toMatch(/^no-states: /);
    });
  });
}

describe('ITF of Apalache', () => {
  const read = (): NamedTrace =>
    readItf(fixture('apalache.itf.json'), {
      modelValues: ['a1', 'a2', 'None'],
      variables: ['maxBal', 'msgs', 'votes'],
    });

  it('reads its functions, sets, tuples, integers and uninterpreted constants', () => {
    const trace = read();
    const [a1, a2] = [modelValue('a1'), modelValue('a2')];
    expect([trace.length, trace.loop]).toEqual([3, 1]);
    expect(trace.labels).toEqual([undefined, undefined]);
    expect(state(trace, 2)).toEqual({
      maxBal: new Map([
        [a1, 1],
        [a2, -1],
      ]),
      msgs: new Set([{ type: '1a', bal: 1, from: modelValue('None') }]),
      votes: [[0n + 18446744073709551616n, 'v']],
    });
  });

  it('leaves its strings alone where no model values are named', () => {
    const trace = readItf(fixture('apalache.itf.json'));
    expect(Object.keys(state(trace, 0).maxBal as object).sort()).toEqual([
      'a1_OF_ACCEPTOR',
      'a2_OF_ACCEPTOR',
    ]);
  });
});

describe('ITF of Quint', () => {
  const parameterNames = { deposit: ['account', 'amount'], withdraw: ['account'] };

  it('reads its actions and the picks that were made, under the names of the spec', () => {
    const trace = readItf(fixture('quint.itf.json'), { parameterNames });
    expect(trace.variables).toEqual(['balances', 'lastError']);
    expect(trace.labels).toEqual([
      { action: 'deposit', args: ['alice', 40] },
      { action: 'withdraw', args: ['alice'] },
    ]);
    expect([...(trace.named[0]?.args ?? [])]).toEqual([
      ['amount', 40],
      ['account', 'alice'],
    ]);
    expect(state(trace, 1)).toEqual({
      balances: { alice: 40, bob: 0 },
      lastError: { tag: 'None', value: [] },
    });
  });

  it('gives no label to a step whose picks lack a parameter', () => {
    const names = { ...parameterNames, withdraw: ['account', 'fee'] };
    const { labels, named } = readItf(fixture('quint.itf.json'), { parameterNames: names });
    expect([labels[1], named[1]?.action]).toEqual([undefined, 'withdraw']);
  });
});

describe('a broken ITF file', () => {
  const withX = (x: string): string => `{"vars":["x"],"states":[{"x":${x}}]}`;
  for (const [title, text, message] of [
    ['is no JSON', '{"states": [', /bad-trace: t\.json: not JSON/],
    ['is a list', '[]', /no JSON object/],
    ['has no states', '{"vars":["x"]}', /no list "states"/],
    ['has a number for a state', '{"states":[1]}', /states\[0\] is no object/],
    ['lacks a variable later', '{"states":[{"x":1},{"y":1}]}', /states\[1\] has no value for x/],
    ['has null', withX('[1,null]'), /states\[0\]\["x"\]\[1\]: null is no TLA\+ value/],
    ['has a fraction', withX('1.5'), /"x"\]\["#unserializable"\]: not a TLA\+ value/],
    ['has an infinite set', withX('{"#unserializable":"Int"}'), /infinite|not enumerate/],
    ['has an unknown form', withX('{"#bag":[]}'), /knows no form "#bag"/],
    ['has a form among fields', withX('{"a":1,"#set":[]}'), /no form "#set" there/],
    ['has a map of no pairs', withX('{"#map":[[1]]}'), /expected \[argument, result\]/],
    ['has an argument twice', withX('{"#map":[[1,2],[1,3]]}'), /same argument twice/],
    ['has digits that are none', withX('{"#bigint":"0x10"}'), /expected digits/],
    ['has too many digits', withX(`{"#bigint":"${'9'.repeat(10_001)}"}`), /10000 digits/],
    ['has a lone surrogate', withX('"\\ud800"'), /not well-formed/],
    ['nests too deep', withX('['.repeat(100_000) + ']'.repeat(100_000)), /nested deeper/],
    ['loops to nowhere', '{"states":[{"x":1}],"loop":1}', /the loop begins at 1/],
  ] as const) {
    it(`is refused where it ${title}`, () => {
      expect(refusal(() => readItf(text, { file: 't.json' }))).toMatch(message);
    });
  }

  it('never rounds: an integer that is not safe is read to its last digit', () => {
    expect(state(readItf(withX('9007199254740993')), 0)).toEqual({ x: 9007199254740993n });
    expect(state(readItf(withX('"9007199254740993.5"')), 0)).toEqual({ x: '9007199254740993.5' });
    expect(refusal(() => readItf(withX('9007199254740991.4')))).toMatch(/bad-value/);
  });

  it('changes no prototype by a field of that name', () => {
    const trace = readItf('{"states":[{"__proto__":{"action":"x"},"y":{"__proto__":1}}]}');
    expect(trace.variables).toEqual(['__proto__', 'y']);
    expect(Object.keys(state(trace, 0).y as object)).toEqual(['__proto__']);
    expect(({} as { action?: string }).action).toBeUndefined();
  });
});

describe('traces as lines of JSON', () => {
  it('stand one after the other', () => {
    const text =
      writeNdjsonTrace(traceOf({ x: 1 }, { x: 2 })) + writeNdjsonTrace(traceOf({ y: 3 }));
    const traces = readNdjsonTraces(text);
    expect(traces.map(({ length, variables }) => [length, variables])).toEqual([
      [2, ['x']],
      [1, ['y']],
    ]);
    expect(refusal(() => readNdjsonTrace(text))).toMatch(/holds 2 traces/);
  });

  for (const [title, change, message] of [
    ['its last line is cut short', (t: string) => t.slice(0, -5), /cut-short: .*line 3/],
    ['a line is missing', (t: string) => t.replace(/\n.*/, ''), /its index is 1, not 0/],
    ['the head is missing', (t: string) => t.replace(/.*\n/, ''), /stands before the line/],
    ['the format is another', (t: string) => t.replace('trace.1', 'trace.9'), /bisim\.trace\.9/],
    ['a line is no object', (t: string) => `${t}7\n`, /line 4 is no JSON object/],
    ['a state has none', (t: string) => `${t}{"index":2}\n`, /line 4 has no "state"/],
  ] as const) {
    it(`are refused where ${title}`, () => {
      const text = writeNdjsonTrace(traceOf({ x: 1 }, { x: 2 }));
      expect(refusal(() => readNdjsonTrace(change(text)))).toMatch(message);
    });
  }
});
