/**
 * How fast a dot dump is read from a file, values built, and what the graph costs in memory.
 * Without a dump TLC writes one first: 190,080 states, 866,592 edges, with functions and messages.
 *
 * npx jiti bench/graph.ts [DUMP.dot | -] [times]
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readDot } from '../conformance/behaviour/readDot.ts';
import { runTlc } from '../conformance/tlc/run.ts';

const spec = `---- MODULE Counters ----
EXTENDS Naturals
VARIABLES count, msgs
Size == <<12, 12, 12, 11, 10>>
Init == count = [i \\in 1..5 |-> 0] /\\ msgs = {}
Up(i) == /\\ count[i] < Size[i] - 1
         /\\ count' = [count EXCEPT ![i] = @ + 1]
         /\\ msgs' = {[type |-> "counted", from |-> j, upTo |-> count'[j]] : j \\in 1..5}
Next == \\E i \\in 1..5 : Up(i)
====
`;

const folder = mkdtempSync(join(tmpdir(), 'bisim-graph-'));
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

async function ownDump(): Promise<string> {
  const [module, dot] = [join(folder, 'Counters.tla'), join(folder, 'Counters.dot')];
  writeFileSync(module, spec);
  const { distinct, generated, seconds } = await runTlc({
    module,
    cfg: 'INIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\n',
    timeoutMs: 1_200_000,
    memoryMb: 1_024,
    dump: (stream) => pipeline(stream, createWriteStream(dot)),
  });
  say(`TLC with its dump: ${distinct} states, ${generated - 1} edges, ${seconds.toFixed(1)} s`);
  return dot;
}

try {
  const [given = '-', times = '5'] = process.argv.slice(2);
  const path = given === '-' ? await ownDump() : given;
  const megabytes = statSync(path).size / 1e6;
  for (let i = 0; i < Number(times); i += 1) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    const graph = await readDot(createReadStream(path, { highWaterMark: 1 << 20 }), {
      label: (text) => ({ action: text, args: [] }),
    });
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    const cpuSeconds = (used.user + used.system) / 1e6;
    const rss = process.memoryUsage().rss / 1e6;
    const { nodeCount, edgeCount, rawEdgeCount, values } = graph;
    say(
      `${megabytes.toFixed(1)} MB, ${nodeCount} states, ${edgeCount} edges (${rawEdgeCount} lines), ` +
        `${values.size} values: ${seconds.toFixed(3)} s, CPU ${cpuSeconds.toFixed(3)} s, ` +
        `${(megabytes / cpuSeconds).toFixed(0)} MB a CPU s, rss ${rss.toFixed(0)} MB`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
