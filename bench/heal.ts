/**
 * How long a group of a region of real processes is without a third copy: a node is killed and its
 * disk wiped under a group that holds so many MB; how long until a log replica stands in its place,
 * detection included, and how long from the node's return until it has a storage replica again.
 *
 * Usage: npm run bench -- heal [--mb N] [--value BYTES] [--lease MS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { connect } from '../src/services/client.ts';
import type { Client } from '../src/services/client.ts';
import { fetchPage } from '../src/services/control.ts';
import { failedAfterMs } from '../src/services/healer.ts';
import { startDevRegion } from '../src/services/devRegion.ts';
import type { DevRegion } from '../src/services/devRegion.ts';
import type { RegionStatus } from '../src/services/regionStatus.ts';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '256' },
    value: { type: 'string', default: '8192' },
    lease: { type: 'string', default: '2000' },
  },
});
const megabytes = Number(values.mb);
const valueBytes = Number(values.value);
const writers = 64;
const pollMs = 50;
const withinMs = 600_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

async function fill(client: Client): Promise<number> {
  const count = Math.ceil((megabytes << 20) / valueBytes);
  const value = 'v'.repeat(valueBytes);
  const beganMs = performance.now();
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) await client.put(`key-${(next += 1)}`, value);
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return performance.now() - beganMs;
}

type Group = RegionStatus['groups'][number];

async function until(dev: DevRegion, holds: (group: Group) => boolean): Promise<number> {
  const beganMs = performance.now();
  while (performance.now() - beganMs < withinMs) {
    const page = await fetchPage(dev.region.control, '/status').catch(() => undefined);
    const group = (page as RegionStatus | undefined)?.groups[0];
    if (group !== undefined && holds(group)) return performance.now() - beganMs;
    await new Promise((done) => setTimeout(done, pollMs));
  }
  throw new Error(`not within ${withinMs} ms`);
}

const has = ({ members }: Group, node: string, role: string): boolean =>
  members.some((each) => each.node === node && each.role === role && each.phase !== 'down');

async function measure(dev: DevRegion, client: Client, folder: string): Promise<void> {
  say(`filled with ${megabytes} MB of ${valueBytes} B values in ${seconds(await fill(client))}`);
  const node = 'n2';
  await dev.halt(node);
  const logMs = await until(dev, (group) => has(group, 'l1', 'log'));
  say(`a log replica: ${seconds(logMs)} after the kill, detection included`);
  rmSync(join(folder, node), { recursive: true });
  const returnedMs = performance.now();
  dev.resume(node);
  await until(dev, (group) => has(group, node, 'storage'));
  const copyMs = performance.now() - returnedMs;
  say(`a storage replica: ${seconds(copyMs)} after the node's return`);
  const detectionMs = failedAfterMs(Number(values.lease));
  const builtMs = logMs - detectionMs;
  say(`a full copy takes ${(copyMs / logMs).toFixed(1)} times as long as a log replica`);
  say(`without the ${seconds(detectionMs)} of detection: ${(copyMs / builtMs).toFixed(1)} times`);
  say(`load average ${loadavg()[0]?.toFixed(1) ?? ''} on ${cpus().length} cores`);
}

const folder = mkdtempSync(join(tmpdir(), 'triad-heal-'));
const main = join(resolve(import.meta.dirname, '..'), 'dist/src/main.js');
const dev = await startDevRegion({
  folder,
  groups: 1,
  inMemory: false,
  leaseMs: Number(values.lease),
  controlPort: 7_490,
  logger: pino({ level: 'silent' }),
  program: [process.execPath, main],
  environment: { TRIAD_LOG: process.env['TRIAD_LOG'] ?? 'silent' },
});
const client = connect(dev.region.nodes, 1, { timeoutMs: 60_000 });
try {
  await measure(dev, client, folder);
} finally {
  client.close();
  await dev.close();
  rmSync(folder, { recursive: true, force: true });
}
