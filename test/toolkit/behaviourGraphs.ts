/** Graphs for tests: dumps as TLC writes them, made from small tables, and arbitrary graphs. */
import fc from 'fast-check';
import { GraphBuilder } from '../../conformance/behaviour/graphBuilder.ts';
import type { StateGraph } from '../../conformance/behaviour/graph.ts';
import { GraphError } from '../../conformance/behaviour/graphError.ts';
import { readDot, type ReadDotOptions } from '../../conformance/behaviour/readDot.ts';
import { ValueTable } from '../../conformance/value/table.ts';

export const dumpHead =
  'strict digraph DiskGraph {\nnodesep=0.35;\nsubgraph cluster_graph {\ncolor="white";\n';

export function escapeDot(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function nodeLine(id: string, state: string, initial = false): string {
  return `${id} [label="${escapeDot(state)}"${initial ? ',style = filled]' : '];'}\n`;
}

export function edgeLine(from: string, to: string, label: string): string {
  return `${from} -> ${to} [label="${escapeDot(label)}",color="black",fontcolor="black"];\n`;
}

/** A whole dump with every kind of line: wrapped values, escapes, self-loops, repeats, ranks. */
export const sampleDump =
  dumpHead +
  nodeLine('-8620325224514741691', '/\\ x = 1\n/\\ msgs = {}', true) +
  nodeLine('7', '/\\ x = 2\n/\\ msgs = {}', true) +
  edgeLine('-8620325224514741691', '9223372036854775807', 'Send') +
  nodeLine(
    '9223372036854775807',
    '/\\ x = 1\n/\\ msgs = { [ type |-> "a\\"\\\\\\n/",\n    bal |-> 1 ],\n  [bal |-> 2, type |-> "b"] }',
  ) +
  edgeLine('-8620325224514741691', '-8620325224514741691', 'Stay') +
  edgeLine('-8620325224514741691', '-8620325224514741691', 'Stay') +
  edgeLine('7', '-9223372036854775808', 'Send') +
  nodeLine('-9223372036854775808', '/\\ x = (1 :> 2)\n/\\ msgs = {}') +
  edgeLine('9223372036854775807', '7', 'Back') +
  '{rank = same; -8620325224514741691;7;}\n{rank = same; 9223372036854775807;}\n}\n}';

export function read(
  dump: string | Uint8Array,
  options: Partial<ReadDotOptions> = {},
  chunkBytes = 1 << 16,
): Promise<StateGraph> {
  const bytes = typeof dump === 'string' ? Buffer.from(dump, 'utf8') : dump;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  return readDot(chunks(), { label: (text) => ({ action: text, args: [] }), ...options });
}

/** The GraphError code that `act` ends with; 'no error' where it ends well. Other errors pass through. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof GraphError) {
      if (error.next === '' || error.message === '') throw error;
      return error.code;
    }
    throw error;
  }
  return 'no error';
}

/** All a graph says, in a form that does not depend on the numbers of its value table. */
export function describeGraph(graph: StateGraph): unknown {
  const texts = new Map<number, string>();
  const text = (id: number): string => {
    let known = texts.get(id);
    if (known === undefined) texts.set(id, (known = graph.values.format(id)));
    return known;
  };
  return {
    variables: graph.variables,
    nodeCount: graph.nodeCount,
    states: Array.from(graph.states, text),
    initial: [...graph.initial],
    edgeOffset: [...graph.edgeOffset],
    edgeTarget: [...graph.edgeTarget],
    edgeLabel: [...graph.edgeLabel],
    labels: graph.labels.map((label) => [
      label.action,
      ...label.args.map((a) => text(graph.values.intern(a))),
    ]),
    edgeCount: graph.edgeCount,
    rawEdgeCount: graph.rawEdgeCount,
  };
}

/** Graphs in which an initial state reaches every node; numbering and edge order are arbitrary. */
export const anyGraph: fc.Arbitrary<StateGraph> = fc
  .record({
    nodes: fc.integer({ min: 1, max: 40 }),
    extra: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 4 })), {
      minLength: 1,
      maxLength: 80,
    }),
    parents: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 })), { minLength: 40, maxLength: 40 }),
    roots: fc.integer({ min: 1, max: 3 }),
    shuffle: fc.option(fc.integer()),
  })
  .map(({ nodes, extra, parents, roots, shuffle }) => {
    const values = new ValueTable();
    const builder = new GraphBuilder(['pc', 'log', 'msgs'], values);
    const names = Array.from({ length: nodes }, (_, n) => n);
    if (shuffle !== null) names.sort((a, b) => order(a, shuffle) - order(b, shuffle));
    for (let n = 0; n < nodes; n++) {
      const row = Int32Array.of(
        values.intern({ r1: n % 3, r2: ['idle', 'busy'][n % 2]! }),
        values.intern(Array.from({ length: n % 5 }, (_, i) => ({ slot: i, value: n % 7 }))),
        values.intern(new Set(Array.from({ length: n }, (_, i) => ({ type: 'm', bal: i })))),
      );
      builder.state(names[n]!, row, n < roots);
    }
    const label = (kind: number): number =>
      builder.label({ action: `A${kind}`, args: kind > 1 ? [kind, `r${kind}`] : [] });
    for (let n = roots; n < nodes; n++) {
      const [parent, kind] = parents[n]!;
      builder.edge(names[parent % n]!, label(kind), names[n]!);
    }
    for (const [from, to, kind] of extra)
      builder.edge(names[from % nodes]!, label(kind), names[to % nodes]!);
    return builder.finish();
  });

function order(n: number, seed: number): number {
  return Math.imul(n + 1, 0x9e3779b1 ^ seed) >>> 0;
}
