/**
 * Writes a state graph for other tools: dot, JSON, JSON lines, or a recording. What must hold: the
 * file appears whole or not at all; memory stays small, however large the graph.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StateGraph } from '../behaviour/graph.ts';
import { encodeGraph } from '../behaviour/recording.ts';
import { UsageError } from '../sources/usageError.ts';

const formats = ['.dot', '.json', '.ndjson', '.bisim'] as const;
const chunkChars = 1 << 16;

export function requireGraphFormat(path: string): (typeof formats)[number] {
  const format = formats.find((each) => each === extname(path));
  if (format !== undefined) return format;
  throw new UsageError(
    'graph-format',
    `${path} has no ending that says what to write`,
    `End it in ${formats.join(', ')} (.bisim is a compact recording).`,
  );
}

export async function writeGraphFile(path: string, graph: StateGraph, hash: string): Promise<void> {
  const format = requireGraphFormat(path);
  const aside = `${path}.${randomUUID()}.part`;
  try {
    const file = createWriteStream(aside, { flags: 'wx' });
    await once(file, 'open');
    if (format === '.bisim') await pipeline([encodeGraph(graph, { hash })], file);
    else await pipeline(Readable.from(chunks(writers[format](graph))), file);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Lines put together: a write a line would take ten times as long. */
function* chunks(pieces: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < chunkChars) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

interface Texts {
  readonly state: (node: number) => Record<string, string>;
  readonly labels: readonly { readonly action: string; readonly args: readonly string[] }[];
}

function textsOf({ variables, values, states, labels }: StateGraph): Texts {
  return {
    state: (node) => {
      const at = node * variables.length;
      return Object.fromEntries(variables.map((name, i) => [name, values.format(states[at + i]!)]));
    },
    labels: labels.map(({ action, args }) => ({
      action,
      args: args.map((arg) => values.format(values.intern(arg))),
    })),
  };
}

function* edgesOf(graph: StateGraph): Generator<[from: number, to: number, label: number]> {
  for (let node = 0; node < graph.nodeCount; node += 1) {
    for (let edge = graph.edgeOffset[node]!; edge < graph.edgeOffset[node + 1]!; edge += 1) {
      yield [node, graph.edgeTarget[edge]!, graph.edgeLabel[edge]!];
    }
  }
}

const writers = {
  *'.dot'(graph: StateGraph): Generator<string> {
    const { state, labels } = textsOf(graph);
    const initial = new Set(graph.initial);
    yield 'digraph states {\n  node [shape=box, fontname=monospace];\n';
    for (let node = 0; node < graph.nodeCount; node += 1) {
      const lines = Object.entries(state(node)).map(([name, value]) => `${name} = ${value}`);
      const filled = initial.has(node) ? ', style=filled' : '';
      // \l: lines to the left. What the values hold is escaped first.
      yield `  ${node} [label="${lines.map(quoted).join('\\l')}\\l"${filled}];\n`;
    }
    for (const [from, to, label] of edgesOf(graph)) {
      const { action, args } = labels[label]!;
      const text = args.length === 0 ? action : `${action}(${args.join(', ')})`;
      yield `  ${from} -> ${to} [label="${quoted(text)}"];\n`;
    }
    yield '}\n';
  },

  *'.json'(graph: StateGraph): Generator<string> {
    const { state, labels } = textsOf(graph);
    yield `{"schema":"bisim.stategraph.1","variables":${JSON.stringify(graph.variables)}`;
    yield `,"initial":${JSON.stringify([...graph.initial])},"labels":${JSON.stringify(labels)}`;
    yield ',"states":[';
    for (let node = 0; node < graph.nodeCount; node += 1) {
      yield `${node === 0 ? '' : ','}\n${JSON.stringify(state(node))}`;
    }
    yield '],"edges":[';
    let comma = '';
    for (const edge of edgesOf(graph)) {
      yield `${comma}\n[${edge.join(',')}]`;
      comma = ',';
    }
    yield ']}\n';
  },

  *'.ndjson'(graph: StateGraph): Generator<string> {
    const { state, labels } = textsOf(graph);
    const initial = new Set(graph.initial);
    for (let id = 0; id < graph.nodeCount; id += 1) {
      const line = { state: id, initial: initial.has(id), values: state(id) };
      yield `${JSON.stringify(line)}\n`;
    }
    for (const [from, to, label] of edgesOf(graph)) {
      yield `${JSON.stringify({ from, to, ...labels[label]! })}\n`;
    }
  },
};

const quoted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(/\s+/g, ' ');
