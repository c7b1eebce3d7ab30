/**
 * What checking transactions costs: histories of any size from a seed, each transaction of 1 to 4
 * reads and writes on a store that runs them one at a time, held to every level; CPU time of the
 * check alone. Every level holds: any other verdict is an exit with 1.
 * Usage: npm run bench -- transactions [--transactions N] [--keys N] [--clients N] [--seed N]
 */
import { parseArgs } from 'node:util';
import { isolationLevels } from '../conformance/history/consistency.ts';
import type * as History from '../conformance/history.ts';

const built = new URL('../dist/conformance/history.js', import.meta.url).href;
const { checkTransactions } = (await import(built)) as typeof History;
const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '100000' },
    keys: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '20' },
    seed: { type: 'string', default: '7' },
  },
});
const history = serialHistory();

for (const level of isolationLevels) {
  const before = process.cpuUsage();
  const { verdict } = checkTransactions(history, level, { limitMs: 600_000 });
  const { user, system } = process.cpuUsage(before);
  if (verdict !== 'ok') process.exitCode = 1;
  const seconds = ((user + system) / 1e6).toFixed(2);
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`${level.padEnd(40)} ${verdict} ${seconds} CPU s, ${peak} MB`);
}

/** Transactions take effect one at a time, each at a moment between its call and its return. */
function serialHistory(): History.Operation[] {
  let state = Number(values.seed);
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const store = new Map<string, number>();
  let written = 0;
  return Array.from({ length: Number(values.transactions) }, (_, at): History.Operation => {
    const result: unknown[] = [];
    const value = Array.from({ length: 1 + random(4) }, () => {
      const key = `k${random(Number(values.keys))}`;
      if (random(2) === 0) {
        result.push(store.get(key) ?? null);
        return ['r', key, null];
      }
      written += 1;
      store.set(key, written);
      return ['w', key, written];
    });
    const invoke = 10 * at - random(10 * Number(values.clients));
    const end = 10 * at + 1 + random(10 * Number(values.clients));
    const common = { process: at, op: 'txn', key: null };
    return { ...common, value, result, invoke, return: end, status: 'ok' };
  });
}
