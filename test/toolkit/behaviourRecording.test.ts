import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../conformance/behaviour/graphBuilder.ts';
import type { StateGraph } from '../../conformance/behaviour/graph.ts';
import {
  decodeGraph,
  encodeGraph,
  recordingHeader,
} from '../../conformance/behaviour/recording.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import {
  anyGraph,
  codeOf,
  describeGraph,
  dumpHead,
  edgeLine,
  nodeLine,
  read,
} from './behaviourGraphs.ts';
import { anyValue } from './valueArbitrary.ts';

/** A protocol of n processes over a set of messages: small steps, much commutation, as specs have. */
function messageGraph(processes: number): StateGraph {
  const values = new ValueTable();
  const builder = new GraphBuilder(['pc', 'msgs', 'done'], values);
  const numbers = new Map<string, number>();
  const queue: number[][] = [];
  const rowOf = (state: readonly number[]): Int32Array =>
    Int32Array.of(
      values.intern(
        Object.fromEntries(state.map((pc, i) => [`r${i}`, ['idle', 'sent', 'done'][pc]!])),
      ),
      values.intern(
        new Set(state.flatMap((pc, i) => (pc > 0 ? [{ type: 'vote', from: `r${i}` }] : []))),
      ),
      values.intern(state.every((pc) => pc === 2)),
    );
  const numberOf = (state: number[]): number => {
    let number = numbers.get(state.join());
    if (number === undefined) {
      number = numbers.size;
      numbers.set(state.join(), number);
      builder.state(number, rowOf(state), number === 0);
      queue.push(state);
    }
    return number;
  };
  numberOf(Array.from({ length: processes }, () => 0));
  for (let i = 0; i < queue.length; i++) {
    const state = queue[i]!;
    state.forEach((pc, p) => {
      if (pc === 2) return;
      const label = builder.label({ action: pc === 0 ? 'Send' : 'Finish', args: [`r${p}`] });
      builder.edge(i, label, numberOf(state.map((other, q) => (q === p ? pc + 1 : other))));
    });
    if (state[0] === 2) builder.edge(i, builder.label({ action: 'Stay', args: [] }), i);
  }
  return builder.finish();
}

describe('encodeGraph and decodeGraph', () => {
  it('give back the graph, its numbers and its order', () => {
    fc.assert(
      fc.property(anyGraph, fc.constantFrom('small' as const, 'fast' as const), (graph, effort) => {
        const decoded = decodeGraph(encodeGraph(graph, { effort }));
        expect(describeGraph(decoded)).toEqual(describeGraph(graph));
      }),
      { numRuns: 300 },
    );
  });

  it('give back any value, and any change of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyValue, anyValue), { minLength: 2, maxLength: 8 }),
        (rows) => {
          const values = new ValueTable();
          const builder = new GraphBuilder(['n', 'a', 'b'], values);
          const label = builder.label({ action: 'Step', args: [rows[0]![0]] });
          rows.forEach(([a, b], n) => {
            builder.state(
              n,
              Int32Array.of(values.intern(n), values.intern(a), values.intern(b)),
              n === 0,
            );
            builder.edge(n, label, (n + 1) % rows.length);
          });
          const graph = builder.finish();
          expect(describeGraph(decodeGraph(encodeGraph(graph)))).toEqual(describeGraph(graph));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give back changes of sets, sequences, records and functions inside one another', () => {
    const forms: TlaValue[] = [
      { r1: { log: [] as TlaValue[], votes: new Set() }, r2: { log: [1], votes: new Set([1]) } },
      { r1: { log: [{ slot: 1 }], votes: new Set(['r1']) }, r2: { log: [1], votes: new Set([1]) } },
      {
        r1: { log: [{ slot: 2 }], votes: new Set(['r1', 'r2']) },
        r2: { log: [1], votes: new Set([2]) },
      },
      {
        r1: { log: [{ slot: 2 }, 3], votes: new Set(['r2']) },
        r2: { log: [1, 2], votes: new Set() },
      },
      new Map<TlaValue, TlaValue>([
        [2, 'a'],
        [3, [1]],
      ]),
      new Map<TlaValue, TlaValue>([
        [2, 'a'],
        [3, [1, 2]],
      ]),
      new Map<TlaValue, TlaValue>([
        [2, 'a'],
        [4, [1, 2]],
      ]),
      -7,
      2n ** 70n,
      -(2n ** 70n),
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ];
    const values = new ValueTable();
    const builder = new GraphBuilder(['x'], values);
    const label = builder.label({ action: 'A', args: [] });
    forms.forEach((form, n) => builder.state(n, Int32Array.of(values.intern(form)), n === 0));
    for (let i = 0; i < forms.length; i++)
      for (let j = 0; j < forms.length; j++) builder.edge(i, label, j);
    const graph = builder.finish();
    expect(describeGraph(decodeGraph(encodeGraph(graph)))).toEqual(describeGraph(graph));
  });

  it('take at most six bytes a state', () => {
    const graph = messageGraph(7);
    expect(graph.nodeCount).toBe(3 ** 7);
    for (const effort of ['small', 'fast'] as const) {
      const bytes = encodeGraph(graph, { effort });
      expect(bytes.length / graph.nodeCount).toBeLessThan(6);
      expect(describeGraph(decodeGraph(bytes))).toEqual(describeGraph(graph));
    }
  });

  it('make equal files of equal graphs', () => {
    expect(Buffer.compare(encodeGraph(messageGraph(4)), encodeGraph(messageGraph(4)))).toBe(0);
  });

  it('hold to the hash of the spec', async () => {
    const bytes = encodeGraph(messageGraph(3), { hash: 'abc' });
    expect(recordingHeader(bytes)).toEqual({
      hash: 'abc',
      nodeCount: 27,
      edgeCount: 63,
      rawEdgeCount: 63,
    });
    expect(decodeGraph(bytes, { hash: 'abc' }).nodeCount).toBe(27);
    expect(await codeOf(() => decodeGraph(bytes, { hash: 'abd' }))).toBe('other-spec');
  });

  it('refuse a graph with states that no initial state reaches', async () => {
    const dump = `${dumpHead}${nodeLine('0', 'x = 0', true)}${nodeLine('1', 'x = 1')}${edgeLine('1', '0', 'A')}}\n}`;
    const graph = await read(dump);
    expect(await codeOf(() => encodeGraph(graph))).toBe('unreachable');
  });

  it('refuse a recording cut or changed anywhere', async () => {
    const bytes = encodeGraph(messageGraph(3), { hash: 'abc' });
    for (let at = 0; at < bytes.length; at++) {
      expect(await codeOf(() => decodeGraph(bytes.subarray(0, at)))).toBe('bad-recording');
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at % 8);
      expect(await codeOf(() => decodeGraph(changed))).toBe('bad-recording');
    }
  });

  it('throw nothing but GraphError, and never hang, where the checksum was made to fit the damage', async () => {
    const { brotliCompressSync, brotliDecompressSync } = await import('node:zlib');
    const bytes = Buffer.from(encodeGraph(messageGraph(3), { hash: 'abc' }));
    const headEnd = bytes.indexOf(10, 46) + 1;
    const streams = brotliDecompressSync(bytes.subarray(headEnd));
    const damage = fc.array(fc.tuple(fc.nat({ max: streams.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Buffer.from(streams);
        for (const [at, byte] of changes) damaged[at] = byte;
        const rest = Buffer.concat([bytes.subarray(46, headEnd), brotliCompressSync(damaged)]);
        const digest = createHash('sha256').update(rest).digest();
        await codeOf(() => decodeGraph(Buffer.concat([bytes.subarray(0, 14), digest, rest])));
      }),
      { numRuns: 400 },
    );
  });
});
