/**
 * What real processes did while the members changed is held to Membership.tla, faults included, and
 * what clients saw is linearizable. A node with a planted bug fails both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/services/client.ts';
import { NodeLink } from '../../src/services/nodeLink.ts';
import type { NodeEntry } from '../../src/services/nodeConfig.ts';
import type { Change } from '../../src/services/requestCodec.ts';
import { realClock } from '../../src/world/clock.ts';
import { realWire } from '../../src/world/wire.ts';
import { hasJava } from '../toolkit/tlcPresent.ts';
import { makeCuts } from './cuts.ts';
import { logsAreCut } from './logsAreCut.ts';
import { allStorage, allUp, membersAre, on } from './members.ts';
import { planted } from './planted.ts';
import type { Plant } from './planted.ts';
import { recordedRegion } from './recordedRegion.ts';
import type { Checked, RecordedRegion } from './recordedRegion.ts';

const long = process.env['BISIM_LONG'] === '1';
const limitMs = 1_800_000;
const keys = ['a', 'b', 'c'];

/**
 * Logs are cut. Its leader is dead for long: a log replica takes its place, and a storage replica that place when
 * the node is back, with what it had or with nothing. Then the leader of that epoch is killed.
 */
async function changes(recorded: RecordedRegion, round: number): Promise<void> {
  const { region, calls } = recorded;
  const { client, dev } = region;
  await calls.burst(client, keys, 1);
  await logsAreCut(recorded);
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
  // One that is asked to end hands over.
  region.kill(await region.leaderOf(1), 'SIGTERM');
  await calls.burst(client, keys, 1);
}

/** Asks a node for a change, as the control plane does. */
async function askedOf({ id, address }: NodeEntry, region: string, op: Change): Promise<string> {
  const wire = { wire: realWire, clock: realClock, role: 'control' } as const;
  const link = new NodeLink({ id, address, region, ...wire });
  const answer = await link.ask({ group: 1, key: '', op }, 20_000);
  link.close();
  if (typeof answer === 'string') throw new Error(`${id} did not answer: ${answer}`);
  return answer.value ?? '';
}

/** The node that leads, by its answer to a strong read: one that was seen to may do so no more. */
async function leading({ region, calls }: RecordedRegion) {
  for (;;) {
    const leads = await region.leaderOf(1);
    const node = region.dev.region.nodes.filter(({ id }) => id === leads);
    const asking = connect(node, 1, { timeoutMs: 3_000 });
    if ((await calls.get(asking, 'k')) !== undefined) return { leads, asking };
    asking.close();
  }
}

/** A leader that is cut off is told of other members; those that it has left elect another. */
async function changedBehindACut(plant: Plant): Promise<Checked> {
  const bug = planted(plant);
  const folder = mkdtempSync(join(tmpdir(), 'triad-validated-'));
  const cuts = await makeCuts(folder);
  const { configOf } = cuts;
  const { program } = bug;
  const recorded = await recordedRegion({ configOf, program, changing: true });
  const { region, calls } = recorded;
  try {
    region.kill('control', 'SIGSTOP');
    await calls.put(region.client, 'k');
    const { leads, asking } = await leading(recorded);
    const { groups, nodes, region: name } = region.dev.region;
    const members = groups[0]!.members;
    const own = members.filter(({ node }) => node === leads);
    const left = members.filter(({ node }) => node !== leads);
    const nodeOf = (id: string): NodeEntry => nodes.find((node) => node.id === id)!;
    const asked = connect(
      left.map(({ node }) => nodeOf(node)),
      1,
      { timeoutMs: 20_000 },
    );
    const built = await askedOf(nodeOf('l1'), name, { kind: 'build', source: leads });
    for (const { node } of left) {
      cuts.cut(node, leads);
      cuts.cut(leads, node);
    }
    const storage = [...own, left[0]!].map(({ replica }) => replica);
    const change = { epoch: 1, members: [...storage, built], storage };
    await askedOf(nodeOf(leads), name, { kind: 'reconfigure', ...change });
    await calls.put(asking, 'k');
    await calls.put(asked, 'k');
    await calls.get(asking, 'k');
    asking.close();
    asked.close();
    return await recorded.check();
  } finally {
    await recorded.end();
    await cuts.close();
    bug.remove();
    rmSync(folder, { recursive: true });
  }
}

/** One member is stopped, and so keeps nothing of what the others write and drop. */
async function droppedWithoutOne(plant: Plant): Promise<Checked> {
  const bug = planted(plant);
  const { program } = bug;
  const recorded = await recordedRegion({ program, changing: true });
  const { region, calls } = recorded;
  try {
    region.kill('control', 'SIGSTOP');
    await calls.put(region.client, 'k');
    const leads = await region.leaderOf(1);
    const stopped = region.dev.region.groups[0]!.members.find(({ node }) => node !== leads)!.node;
    region.kill(stopped, 'SIGSTOP');
    await logsAreCut(recorded, 2);
    region.kill(stopped, 'SIGCONT');
    return await recorded.check();
  } finally {
    await recorded.end();
    bug.remove();
  }
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
          needed.push('Relinquish', 'ReceiveRelinquish', 'Told', 'Truncate', 'Copy');
          expect(needed.filter((action) => !actions.has(action))).toEqual([]);
        } finally {
          await recorded.end();
        }
      }
    },
  );

  it(
    'shows a leader that enters the next epoch before the change is chosen',
    { timeout: limitMs },
    async () => {
      const { history, trace } = await changedBehindACut({
        file: 'protocol/membership/change.js',
        find: 'return within(state, write(state, { log: state.log.append(command) }, [], [sent]));',
        replace: `const next = { epoch: epoch + 1, members, storage, opened: slot };
          const step = enter(state, next, state.log.append(command));
          const first = state.commit + 1;
          const apply = { kind: 'apply', first, commands: step.state.log.slice(first) };
          return sent && { ...step, outputs: [apply, ...step.outputs] };`,
      });
      expect(history.verdict).toBe('violation');
      expect(trace.verdict).toBe('violation');
      expect(trace.traces[0]?.rejection?.event?.actions).toEqual(['Reconfigure']);
    },
  );

  it('shows a leader that has logs cut to what a quorum kept', { timeout: limitMs }, async () => {
    const { trace } = await droppedWithoutOne({
      file: 'services/floor.js',
      find: 'for (const member of others(state)) {',
      replace: `const toldBy = (member) => this.#told.get(member) ?? 0;
        const most = others(state).sort((a, b) => toldBy(b) - toldBy(a)).slice(0, 1);
        for (const member of most) {`,
    });
    expect(trace.verdict).toBe('violation');
    expect(trace.traces[0]?.rejection?.event?.actions).toEqual(['Truncate']);
  });
});
