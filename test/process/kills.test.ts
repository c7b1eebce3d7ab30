/**
 * Real processes killed under load: what was acknowledged is there, and nothing read is stale. A
 * tenth of the rounds runs here, all of them with BISIM_LONG=1.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const long = process.env['BISIM_LONG'] === '1';
const rounds = (all: number): number => (long ? all : all / 10);
const nodes = ['n1', 'n2', 'n3'];
const limitMs = 900_000;

let region: ProcessRegion;
beforeAll(async () => {
  region = await processRegion({ groups: 1 });
});
afterAll(() => region.close());

describe('a region under load', () => {
  it('loses nothing when its leader is killed, again and again', { timeout: limitMs }, async () => {
    const workload = startWorkload({ client: region.client, name: 'leader' });
    let killed = 0;
    for (let round = 0; round < rounds(100); round += 1) {
      await workload.nextWrite();
      region.kill(await region.leaderOf(1), 'SIGKILL');
      killed += 1;
    }
    await workload.nextWrite();
    const { verdict, reason, operations } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
    expect([killed, operations > 10 * killed]).toEqual([rounds(100), true]);
  });

  it('loses nothing when all its processes are killed at once', { timeout: limitMs }, async () => {
    const workload = startWorkload({ client: region.client, name: 'all' });
    for (let round = 0; round < rounds(50); round += 1) {
      await workload.nextWrite();
      for (const node of nodes) region.kill(node, 'SIGKILL');
    }
    await workload.nextWrite();
    const { verdict, reason } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
  });

  it(
    'reads nothing stale from a leader that slept beyond its lease',
    { timeout: limitMs },
    async () => {
      const workload = startWorkload({ client: region.client, name: 'slept' });
      for (let round = 0; round < rounds(50); round += 1) {
        await workload.nextWrite();
        const leader = await region.leaderOf(1);
        region.kill(leader, 'SIGSTOP');
        await workload.nextWrite();
        region.kill(leader, 'SIGCONT');
      }
      const { verdict, reason } = await workload.end();
      expect([verdict, reason]).toEqual(['ok', undefined]);
    },
  );
});
