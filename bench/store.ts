/**
 * A region of real processes under load: three storage nodes and a client process with 64
 * connections, values of 1 KB, a reply to a write after an fsync on 2 of 3. Puts and strong reads a
 * second as many as come back, what they cost in CPU by process, how long they take at half of that
 * rate, beside the machine's own append + fdatasync, measured before and after.
 *
 * Usage: npm run bench -- store [--seconds N] [--seed N] [--groups N] [--connections N]
 *        [--value BYTES] [--keys N] [--memory] [--profile FOLDER]
 * --memory keeps nothing on a disk; --profile writes a CPU profile of every node. Exit code 1 where
 * an operation failed.
 */
import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import type * as DevRegionModule from '../src/services/devRegion.ts';
import type { DevRegion } from '../src/services/devRegion.ts';
import { cpuOf } from './store/cpuOf.ts';
import type { Asked, Load, Loaded } from './store/load.ts';
import { diskKind, machineRate } from './store/machine.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    groups: { type: 'string', default: '8' },
    connections: { type: 'string', default: '64' },
    value: { type: 'string', default: '1024' },
    keys: { type: 'string', default: '10000' },
    memory: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const repository = resolve(import.meta.dirname, '..');
const main = join(repository, 'dist/src/main.js');
const seconds = Number(values.seconds);
const groups = Number(values.groups);

class LoadProcess {
  readonly child: ChildProcess;

  constructor() {
    const path = join(import.meta.dirname, 'store/load.ts');
    this.child = fork(path, { execArgv: ['--import', 'jiti/register'], cwd: repository });
  }

  ask(asked: Asked): Promise<unknown> {
    return new Promise((done, failed) => {
      const ended = (): void => failed(new Error('the client process has ended'));
      this.child.once('exit', ended);
      this.child.once('message', (answer) => {
        this.child.off('exit', ended);
        done(answer);
      });
      this.child.send(asked);
    });
  }
}

function showMachine(folder: string): void {
  const [alone, grouped] = [1, 64].map((records) => machineRate(folder, records, 1));
  const shown = (rate: typeof alone): string =>
    `${Math.round(rate!.perSecond)} records/s (${rate!.syncMs.toFixed(2)} ms a write and fdatasync)`;
  console.log(`machine: alone ${shown(alone)}; 64 in one ${shown(grouped)}`);
}

interface Bench {
  readonly region: DevRegion;
  readonly load: LoadProcess;
}

/** One load and what it cost each process. */
async function phase({ region, load }: Bench, asked: Load): Promise<Loaded> {
  const roles = [...region.region.nodes.map(({ id }) => id), 'control'];
  const pids = roles.map((role): [string, number] => [role, region.process(role)?.pid ?? 0]);
  pids.push(['client', load.child.pid ?? 0]);
  const before = pids.map(([, pid]) => cpuOf(pid));
  const result = (await load.ask({ load: asked })) as Loaded;
  const used = pids.map(([, pid], i) => cpuOf(pid) - before[i]!);
  const all = used.reduce((sum, each) => sum + each, 0);
  const each = pids.map(([role], i) => `${role} ${((1e6 * used[i]!) / result.done).toFixed(0)}`);
  const { done, failed, p50Ms, p99Ms, maxMs } = result;
  const rate = done / result.seconds;
  const name = asked.perSecond === undefined ? '' : ` asked at ${Math.round(asked.perSecond)}/s`;
  console.log(
    `${asked.op}${name}: ${Math.round(rate)}/s, ${Math.round(done / all)} a CPU second ` +
      `(${(all / result.seconds).toFixed(2)} cores used); p50 ${p50Ms.toFixed(2)} ms, ` +
      `p99 ${p99Ms.toFixed(2)} ms, longest ${maxMs.toFixed(0)} ms; ${failed} failed; ` +
      `load ${loadavg()[0]!.toFixed(1)}\n    CPU µs each: ${each.join(', ')}`,
  );
  if (failed > 0) process.exitCode = 1;
  return result;
}

async function measure(bench: Bench): Promise<void> {
  const { load, region } = bench;
  const { nodes } = region.region;
  const [connections, valueBytes, keys] = [values.connections, values.value, values.keys].map(
    Number,
  ) as [number, number, number];
  const seed = Number(values.seed);
  await load.ask({ connect: { nodes, groups, connections, valueBytes, keys, seed } });
  await load.ask({ load: { op: 'put', seconds: Math.min(3, seconds) } });
  for (const op of ['put', 'get'] as const) {
    const { done, seconds: took } = await phase(bench, { op, seconds });
    await phase(bench, { op, seconds, perSecond: done / took / 2 });
  }
}

async function run(): Promise<void> {
  execFileSync(process.execPath, [join(repository, 'node_modules/.bin/tsc'), '-b', 'src']);
  const built = join(repository, 'dist/src/services/devRegion.js');
  const { startDevRegion } = (await import(built)) as typeof DevRegionModule;
  const folder = mkdtempSync(join(tmpdir(), 'triad-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const profile =
    values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const region = await startDevRegion({
    folder,
    groups,
    inMemory: values.memory,
    controlPort: 17_499,
    logger: pino({ level: 'silent' }),
    program: [process.execPath, ...profile, main],
  });
  const load = new LoadProcess();
  const end = async (): Promise<void> => {
    load.child.kill();
    await region.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end().then(() => process.exit(130)));
  }
  try {
    console.log(
      `${cpus().length} × ${cpus()[0]?.model}, node ${process.version}; ` +
        `${values.memory ? 'in memory' : diskKind(folder)}; ${groups} groups, ` +
        `${values.connections} connections, ${values.value} bytes, seed ${values.seed}`,
    );
    showMachine(folder);
    await measure({ region, load });
    showMachine(folder);
  } finally {
    await end();
  }
}

await run();
