/**
 * How fast a dot dump is read from a file, values built, and what the graph costs in memory.
 * Usage: npx jiti bench/graph.ts DUMP.dot [times]
 */
import { createReadStream, statSync } from 'node:fs';
import { readDot } from '../conformance/behaviour/readDot.ts';

const path = process.argv[2];
if (path === undefined) {
  console.error('usage: npx jiti bench/graph.ts DUMP.dot [times]');
  process.exit(2);
}
const megabytes = statSync(path).size / 1e6;
for (let i = 0; i < Number(process.argv[3] ?? 5); i++) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const graph = await readDot(createReadStream(path, { highWaterMark: 1 << 20 }), {
    label: (text) => ({ action: text, args: [] }),
  });
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const cpuSeconds = (used.user + used.system) / 1e6;
  const rss = process.memoryUsage().rss / 1e6;
  console.log(
    `${megabytes.toFixed(1)} MB, ${graph.nodeCount} states, ${graph.edgeCount} edges (${graph.rawEdgeCount} lines), ` +
      `${graph.values.size} values: ${seconds.toFixed(3)} s, ${(megabytes / seconds).toFixed(0)} MB/s ` +
      `(CPU ${cpuSeconds.toFixed(3)} s, ${(megabytes / cpuSeconds).toFixed(0)} MB/s), rss ${rss.toFixed(0)} MB`,
  );
}
