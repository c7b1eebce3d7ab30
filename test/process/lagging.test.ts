/**
 * A member that was cut off while much was written lacks more than a message or a record may hold:
 * it comes back all the same, and so does one that led. Some megabytes are written here, as many as
 * half a minute of full load with BISIM_LONG=1.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCuts } from './cuts.ts';
import type { Cuts } from './cuts.ts';
import { Filling } from './filling.ts';
import { membersAre, on } from './members.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const missedBytes = (process.env['BISIM_LONG'] === '1' ? 240 : 24) << 20;
const limitMs = 600_000;
const nodes = ['n1', 'n2', 'n3'];
/** Slots that are on their way, while a workload goes on. */
const lagMax = 50;
/** Of each of the puts that it missed, and less than those are. */
const missedMin = 300;

const folder = mkdtempSync(join(tmpdir(), 'triad-lagging-'));
let cuts: Cuts;
let region: ProcessRegion;
beforeAll(async () => {
  cuts = await makeCuts(folder);
  region = await processRegion({ groups: 1, configOf: (role, each) => cuts.configOf(role, each) });
});
afterAll(async () => {
  await region.close();
  await cuts.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a member that lacks much', () => {
  it.each(['follows', 'leads'])(
    'comes back where it %s when it is cut off',
    { timeout: limitMs },
    async (what) => {
      const workload = startWorkload({ client: region.client, name: what, clients: 2 });
      const filling = new Filling(region.client);
      const leader = await region.leaderOf(1);
      const cut = what === 'leads' ? leader : nodes.find((node) => node !== leader)!;
      for (const other of ['n1', 'n2', 'n3', 'l1'].filter((node) => node !== cut)) {
        cuts.cut(cut, other);
        cuts.cut(other, cut);
      }
      await filling.write(missedBytes);
      // What is shown may be of a moment before the last was written.
      await membersAre(region, (members) => (on(members, cut)?.lag ?? 0) > missedMin);
      cuts.healAll();
      await membersAre(region, (members) => {
        const back = on(members, cut);
        return back !== undefined && back.phase !== 'down' && back.lag < lagMax;
      });
      await filling.check();
      const { verdict, reason } = await workload.end();
      expect([verdict, reason]).toEqual(['ok', undefined]);
    },
  );
});
