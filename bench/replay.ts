/**
 * Replay's edges a second, comparison included, and the memory it takes; no TLC needed.
 * A first process explores `replayPaxos.ts` and writes its graph; a second reads and replays it, so
 * that its peak is replay's own, the graph included.
 *
 * Usage: npx jiti bench/replay.ts [states] [times]      Needed: >= 100,000 edges/s, <= 400 MB.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { StateGraph } from '../conformance/behaviour/graph.ts';
import { replayGraph } from '../conformance/replay/driver.ts';
import { ValueTable } from '../conformance/value/table.ts';
import type { TlaValue } from '../conformance/value/value.ts';
import { graphOf } from './modelGraph.ts';
import { labels, parameterNames, paxos, type World } from './replayPaxos.ts';

interface Stored extends Omit<StateGraph, 'values' | 'labels'> {
  readonly texts: readonly string[];
}

function explored(nodesMax: number): StateGraph {
  const binding = paxos;
  const constants = {};
  return graphOf({
    initial: [binding.view(binding.init(constants) as World)],
    labels,
    nodesMax,
    next: (model, { action, args }) => {
      const state = binding.decode!(model, constants);
      const named = Object.fromEntries(
        parameterNames[action]!.map((name, i) => [name, args[i] as TlaValue]),
      );
      const choices = [...(binding.choices?.[action]?.(state, named, constants) ?? [undefined])];
      const results = choices.map((choice) =>
        binding.actions[action]!(state, named, choice, constants),
      );
      return results.flatMap((result) =>
        result === undefined ? [] : [binding.view(result as World)],
      );
    },
  });
}

function write(graph: StateGraph, path: string): void {
  const numbers = new Map<number, number>();
  const texts: string[] = [];
  const states = graph.states.map((id) => {
    let number = numbers.get(id);
    if (number === undefined) {
      number = texts.push(graph.values.format(id)) - 1;
      numbers.set(id, number);
    }
    return number;
  });
  const { values: _, labels: __, ...rest } = graph;
  writeFileSync(path, serialize({ ...rest, states, texts } satisfies Stored));
}

function read(path: string): StateGraph {
  const { texts, ...stored } = deserialize(readFileSync(path)) as Stored;
  const values = new ValueTable();
  const ids = texts.map((text) => values.parse(text));
  return { ...stored, states: stored.states.map((text) => ids[text]!), values, labels };
}

function measure(path: string, times: number): void {
  const graph = read(path);
  const sizes = `${graph.nodeCount} states, ${graph.edgeCount} edges, ${graph.values.size} values`;
  const messages = graph.variables.indexOf('msgs');
  let sent = 0;
  for (let node = 0; node < graph.nodeCount; node += 1) {
    const id = graph.states[node * graph.variables.length + messages]!;
    sent += (graph.values.value(id) as ReadonlySet<TlaValue>).size;
  }
  const shape = `${graph.variables.length} variables, ${(sent / graph.nodeCount).toFixed(1)} messages a state`;
  console.log(
    `${sizes}, ${shape}; ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB before replay`,
  );
  for (let i = 0; i < times; i += 1) {
    const cpu = process.cpuUsage();
    const result = replayGraph(graph, paxos, {
      constants: {},
      parameterNames,
      boundedLeaves: true,
    });
    const used = process.cpuUsage(cpu);
    const seconds = (used.user + used.system) / 1e6;
    if (result.verdict !== 'ok' || result.replayed !== graph.edgeCount)
      throw new Error(result.failures[0]?.text ?? 'edges are missing');
    console.log(
      `${result.replayed} edges replayed, ${result.leaves} leaves, ${result.calls} calls: ` +
        `${result.seconds.toFixed(2)} s, CPU ${seconds.toFixed(2)} s, ` +
        `${(graph.edgeCount / seconds / 1000).toFixed(0)} k edges/s CPU, ` +
        `peak ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB`,
    );
  }
}

if (process.argv[2] === '--graph') {
  measure(process.argv[3]!, Number(process.argv[4]));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'bisim-replay-'));
  try {
    const path = join(folder, 'graph');
    write(explored(Number(process.argv[2] ?? 300_000)), path);
    const require = createRequire(import.meta.url);
    const jiti = join(dirname(require.resolve('jiti/package.json')), 'lib', 'jiti-cli.mjs');
    const child = [jiti, fileURLToPath(import.meta.url), '--graph', path, process.argv[3] ?? '3'];
    spawnSync(process.execPath, child, { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
