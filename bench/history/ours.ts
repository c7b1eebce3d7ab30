/**
 * Checks history files with the built checker and prints one JSON line each: the verdict, the CPU
 * time of the check alone (median), the peak memory of the process while it read and checked that
 * file. The counterpart of bench/porcupine, with the same arguments.
 */
import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** One check of one file, read anew: what an earlier check left behind must not help. */
async function once(file: string): Promise<{ result: History.HistoryResult; cpuMs: number }> {
  const columns = await readHistoryFile(file, { model });
  // What reading left behind is not the check's to clear away; Porcupine's side does the same.
  // A full collection would also drop compiled code.
  collect({ type: 'minor' });
  const before = cpuMs();
  const result = check(columns);
  return { result, cpuMs: cpuMs() - before };
}

function check(columns: History.Columns): History.HistoryResult {
  return checkLinearizable(columns, model, {
    limitMs: Number(values.timeout),
    explainMs: Number(values.explain),
    switches: JSON.parse(values.switches) as object,
  });
}

/** CPU time of the process: the machine may be busy with other things. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The peak is of one file, not of those before it; where there is no /proc it is of all so far. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Another system than Linux.
  }
}

/** The compiler has seen the code before anything is measured: some hundred checks. */
async function warmUp(): Promise<void> {
  const until = cpuMs() + Math.max(2000, 4 * budget);
  const histories: History.Columns[] = [];
  for (const file of positionals) {
    if (cpuMs() < until) histories.push(await readHistoryFile(file, { model }));
  }
  for (let round = 0; round < 300 && cpuMs() < until; round += 1) {
    for (const columns of histories) if (cpuMs() < until) check(columns);
    // Compilation goes on beside: let it arrive.
    await setImmediate();
  }
  // The reader's code too, or its compilation is counted as the check's.
  for (const file of positionals) if (cpuMs() < until + 500) await once(file);
}

await warmUp();
for (const file of positionals) {
  forgetPeak();
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
    if (result.verdict === 'unknown') break;
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
