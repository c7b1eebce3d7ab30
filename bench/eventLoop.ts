/**
 * How long the asynchronous check keeps others from the thread: CPU time of its turns between two
 * visits of the event loop, of all threads of the process, collector and compiler included: median,
 * 99th percentile, longest. 50 ms are allowed.
 * Usage: npm run bench -- eventLoop [--operations N] [--seed N]
 */
import { parseArgs } from 'node:util';
import type * as History from '../conformance/history.ts';
import { generate, setName } from './history/generate.ts';

const built = new URL('../dist/conformance/history.js', import.meta.url).href;
const { checkLinearizableAsync, kvModel, toColumns } = (await import(built)) as typeof History;
const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '7' },
  },
});
const model = kvModel(null);

for (const kind of ['unique', 'cas', 'mixed'] as const) {
  for (const keys of [1, 100]) {
    const sizes = { operations: Number(values.operations), clients: 20, keys };
    const set = { ...sizes, kind, info: 1, bug: 'stale', seed: Number(values.seed) } as const;
    const lines = generate(set).map((line) => JSON.parse(line) as History.Operation);
    const columns = toColumns(lines);
    for (const way of ['cold', 'warm']) await measure(`${setName(set)}, ${way}`, columns);
  }
}

async function measure(name: string, columns: History.Columns): Promise<void> {
  const turns: number[] = [];
  let before = process.cpuUsage();
  let running = true;
  const tick = (): void => {
    const { user, system } = process.cpuUsage(before);
    turns.push((user + system) / 1000);
    before = process.cpuUsage();
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  const { verdict } = await checkLinearizableAsync(columns, model, { limitMs: 5000 });
  running = false;
  turns.sort((a, b) => a - b);
  const shown = (share: number): string =>
    (turns[Math.floor(share * (turns.length - 1))] ?? 0).toFixed(1);
  console.log(
    `${name.padEnd(40)} ${verdict.padEnd(9)} ${turns.length} turns, CPU ms of a turn: ` +
      `median ${shown(0.5)}, 99 % ${shown(0.99)}, longest ${shown(1)}`,
  );
}
