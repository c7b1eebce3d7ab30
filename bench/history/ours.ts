/**
 * Checks history files with the built checker and prints one JSON line each: the verdict, the CPU
 * time of the check alone (median), the peak memory of the process. The counterpart of
 * bench/porcupine, with the same arguments.
 */
import { parseArgs } from 'node:util';
import type * as History from '../../conformance/history.ts';

const built = new URL('../../dist/conformance/history.js', import.meta.url).href;
const { checkLinearizable, kvModel, readHistoryFile } = (await import(built)) as typeof History;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    timeout: { type: 'string', default: '10000' },
    budget: { type: 'string', default: '300' },
    init: { type: 'string', default: 'null' },
    switches: { type: 'string', default: '{}' },
    explain: { type: 'string', default: '0' },
  },
});
const model = kvModel(JSON.parse(values.init));
const budget = Number(values.budget);

/** One check of one file, read anew: what an earlier check left behind must not help. */
async function once(file: string): Promise<{ result: History.HistoryResult; cpuMs: number }> {
  const columns = await readHistoryFile(file, { model });
  const before = process.cpuUsage();
  const result = checkLinearizable(columns, model, {
    limitMs: Number(values.timeout),
    explainMs: Number(values.explain),
    switches: JSON.parse(values.switches) as object,
  });
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}

/** CPU time of the process: the machine may be busy with other things. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

// Warm: the compiler has seen the code before anything is measured.
const warmUntil = cpuMs() + Math.max(1000, 4 * budget);
for (let round = 0; round < 40 && cpuMs() < warmUntil; round += 1) {
  for (const file of positionals) if (cpuMs() < warmUntil) await once(file);
}

for (const file of positionals) {
  const costs: number[] = [];
  const begin = cpuMs();
  let last: History.HistoryResult | undefined;
  while (
    costs.length < 1 ||
    (costs.length < 3 && cpuMs() - begin < 10 * budget) ||
    (cpuMs() - begin < budget && costs.length < 50)
  ) {
    const { result, cpuMs: cost } = await once(file);
    last = result;
    costs.push(cost);
    if (cpuMs() - begin > 4 * budget) break;
  }
  costs.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      ...{ file, verdict: last?.verdict, cpuMs: costs[costs.length >> 1] },
      ...{ reps: costs.length, peakMb: process.resourceUsage().maxRSS / 1024 },
      ...{ operations: last?.operations, steps: last?.steps },
    }),
  );
}
