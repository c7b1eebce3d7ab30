/** How the processes of a region end when they are asked to. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchPage } from '../../src/services/control.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const long = process.env['BISIM_LONG'] === '1';
const rounds = long ? 50 : 3;

let region: ProcessRegion;
beforeAll(async () => {
  region = await processRegion({ groups: 1 });
});
afterAll(() => region.close());

it(
  'hands the leadership over at SIGTERM: every call is answered, and the next leader need not wait for a lease',
  { timeout: long ? 900_000 : 180_000 },
  async () => {
    const workload = startWorkload({ client: region.client, name: 'ended', clients: 4, restMs: 5 });
    for (let round = 0; round < rounds; round += 1) {
      await workload.nextWrite();
      const leader = await region.leaderOf(1);
      const ended = once(region.dev.process(leader)!, 'exit');
      region.kill(leader, 'SIGTERM');
      expect(await ended).toEqual([0, null]);
      await workload.nextWrite();
      expect(await region.leaderOf(1)).not.toBe(leader);
    }
    const { verdict, reason } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
    // A call is tried for 20 s; none was given up, and of none it is unknown what it did.
    expect(workload.history.filter(({ status }) => status !== 'ok' && status !== 'fail')).toEqual(
      [],
    );
  },
);

it('ends every process of a region by itself when the region is closed, and kills none', async () => {
  const roles = [...region.dev.region.nodes.map(({ id }) => id), 'control'];
  // A process that is not up yet knows of no way to end but to be killed.
  for (const { http } of region.dev.region.nodes) {
    while ((await fetchPage(http, '/health').catch(() => undefined)) === undefined);
  }
  const ends = roles.map((role) => once(region.dev.process(role)!, 'exit'));

  await region.close();

  const seen = (await Promise.all(ends)) as [number | null, string | null][];
  expect(seen).toEqual(roles.map(() => [0, null]));
});
