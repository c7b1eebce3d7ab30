import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SimulationReader,
  type SimulationOptions,
} from '../../conformance/behaviour/simulation.ts';
import { codeOf } from './behaviourGraphs.ts';

const file = `---------------- MODULE sim/t_0_1 -----------------
STATE_1 == 
/\\ yy = "q\\"u\\\\"
/\\ x = 1
/\\ act = <<"Init">>


STATE_2 == 
/\\ yy = { [ name |-> "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    other |-> <<1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13>> ],
  [ name |-> "/\\\\ x = 5",
    other |-> <<1>> ] }
/\\ x = 0
/\\ act = <<"Accept", <<"r1", 2>>>>


STATE_3 == 
/\\ yy = {}
/\\ x = 1
/\\ act = <<"Crash", <<>>>>


=================================================
`;

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const read = (text: string, options: SimulationOptions = {}) =>
  new SimulationReader(options).read(bytes(text));

describe('SimulationReader', () => {
  it('reads the states, and takes the auxiliary variable out of them as labels', () => {
    const trace = read(file, { actionVariable: 'act' });
    expect(trace.variables).toEqual(['yy', 'x']);
    expect(trace.length).toBe(3);
    expect(Array.from(trace.states, (id) => trace.values.value(id))).toEqual([
      'q"u\\',
      1,
      new Set([
        { name: 'a'.repeat(29), other: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] },
        { name: '/\\ x = 5', other: [1] },
      ]),
      0,
      new Set(),
      1,
    ]);
    expect(trace.labels).toEqual([
      { action: 'Accept', args: ['r1', 2] },
      { action: 'Crash', args: [] },
    ]);
  });

  it('reads a trace without an auxiliary variable, its steps unnamed', () => {
    const trace = read(file);
    expect(trace.variables).toEqual(['yy', 'x', 'act']);
    expect(trace.labels).toEqual([undefined, undefined]);
  });

  it('reads a module of one variable, line ends of Windows, and the action comments of newer versions', () => {
    const text =
      '---- MODULE u ----\nSTATE_1 == \nx = 1\n\n\n\\* <Step line 5, col 12 of module S>\nSTATE_2 == \nx = {}\n\n\n====\n';
    for (const form of [text, text.replaceAll('\n', '\r\n')]) {
      const trace = read(form);
      expect(trace.length).toBe(2);
      expect(Array.from(trace.states, (id) => trace.values.format(id))).toEqual(['1', '{}']);
      expect(trace.labels).toEqual([{ action: 'Step', args: [] }]);
    }
  });

  it('reads many files into one table, in one order of columns', () => {
    const reader = new SimulationReader({ actionVariable: 'act', variables: ['x', 'yy'] });
    const first = reader.read(bytes(file));
    const second = reader.read(bytes(file));
    expect(second.values).toBe(first.values);
    expect(second.states).toEqual(first.states);
    expect(first.variables).toEqual(['x', 'yy']);
    expect(first.values.value(first.states[0]!)).toBe(1);
  });

  it.each([
    ['an empty file', '', 'bad-trace'],
    ['a file cut short', file.slice(0, -50), 'bad-trace'],
    ['a file without states', '---- MODULE u ----\n====\n', 'bad-trace'],
    ['a value that is none', file.replace('x = 0', 'x = ]'), 'bad-value'],
    ['a state that lacks a variable', file.replace('/\\ x = 0\n', ''), 'variables'],
    ['an auxiliary variable of another form', file.replace('<<"Crash", <<>>>>', '7'), 'bad-trace'],
    ['a line that is none', file.replace('/\\ x = 0', 'x: 0'), 'bad-value'],
  ])('refuses %s', async (_, text, code) => {
    expect(await codeOf(() => read(text, { actionVariable: 'act' }))).toBe(code);
  });

  it('throws nothing but GraphError on arbitrary damage, and refuses every cut before the end', async () => {
    for (let cut = 0; cut < file.length - 50; cut++) {
      expect(await codeOf(() => read(file.slice(0, cut), { actionVariable: 'act' }))).not.toBe(
        'no error',
      );
    }
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: file.length }),
        fc.string({ maxLength: 3 }),
        async (at, text) => {
          await codeOf(() =>
            read(file.slice(0, at) + text + file.slice(at + text.length), {
              actionVariable: 'act',
            }),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});
