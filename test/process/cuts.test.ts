/**
 * Networks between real processes that are cut, in both directions or in one, under load: the
 * majority serves, nothing acknowledged is lost, nothing read is stale.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCuts } from './cuts.ts';
import type { Cuts } from './cuts.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const rounds = process.env['BISIM_LONG'] === '1' ? 50 : 5;
const nodes = ['n1', 'n2', 'n3'];
const limitMs = 900_000;

let folder: string;
let cuts: Cuts;
let region: ProcessRegion;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triad-cuts-'));
  cuts = await makeCuts(folder);
  const { configOf } = cuts;
  region = await processRegion({ groups: 1, configOf });
});
afterAll(async () => {
  await region.close();
  await cuts.close();
  rmSync(folder, { recursive: true, force: true });
});

const others = (node: string): string[] => nodes.filter((each) => each !== node);

/** Where a cut is made, of the leader's links. */
const kinds: Readonly<Record<string, (leader: string) => void>> = {
  'all of the leader': (leader) => {
    for (const other of others(leader)) {
      cuts.cut(leader, other);
      cuts.cut(other, leader);
    }
  },
  'what the leader sends': (leader) => {
    for (const other of others(leader)) cuts.cut(leader, other);
  },
  'what the leader receives': (leader) => {
    for (const other of others(leader)) cuts.cut(other, leader);
  },
};

describe.each(Object.entries(kinds))('a cut of %s', (name, cut) => {
  it('makes another one lead, and loses nothing', { timeout: limitMs }, async () => {
    const workload = startWorkload({ client: region.client, name });
    for (let round = 0; round < rounds; round += 1) {
      await workload.nextWrite();
      const leader = await region.leaderOf(1);
      cut(leader);
      // The next write may be of before the cut, when the leader still has its lease.
      while ((await region.leaderOf(1)) === leader) await workload.nextWrite();
      cuts.healAll();
    }
    await workload.nextWrite();
    const { verdict, reason } = await workload.end();
    expect([verdict, reason]).toEqual(['ok', undefined]);
  });
});
