import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertComplete, edgeSource, stateOf } from '../../conformance/behaviour/graph.ts';
import { GraphError } from '../../conformance/behaviour/graphError.ts';
import {
  codeOf,
  describeGraph,
  dumpHead,
  edgeLine,
  escapeDot,
  nodeLine,
  read,
  sampleDump,
} from './behaviourGraphs.ts';

const counts = { distinct: 4, generated: 7, queue: 0 };

describe('readDot', () => {
  it('reads states, initial states, labels and edges', async () => {
    const graph = await read(sampleDump, { expect: counts });
    expect(graph.variables).toEqual(['x', 'msgs']);
    expect(graph.nodeCount).toBe(4);
    expect([...graph.initial]).toEqual([0, 1]);
    expect([...graph.edgeOffset]).toEqual([0, 2, 3, 4, 4]);
    expect([...graph.edgeTarget]).toEqual([2, 0, 3, 1]);
    expect(Array.from(graph.edgeLabel, (l) => graph.labels[l]!.action)).toEqual([
      'Send',
      'Stay',
      'Send',
      'Back',
    ]);
    expect([graph.edgeCount, graph.rawEdgeCount]).toEqual([4, 5]);
    expect(stateOf(graph, 2)).toEqual({
      x: 1,
      msgs: new Set([
        { type: 'a"\\\n/', bal: 1 },
        { type: 'b', bal: 2 },
      ]),
    });
    expect([0, 1, 2, 3].map((edge) => edgeSource(graph, edge))).toEqual([0, 0, 1, 2]);
  });

  it('reads the same graph however the stream is cut into chunks', async () => {
    const whole = describeGraph(await read(sampleDump));
    for (let chunkBytes = 1; chunkBytes < 200; chunkBytes += chunkBytes < 20 ? 1 : 17) {
      expect(describeGraph(await read(sampleDump, {}, chunkBytes))).toEqual(whole);
    }
  });

  it('reads the label of a module with one variable, and a legend', async () => {
    const dump =
      dumpHead +
      nodeLine('1', 'x = {1}', true) +
      edgeLine('1', '2', 'A') +
      nodeLine('2', 'x = {2}') +
      '}\nsubgraph cluster_legend {\ngraph[style=bold];\nlabel = "Next State Actions" style="solid"\nnode [ labeljust="l" ]\nA [label="A",fillcolor="1"]\n}}';
    expect(await codeOf(() => read(dump))).toBe('cut-short');
    const graph = await read(dump.replace(/\}\}$/, '}\n}'));
    expect(graph.variables).toEqual(['x']);
    expect(stateOf(graph, 1)).toEqual({ x: new Set([2]) });
  });

  it('puts the columns in the order asked for, and refuses other variables', async () => {
    const graph = await read(sampleDump, { variables: ['msgs', 'x'] });
    expect(graph.variables).toEqual(['msgs', 'x']);
    expect(stateOf(graph, 0)).toEqual({ msgs: new Set(), x: 1 });
    expect(await codeOf(() => read(sampleDump, { variables: ['x'] }))).toBe('variables');
    expect(await codeOf(() => read(sampleDump, { variables: ['x', 'y'] }))).toBe('variables');
  });

  it('makes one label of two texts that mean the same action and arguments', async () => {
    const dump = sampleDump.replace('label="Back"', 'label="Send2"');
    const graph = await read(dump, {
      label: (text) => ({ action: text.slice(0, 4), args: [{ a: 1 }] }),
    });
    expect(graph.labels).toEqual([
      { action: 'Send', args: [{ a: 1 }] },
      { action: 'Stay', args: [{ a: 1 }] },
    ]);
  });

  it('passes on what the label function throws', async () => {
    const label = (): never => {
      throw new GraphError('bad-label', 'an edge is labelled Next', 'keep Next flat');
    };
    expect(await codeOf(() => read(sampleDump, { label }))).toBe('bad-label');
  });

  it('refuses the dump at every cut', async () => {
    for (let cut = 0; cut < sampleDump.length; cut++) {
      expect(await codeOf(() => read(sampleDump.slice(0, cut), {}, 100))).not.toBe('no error');
    }
  });

  const state = nodeLine('1', 'x = 1', true);
  it.each([
    ['an empty stream', '', 'no-states'],
    ['another file', 'hello\n', 'not-a-dump'],
    ['a dump without states', `${dumpHead}}\n}`, 'no-states'],
    ['a dump without edges', `${dumpHead}${state}}\n}`, 'no-edges'],
    [
      'a dump without an initial state',
      `${dumpHead}${nodeLine('1', 'x = 1')}${edgeLine('1', '1', 'A')}}\n}`,
      'no-initial',
    ],
    [
      'an edge to a state that is missing',
      `${dumpHead}${state}${edgeLine('1', '2', 'A')}}\n}`,
      'undefined-node',
    ],
    [
      'two states with one fingerprint',
      `${dumpHead}${state}${nodeLine('1', 'x = 2')}${edgeLine('1', '1', 'A')}}\n}`,
      'duplicate-node',
    ],
    [
      'one state with two fingerprints',
      `${dumpHead}${state}${nodeLine('2', 'x = 1')}${edgeLine('1', '2', 'A')}}\n}`,
      'duplicate-state',
    ],
    [
      'a state with other variables',
      `${dumpHead}${state}${nodeLine('2', 'y = 1')}}\n}`,
      'variables',
    ],
    [
      'a state with more variables',
      `${dumpHead}${state}${nodeLine('2', 'x = 1\n/\\ y = 1')}}\n}`,
      'variables',
    ],
    ['a value that is none', `${dumpHead}${state}${nodeLine('2', 'x = {1')}}\n}`, 'bad-value'],
    [
      'a fingerprint of 20 digits',
      `${dumpHead}${nodeLine('12345678901234567890', 'x = 1')}}\n}`,
      'bad-line',
    ],
    ['an edge before the first state', `${dumpHead}${edgeLine('1', '2', 'A')}}\n}`, 'not-a-dump'],
    [
      'a state after the end',
      `${dumpHead}${state}${edgeLine('1', '1', 'A')}}\n}\n${state}`,
      'not-a-dump',
    ],
    ['an unknown escape', `${dumpHead}${state.replace('= 1', '= \\q')}}\n}`, 'bad-line'],
  ])('refuses %s', async (_, dump, code) => {
    expect(await codeOf(() => read(dump))).toBe(code);
  });

  it('accepts one state printed twice alike', async () => {
    const graph = await read(`${dumpHead}${state}${state}${edgeLine('1', '1', 'A')}}\n}`);
    expect(graph.nodeCount).toBe(1);
  });

  it('numbers 20,000 states by first sight and never confuses fingerprints', async () => {
    const ids = Array.from(
      { length: 20_000 },
      (_, i) => `${i % 2 ? '-' : ''}${BigInt(i + 1) ** 4n}`,
    );
    const lines = ids.map((id, i) => nodeLine(id, `x = ${i}`, i === 0));
    const edges = ids.map((id, i) =>
      edgeLine(id, ids[(i * 7919 + 1) % ids.length]!, i % 3 ? 'A' : 'B'),
    );
    const graph = await read(`${dumpHead}${lines.join('')}${edges.join('')}}\n}`);
    expect(graph.nodeCount).toBe(20_000);
    for (let i = 0; i < 20_000; i += 97) {
      expect(stateOf(graph, i)).toEqual({ x: i });
      expect(graph.edgeTarget[i]).toBe((i * 7919 + 1) % ids.length);
    }
  });

  it('throws nothing but GraphError on arbitrary damage, and never hangs', async () => {
    const bytes = Buffer.from(sampleDump);
    const damage = fc.array(
      fc.tuple(
        fc.nat({ max: bytes.length - 1 }),
        fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('\\"\n{}[] '))),
      ),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(damage, fc.integer({ min: 1, max: 500 }), async (changes, chunkBytes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        await codeOf(() => read(damaged, {}, chunkBytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('reads back any string value from its doubly escaped form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const printed = text.replace(/["\\]/g, '\\$&');
        fc.pre(!/[\n\r\t\f]/.test(text) && !/\p{Surrogate}/u.test(text));
        const dump = `${dumpHead}${nodeLine('1', `/\\ s = "${printed}"\n/\\ x = 1`, true)}${edgeLine('1', '1', 'A')}}\n}`;
        const graph = await read(dump, {}, 13);
        expect(stateOf(graph, 0)).toEqual({ s: text, x: 1 });
      }),
    );
    expect(escapeDot('"\\\n')).toBe('\\"\\\\\\n');
  });
});

describe('assertComplete', () => {
  it.each([
    ['states are missing', { ...counts, distinct: 5 }],
    ['edges are missing', { ...counts, generated: 8 }],
    ['there are too many edges', { ...counts, generated: 6 }],
    ['states were left on the queue', { ...counts, queue: 1 }],
    [
      'there are too many edges, under a constraint',
      { ...counts, generated: 6, constrained: true },
    ],
  ])('refuses a graph where %s', async (_, expected) => {
    expect(await codeOf(() => read(sampleDump, { expect: expected }))).toBe('wrong-count');
  });

  it('accepts fewer edges under a constraint, whose cut edges TLC counts but does not dump', async () => {
    const graph = await read(sampleDump);
    assertComplete(graph, { ...counts, generated: 9, constrained: true });
    assertComplete(graph, { ...counts, initial: 2 });
  });
});
