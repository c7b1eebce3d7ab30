/**
 * What real processes did while the members changed is held to Membership.tla, faults included, and
 * what clients saw is linearizable. A node with a planted bug fails both.
 */
import { describe, expect, it } from 'vitest';
import { hasJava } from '../toolkit/tlcPresent.ts';
import { allStorage, allUp, membersAre, on } from './members.ts';
import { recordedRegion } from './recordedRegion.ts';
import type { RecordedRegion } from './recordedRegion.ts';

const long = process.env['BISIM_LONG'] === '1';
const limitMs = 1_800_000;
const keys = ['a', 'b', 'c'];

/**
 * Its leader is dead for long: a log replica takes its place, and a storage replica that place when
 * the node is back, with what it had or with nothing. Then the leader of that epoch is killed.
 */
async function changes(recorded: RecordedRegion, round: number): Promise<void> {
  const { region, calls } = recorded;
  const { client, dev } = region;
  await calls.burst(client, keys, 1);
  const dead = await region.leaderOf(1);
  const under = calls.burst(client, keys, 1);
  await dev.halt(dead);
  await under;
  await membersAre(region, (all) => on(all, 'l1')?.role === 'log' && allUp(all));
  await calls.burst(client, keys, 1);
  if (round % 2 === 1) recorded.forget(dead);
  dev.resume(dead);
  await membersAre(region, (all) => allUp(all) && allStorage(all));
  const load = calls.burst(client, keys, 1);
  region.kill(await region.leaderOf(1), 'SIGKILL');
  await load;
  await calls.burst(client, keys, 1);
}

describe.skipIf(!hasJava)('what a region recorded while its members changed', () => {
  it(
    'is a behaviour of the spec, and what clients saw linearizable, though nodes died',
    { timeout: limitMs },
    async () => {
      for (let run = 0; run < (long ? 10 : 1); run += 1) {
        const recorded = await recordedRegion({ changing: true });
        try {
          for (let round = 0; round < (long ? 4 : 1); round += 1) await changes(recorded, round);
          const { history, trace, actions } = await recorded.check();
          expect([history.verdict, history.reason]).toEqual(['ok', undefined]);
          expect(trace.traces.map(({ rejection }) => rejection)).toEqual([undefined]);
          expect([trace.verdict, trace.problems]).toEqual(['ok', []]);
          const needed = ['Reconfigure', 'Announce', 'Install', 'LearnCommit', 'StrongRead'];
          needed.push('StartElection', 'Persisted', 'Crash', 'Lose', 'Restart', 'Advance');
          expect(needed.filter((action) => !actions.has(action))).toEqual([]);
        } finally {
          await recorded.end();
        }
      }
    },
  );
});
