/**
 * A region that has nothing to do, and how long it takes to begin: from the first process to the
 * first write that is answered, on a fresh folder and on the same one again; then the CPU and the
 * memory of all its processes over a span of time. With --crash all processes are killed before the
 * second start, so that the lease of the last leader has to be waited out.
 *
 * Usage: npm run bench -- idle [--groups N] [--seconds N] [--crash]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import type * as ClientModule from '../src/services/client.ts';
import type * as DevRegionModule from '../src/services/devRegion.ts';
import type { DevRegion } from '../src/services/devRegion.ts';
import { cpuOf, memoryOf } from './store/cpuOf.ts';

const { values } = parseArgs({
  options: {
    groups: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    crash: { type: 'boolean', default: false },
  },
});
const repository = resolve(import.meta.dirname, '..');
const groups = Number(values.groups);
const seconds = Number(values.seconds);

execFileSync(process.execPath, [join(repository, 'node_modules/.bin/tsc'), '-b', 'src']);
const built = (name: string): Promise<unknown> =>
  import(join(repository, 'dist/src/services', `${name}.js`));
const { startDevRegion } = (await built('devRegion')) as typeof DevRegionModule;
const { connect } = (await built('client')) as typeof ClientModule;

const folder = mkdtempSync(join(tmpdir(), 'triad-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const rolesOf = ({ region }: DevRegion): string[] => [
  ...region.nodes.map(({ id }) => id),
  'control',
];
const pidsOf = (region: DevRegion): [string, number][] =>
  rolesOf(region).map((role) => [role, region.process(role)?.pid ?? 0]);
let running: DevRegion | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void running?.close().then(() => process.exit(130)));
}

async function start(name: string): Promise<DevRegion> {
  const beganMs = performance.now();
  const region = await startDevRegion({
    folder,
    groups,
    inMemory: false,
    controlPort: 17_498,
    logger: pino({ level: 'silent' }),
    program: [process.execPath, join(repository, 'dist/src/main.js')],
  });
  running = region;
  const upMs = performance.now() - beganMs;
  const client = connect(region.region.nodes, groups, { timeoutMs: 60_000 });
  await client.put('a', '1');
  const firstMs = performance.now() - beganMs;
  for (let key = 0; key < groups; key += 100) {
    await Promise.all(
      Array.from({ length: Math.min(100, groups) }, (_, i) => client.get(`k${key + i}`)),
    );
  }
  const allMs = performance.now() - beganMs;
  client.close();
  const cpu = pidsOf(region).reduce((sum, [, pid]) => sum + cpuOf(pid), 0);
  console.log(
    `${name}: up after ${upMs.toFixed(0)} ms, first write answered after ${firstMs.toFixed(0)} ms, ` +
      `${groups} reads over all groups after ${allMs.toFixed(0)} ms; lease ` +
      `${region.region.leaseMs} ms; ${cpu.toFixed(1)} CPU s until then; load ${loadavg()[0]!.toFixed(1)}`,
  );
  return region;
}

async function end(region: DevRegion): Promise<void> {
  if (values.crash) for (const [, pid] of pidsOf(region)) process.kill(pid, 'SIGKILL');
  await region.close();
  running = undefined;
}

async function idle(region: DevRegion): Promise<void> {
  // What starting left to do is done by then.
  await new Promise((done) => setTimeout(done, 3_000));
  const pids = pidsOf(region);
  const before = pids.map(([, pid]) => cpuOf(pid));
  const beganMs = performance.now();
  await new Promise((done) => setTimeout(done, 1_000 * seconds));
  const tookMs = performance.now() - beganMs;
  let [share, rss, pss] = [0, 0, 0];
  const each = pids.map(([role, pid], i) => {
    const used = (100_000 * (cpuOf(pid) - before[i]!)) / tookMs;
    const { rssMb, pssMb } = memoryOf(pid);
    share += used;
    rss += rssMb;
    pss += pssMb;
    return `${role} ${used.toFixed(1)} % ${rssMb.toFixed(0)} MB`;
  });
  console.log(
    `idle for ${(tookMs / 1_000).toFixed(0)} s, ${groups} groups: ${share.toFixed(1)} % of a core, ` +
      `${rss.toFixed(0)} MB resident (${pss.toFixed(0)} MB with what is shared counted once): ` +
      each.join(', '),
  );
}

await end(await start('fresh folder'));
const again = await start(values.crash ? 'old folder, after kill -9 of all' : 'old folder');
await idle(again);
await end(again);
