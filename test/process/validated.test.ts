/**
 * What real processes did is held to the spec: faults included, it is a behaviour of
 * Replication.tla, and what clients saw is linearizable. A node with a planted bug fails both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/services/client.ts';
import { hasJava } from '../toolkit/tlcPresent.ts';
import { makeCuts } from './cuts.ts';
import type { Cuts } from './cuts.ts';
import { logsAreCut } from './logsAreCut.ts';
import { planted } from './planted.ts';
import type { Plant } from './planted.ts';
import { recordedRegion } from './recordedRegion.ts';
import type { Checked, RecordedRegion } from './recordedRegion.ts';

const long = process.env['BISIM_LONG'] === '1';
const limitMs = 1_800_000;
const keys = ['a', 'b', 'c'];

/** Logs are cut; a leader is killed under load, and the next one stopped beyond its lease. */
async function faults(recorded: RecordedRegion, rounds: number): Promise<void> {
  const { region, calls } = recorded;
  const { client } = region;
  for (let round = 0; round < rounds; round += 1) {
    await calls.burst(client, keys, 1);
    await logsAreCut(recorded);
    const load = calls.burst(client, keys, 1);
    region.kill(await region.leaderOf(1), 'SIGKILL');
    await load;
    const leader = await region.leaderOf(1);
    region.kill(leader, 'SIGSTOP');
    await calls.put(client, 'a');
    region.kill(leader, 'SIGCONT');
    await calls.burst(client, keys, 1);
  }
}

/** A leader may change before it is cut off. */
const askedMax = 5;

/**
 * A leader that is cut off takes a write; another one writes; the first one is asked. False: it
 * neither acknowledged the write nor answered, and so showed nothing.
 */
async function askedOnce({ region, calls }: RecordedRegion, cuts: Cuts): Promise<boolean> {
  await calls.put(region.client, 'k');
  const leader = await region.leaderOf(1);
  const { groups, nodes: all } = region.dev.region;
  const members = groups[0]!.members.map(({ node }) => node);
  const nodes = all.filter(({ id }) => members.includes(id));
  const others = nodes.filter(({ id }) => id !== leader);
  const behind = nodes.filter(({ id }) => id === leader);
  const asking = connect(behind, 1, { timeoutMs: 3_000 });
  const asked = connect(others, 1, { timeoutMs: 20_000 });
  await calls.get(asking, 'k');
  for (const { id } of others) {
    cuts.cut(id, leader);
    cuts.cut(leader, id);
  }
  const lonely = await calls.put(asking, 'lonely');
  const written = await calls.put(asked, 'k');
  const read = await calls.get(asked, 'lonely');
  const old = await calls.get(asking, 'k');
  asking.close();
  asked.close();
  const answered = (...seen: readonly unknown[]): boolean => !seen.includes(undefined);
  return answered(lonely, read) || answered(written, old);
}

async function askedBehindACut(plant: Plant): Promise<Checked> {
  const bug = planted(plant);
  const folder = mkdtempSync(join(tmpdir(), 'triad-validated-'));
  const cuts = await makeCuts(folder);
  const { configOf } = cuts;
  const { program } = bug;
  const recorded = await recordedRegion({ configOf, program });
  try {
    for (let asked = 0; asked < askedMax; asked += 1) {
      if (await askedOnce(recorded, cuts)) break;
      cuts.healAll();
    }
    return await recorded.check();
  } finally {
    await recorded.end();
    await cuts.close();
    bug.remove();
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!hasJava)('what a region of processes recorded', () => {
  it(
    'is a behaviour of the spec, and what clients saw linearizable, though leaders were killed and stopped',
    { timeout: limitMs },
    async () => {
      for (let run = 0; run < (long ? 10 : 1); run += 1) {
        const recorded = await recordedRegion({});
        try {
          await faults(recorded, long ? 3 : 1);
          const { history, trace, actions } = await recorded.check();
          expect([history.verdict, history.reason]).toEqual(['ok', undefined]);
          expect(trace.traces.map(({ rejection }) => rejection)).toEqual([undefined]);
          expect([trace.verdict, trace.problems]).toEqual(['ok', []]);
          const needed = ['Crash', 'Restart', 'StartElection', 'Join', 'Accept', 'Commit', 'Reply'];
          needed.push('StrongRead', 'EventualRead', 'Renew', 'Grant', 'ReceiveGrant', 'Advance');
          expect(needed.filter((action) => !actions.has(action))).toEqual([]);
        } finally {
          await recorded.end();
        }
      }
    },
  );

  it('shows a leader that takes its own log for a quorum', { timeout: limitMs }, async () => {
    const { history, trace } = await askedBehindACut({
      file: 'protocol/replication/operators.js',
      find: 'isQuorum(holders(state, n), members.length)',
      replace: 'holders(state, n) > 0',
    });
    expect(history.verdict).toBe('violation');
    // Which write is lost, and what is read instead, depends on who led when the cut was made.
    const answered = history.operationsInvolved!.filter(({ status }) => status === 'ok');
    expect(new Set(answered.map(({ op }) => op))).toEqual(new Set(['put', 'get']));
    expect(trace.traces[0]?.rejection?.event?.actions).toEqual(['Commit']);
  });

  it('shows a leader that reads without its lease', { timeout: limitMs }, async () => {
    const { history, trace } = await askedBehindACut({
      file: 'protocol/replication/operators.js',
      find: 'return isQuorum(holding, state.group.members.length);',
      replace: 'return true;',
    });
    expect(history.verdict).toBe('violation');
    const rejection = trace.traces[0]?.rejection;
    expect(rejection?.event?.actions).toEqual(['StrongRead']);
    expect(rejection?.falseGuard?.text).toContain('Serving');
  });
});
