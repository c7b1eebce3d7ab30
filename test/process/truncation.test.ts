/**
 * Logs that are truncated under load, while leaders are killed and disks are wiped: nothing that was
 * acknowledged is lost, new members come by what no log holds any more, and logs stay small. Some
 * megabytes are written here, many more with BISIM_LONG=1.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchPage } from '../../src/services/control.ts';
import type { GroupStatus, NodeStatus } from '../../src/services/nodeStatus.ts';
import { Filling, valueBytes } from './filling.ts';
import { allStorage, allUp, membersAre, on } from './members.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const rounds = process.env['BISIM_LONG'] === '1' ? 20 : 1;
const limitMs = 900_000;
/** More than the segments that a log may keep. */
const filledMax = 40 << 20;
const nodes = ['n1', 'n2', 'n3'];
/** The one that is written to, one that is full, and as many again while they are carried on. */
const logBytesMax = 4 * (16 << 20);
const settledMs = 60_000;
const look = { throwIfNoEntry: false } as const;

let region: ProcessRegion;
beforeAll(async () => {
  region = await processRegion({ groups: 1 });
});
afterAll(() => region.close());

function logBytesOf(node: string): number {
  const folder = join(region.folder, node);
  return (
    readdirSync(folder)
      .filter((name) => name.endsWith('.wal'))
      // One that was listed may be dropped before it is looked at.
      .reduce((sum, name) => sum + (statSync(join(folder, name), look)?.size ?? 0), 0)
  );
}

async function replicasHere(): Promise<GroupStatus[]> {
  const pages = await Promise.all(
    region.dev.region.nodes.map(({ http }) => fetchPage(http, '/status').catch(() => undefined)),
  );
  return (pages as (NodeStatus | undefined)[]).flatMap((page) => page?.groups ?? []);
}

/** Waits until all logs were truncated and have become small, on disks and in memory. */
async function logsAreSmall(): Promise<void> {
  const endAt = performance.now() + settledMs;
  for (;;) {
    const replicas = await replicasHere();
    const held = replicas.map(({ log, base }) => log - base);
    const onDisk = nodes.map(logBytesOf);
    const small = held.every((slots) => slots * valueBytes < logBytesMax);
    const truncated = held.length >= nodes.length && replicas.every(({ base }) => base > 0);
    if (small && truncated && onDisk.every((bytes) => bytes <= logBytesMax)) return;
    const from = replicas.map(({ base }) => base).join(', ');
    const found = `slots in memory ${held.join(', ')}, after ${from}; bytes on disk ${onDisk.join(', ')}`;
    if (performance.now() > endAt) throw new Error(`logs stay large: ${found}`);
  }
}

describe('a region whose logs are truncated', () => {
  it('keeps all that was acknowledged', { timeout: limitMs }, async () => {
    const workload = startWorkload({ client: region.client, name: 'cut', clients: 2 });
    const filling = new Filling(region.client);
    for (let round = 0; round < rounds; round += 1) {
      await filling.write(filledMax);
      await logsAreSmall();
      const [leader, again] = [await region.leaderOf(1), nodes[round % 3]!];
      region.kill(leader, 'SIGKILL');
      await filling.write(filledMax / 4);
      let wiped: string | undefined;
      await membersAre(region, (members) => {
        wiped = on(members, again)?.replica;
        return wiped !== undefined && allUp(members) && allStorage(members);
      });
      await region.wipe(again);
      await filling.write(filledMax / 4);
      await membersAre(region, (members) => {
        const back = on(members, again)?.replica;
        return back !== undefined && back !== wiped && allUp(members) && allStorage(members);
      });
      for (const node of nodes) region.kill(node, 'SIGKILL');
      await workload.nextWrite();
    }
    await logsAreSmall();
    await filling.check();
    const { verdict, reason } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
  });
});
