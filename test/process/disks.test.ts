/**
 * Disks that fill up, fail, are slow or hold what nobody wrote, each under one node of a region of
 * real processes that is used meanwhile: nothing acknowledged is lost, nothing read is wrong, and
 * the region is whole again. More fsyncs fail with BISIM_LONG=1.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchPage } from '../../src/services/control.ts';
import { diskFailedCode } from '../../src/services/diskFailed.ts';
import type { NodeStatus } from '../../src/services/nodeStatus.ts';
import { canMount, canTrace, damageLog, fill, mountSmall, onFsync } from './badDisk.ts';
import { allStorage, allUp, membersAre, on } from './members.ts';
import type { Members } from './members.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';
import type { Workload } from './workload.ts';

const long = process.env['BISIM_LONG'] === '1';
const limitMs = long ? 7_200_000 : 180_000;
const groups = [1, 2];
const whole = (members: Members): boolean => allUp(members) && allStorage(members);
const main = join(import.meta.dirname, '../../dist/src/main.js');

let region: ProcessRegion;
let unmount: (() => void) | undefined;
beforeAll(async () => {
  let config = '';
  region = await processRegion({
    groups: groups.length,
    prepare(folder) {
      config = join(folder, 'unarchived.json');
      unmount = mountSmall(join(folder, 'n1'), long ? 128 : 24);
    },
    // An fsync of an archive that fails ends nobody: it is tried again. So there is none here.
    configOf(_, { archive: _archive, ...rest }) {
      writeFileSync(config, JSON.stringify(rest));
      return config;
    },
    // The nth fsync of a node is then the nth of its one thread that does any.
    environment: { UV_THREADPOOL_SIZE: '1' },
  });
});
afterAll(async () => {
  // What is mounted cannot be removed with the folder.
  const all = region.dev.region.nodes.map(({ id }) => region.dev.halt(id));
  await Promise.all(all);
  unmount?.();
  await region.close();
});

const use = (name: string): Workload =>
  startWorkload({ client: region.client, name, clients: 4, restMs: 60 });

async function isLinearizable(workload: Workload): Promise<void> {
  await workload.nextWrite();
  const { verdict, reason } = await workload.end();
  expect([verdict, reason]).toEqual(['ok', undefined]);
}

const statusOf = async (node: string): Promise<NodeStatus> =>
  (await fetchPage(region.dev.region.nodes.find(({ id }) => id === node)!.http, '/status').catch(
    () => ({ groups: [] }),
  )) as NodeStatus;

/** What a node holds, as it tells itself: what it does not answer is no answer. */
async function heldBy(node: string): Promise<NodeStatus['groups']> {
  for (;;) {
    const { groups: held } = await statusOf(node);
    if (held.length > 0) return held;
    await region.client.get('a');
  }
}

const allAre = async (right: (members: Members) => boolean): Promise<unknown> =>
  Promise.all(groups.map((group) => membersAre(region, right, group)));

/** Which replica of each group a node holds. */
async function replicasOn(node: string): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for (const group of groups) {
    await membersAre(region, (all) => on(all, node) !== undefined, group);
    const { groups: held } = await statusOf(node);
    names.push(held.find((each) => each.group === group)?.replica);
  }
  return names;
}

describe.skipIf(!canMount)('a node whose disk is full (skipped where none can be mounted)', () => {
  it('is read-only and leads no more, and is replaced', { timeout: limitMs }, async () => {
    const workload = use('full');
    await workload.nextWrite();
    const before = await replicasOn('n1');
    const free = fill(join(region.folder, 'n1'));
    await allAre((members) => on(members, 'n1') === undefined && on(members, 'l1') !== undefined);
    await workload.nextWrite();

    const shown = execFileSync(process.execPath, [main, 'status', '--data', region.folder]);
    expect(shown.toString()).toMatch(/^ {2}n1 +z1 +readOnly/m);
    const { mode, groups: held } = await statusOf('n1');
    expect([mode, held.filter(({ phase }) => phase !== 'follower')]).toEqual(['readOnly', []]);
    await tellsOfFullDisk(shown.toString());

    // With room on its disk, and started anew, it is a node like any other.
    free();
    region.kill('n1', 'SIGTERM');
    await allAre((members) => on(members, 'n1') !== undefined && whole(members));
    const after = await replicasOn('n1');
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    await isLinearizable(workload);
  });
});

/** It is alive, since a new start mends nothing; it is not ready, and says why everywhere. */
async function tellsOfFullDisk(shown: string): Promise<void> {
  const { http } = region.dev.region.nodes.find(({ id }) => id === 'n1')!;
  const pageOf = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`http://${http.host}:${http.port}${path}`);
    return [answer.status, await answer.text()];
  };
  // On a busy machine its disk may be slow as well.
  const full = expect.stringContaining('its disk is full') as string;
  const reasons: unknown = expect.arrayContaining([full]);
  const [alive, health] = await pageOf('/health');
  expect([alive, JSON.parse(health)]).toEqual([
    200,
    { healthy: false, reasons, node: 'n1', run: expect.any(String) as string },
  ]);
  const [ready, why] = await pageOf('/ready');
  expect([ready, JSON.parse(why)]).toEqual([503, { ready: false, reasons, node: 'n1' }]);
  const [, metrics] = await pageOf('/metrics');
  expect(metrics).toMatch(/^triad_replicas_read_only [1-9]/m);
  expect(shown).toMatch(/^ {2}n1: its disk is full/m);
  const { control } = region.dev.region;
  const seen = await fetch(`http://${control.host}:${control.port}/metrics`);
  expect(await seen.text()).toMatch(/^triad_nodes_degraded 1$/m);
}

describe.skipIf(!canTrace)('a node whose fsync fails (skipped without strace)', () => {
  // Each slice has a history of its own, which is checked at its end.
  const callsOfSlice = long ? 10 : 1;
  const slices = long ? Array.from({ length: 20 }, (_, i) => 1 + i * callsOfSlice) : [3];
  it.each(slices)(
    'stops, stays down, and is replaced (from fsync %s on)',
    { timeout: limitMs },
    async (first) => {
      const workload = use(`failed-${first}`);
      for (let call = first; call < first + callsOfSlice; call += 1) {
        await workload.nextWrite();
        const leader = await region.leaderOf(1);
        const failed = region.dev.process(leader)!;
        const ended = once(failed, 'exit');
        await onFsync(failed.pid!, `error=EIO:when=${call}`);
        expect(await ended).toEqual([diskFailedCode, null]);
        await allAre((members) => on(members, leader) === undefined);
        await workload.nextWrite();
        // Its supervisor had the time to start it again.
        expect(region.dev.process(leader)).toBeUndefined();
        if (leader === 'n1') region.dev.resume(leader);
        else await region.wipe(leader);
        await allAre((members) => on(members, leader) !== undefined && whole(members));
      }
      await isLinearizable(workload);
    },
  );
});

describe.skipIf(!canTrace)('slow disks (skipped without strace)', () => {
  const slowly = 'delay_enter=900000';
  const pidOf = (node: string): number => region.dev.process(node)!.pid!;
  const rounds = async (): Promise<number> =>
    (await heldBy('n1')).reduce((sum, { round }) => sum + round, 0);

  it('of a leader make another one lead', { timeout: limitMs }, async () => {
    const workload = use('slow');
    const leader = await region.leaderOf(1);
    const end = await onFsync(pidOf(leader), slowly);
    const led = async (): Promise<unknown[]> =>
      (await heldBy(leader)).filter(({ phase }) => phase === 'leader');
    while ((await led()).length > 0) await workload.nextWrite();
    // The others wait for it no more, and it comes back no sooner than its disk is fast again.
    for (let writes = 0; writes < 40; writes += 1) await workload.nextWrite();
    expect([await led(), (await region.leaderOf(1)) === leader]).toEqual([[], false]);
    await end();
    await isLinearizable(workload);
  });

  it('of all nodes leave them a leader, and the same one', { timeout: limitMs }, async () => {
    const workload = use('all-slow');
    await workload.nextWrite();
    const nodes = ['n1', 'n2', 'n3'];
    const ends = await Promise.all(nodes.map((node) => onFsync(pidOf(node), slowly)));
    const before = await rounds();
    for (let writes = 0; writes < 8; writes += 1) await workload.nextWrite();
    // Each node hands over once at the most, and an election may come to nothing.
    expect((await rounds()) - before).toBeLessThanOrEqual(4 * nodes.length);
    const settled = await rounds();
    for (let writes = 0; writes < 3; writes += 1) await workload.nextWrite();
    expect((await rounds()) - settled).toBeLessThanOrEqual(1);
    await Promise.all(ends.map((end) => end()));
    await isLinearizable(workload);
  });
});

describe('damage to what was acknowledged', () => {
  it(
    'on two nodes, in another group of each, is repaired from peers',
    { timeout: limitMs },
    async () => {
      const workload = use('damaged');
      for (let writes = 0; writes < 40; writes += 1) await workload.nextWrite();
      await allAre(whole);
      const damaged = [
        { node: 'n1', group: 1, other: 2 },
        { node: 'n2', group: 2, other: 1 },
      ];
      for (const { node, group, other } of damaged) {
        const before = await replicasOn(node);
        await region.dev.halt(node);
        damageLog(join(region.folder, node), group);
        region.dev.resume(node);
        // It takes part in the group whose log is whole, and in the other one by no old name.
        let seen = await statusOf(node);
        while (seen.groups.length === 0) seen = await statusOf(node);
        const nameOf = (number: number): string | undefined =>
          seen.groups.find((each) => each.group === number)?.replica;
        expect(nameOf(other)).toBe(before[other - 1]);
        expect(nameOf(group)).not.toBe(before[group - 1]);
        await allAre((members) => on(members, node) !== undefined && whole(members));
        const after = await replicasOn(node);
        expect(after[group - 1]).toMatch(new RegExp(`^${node}-[0-9a-f]{12}$`));
        expect(after[group - 1]).not.toBe(before[group - 1]);
      }
      await isLinearizable(workload);
    },
  );
});
