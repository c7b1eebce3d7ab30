/**
 * Members that are lost for good, or for long: the group gets others in their places while it
 * serves, and what was acknowledged is there. A tenth of the rounds runs here, all of them with
 * BISIM_LONG=1.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allStorage, allUp, membersAre, on } from './members.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const rounds = process.env['BISIM_LONG'] === '1' ? 20 : 2;
const limitMs = 900_000;

let region: ProcessRegion;
beforeAll(async () => {
  region = await processRegion({ groups: 1 });
});
afterAll(() => region.close());

describe('a group under load', () => {
  it('gets a new replica for one whose disk was wiped', { timeout: limitMs }, async () => {
    const workload = startWorkload({ client: region.client, name: 'wiped' });
    const names = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      await workload.nextWrite();
      const node = round % 2 === 0 ? await region.leaderOf(1) : 'n1';
      let lost = '';
      await membersAre(region, (members) => (lost = on(members, node)?.replica ?? '') !== '');
      names.add(lost);
      await region.wipe(node);
      await membersAre(region, (members) => {
        const back = on(members, node);
        const stands = back !== undefined && !names.has(back.replica);
        return stands && allUp(members) && allStorage(members);
      });
    }
    await workload.nextWrite();
    const { verdict, reason } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
    expect(names.size).toBe(rounds);
  });

  it(
    'gets a log replica for a node that is dead for long, and lives without one more',
    { timeout: limitMs },
    async () => {
      const workload = startWorkload({ client: region.client, name: 'dead' });
      await workload.nextWrite();
      const dead = await region.leaderOf(1);
      let lost: string | undefined;
      await membersAre(region, (members) => (lost = on(members, dead)?.replica) !== undefined);
      const haltedMs = performance.now();
      await region.dev.halt(dead);
      await membersAre(region, (members) => {
        const log = on(members, 'l1');
        return log?.role === 'log' && log.phase === 'follower' && log.lag === 0;
      });
      reportLogReplica(performance.now() - haltedMs);
      await workload.nextWrite();
      const second = await region.leaderOf(1);
      await region.dev.halt(second);
      await workload.nextWrite();
      const third = await region.leaderOf(1);
      expect(new Set([dead, second, third, 'l1']).size).toBe(4);
      region.dev.resume(second);
      region.dev.resume(dead);
      let back: string | undefined;
      await membersAre(region, (members) => {
        back = on(members, dead)?.replica;
        return allUp(members) && allStorage(members) && members.length === 3;
      });
      expect(back).not.toBe(lost);
      await workload.nextWrite();
      const { verdict, reason } = await workload.end();
      expect([verdict, reason]).toEqual(['ok', undefined]);
    },
  );

  it('writes on while a whole zone is down, and is whole again', { timeout: limitMs }, async () => {
    const workload = startWorkload({ client: region.client, name: 'zone' });
    for (let round = 0; round < rounds; round += 1) {
      await workload.nextWrite();
      const zone = `z${1 + (round % 3)}`;
      const nodes = region.dev.region.nodes.filter((node) => node.zone === zone);
      await Promise.all(nodes.map(({ id }) => region.dev.halt(id)));
      await workload.nextWrite();
      for (const { id } of nodes) region.dev.resume(id);
      await membersAre(region, (members) => allUp(members) && allStorage(members));
    }
    const { verdict, reason } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
  });
});

/** For whoever wants to know how long it took: detection included, with a lease of a second. */
function reportLogReplica(ms: number): void {
  const path = join(import.meta.dirname, '../../reports/healing.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ logReplicaMs: Math.round(ms) })}\n`);
}
