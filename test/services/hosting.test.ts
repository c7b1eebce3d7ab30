/** Which replicas a node holds: as its log says, and with nothing in its log none. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { CommandLog, noop } from '../../src/protocol/replication/commandLog.ts';
import { init } from '../../src/protocol/replication/state.ts';
import { recordsOf } from '../../src/services/groupRecords.ts';
import { Hosting } from '../../src/services/hosting.ts';
import { NodeStorage } from '../../src/services/nodeStorage.ts';
import { ItemsDamaged } from '../../src/storage/itemCodec.ts';
import type { Item } from '../../src/storage/itemSnapshot.ts';
import { realClock } from '../../src/world/clock.ts';
import { realDisk } from '../../src/world/disk.ts';
import type { Disk } from '../../src/world/disk.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import { threeNodes } from './threeNodes.ts';

const region = threeNodes({ leaseMs: 1_000, driftMs: 50 }, 2);

function open(disk: Disk, itemsFolder?: string): Promise<NodeStorage> {
  const nothing = (): void => undefined;
  return NodeStorage.open({
    disk,
    itemsFolder,
    clock: realClock,
    full: nothing,
    failed: nothing,
  });
}

/** A node n1 starts on a disk, does something, and ends. */
async function run<T>(
  disk: Disk,
  fresh: boolean,
  work: (hosting: Hosting, storage: NodeStorage) => T | Promise<T>,
  itemsFolder?: string,
): Promise<T> {
  const storage = await open(disk, itemsFolder);
  const nothing = (): void => undefined;
  const options = { region, node: 'n1', storage, clock: realClock, send: nothing, dirty: nothing };
  const hosting = new Hosting(options, new Map());
  await hosting.begin(fresh);
  const result = await work(hosting, storage);
  await storage.close();
  return result;
}

const held = ({ replicas }: Hosting): unknown =>
  [...replicas].map(([group, { state }]) => [group, state.group.id, state.epoch]);

describe('a node', () => {
  it('holds the replicas of its region from the start, and after it none it has not', async () => {
    const disk = memoryDisk();
    const first = [
      [1, 'n1-1', 1],
      [2, 'n1-1', 1],
    ];
    expect(await run(disk, true, held)).toEqual(first);
    expect(await run(disk, false, held)).toEqual(first);
    expect(await run(memoryDisk(), false, held)).toEqual([]);
  });

  it('knows a log of the time before epochs for that of its first replica', async () => {
    const disk = memoryDisk();
    const storage = await open(disk);
    const empty = init({ id: 'n1-1', members: [], storage: [], leaseMs: 0, driftMs: 0 });
    const ballot = { epoch: 0, round: 4, replica: 'n2-1' };
    const promised = { ...empty, promised: ballot };
    const joined = { ...promised, logBallot: ballot, log: promised.log.append(noop) };
    await storage.append(1, recordsOf(empty, promised, 0)[0]!);
    await storage.append(1, recordsOf(promised, joined, 0)[0]!);
    await storage.close();
    for (let start = 0; start < 2; start += 1) {
      const {
        promised: now,
        logBallot,
        log,
      } = await run(disk, false, ({ replicas }) => replicas.get(1)!.state);
      const lifted = { ...ballot, epoch: 1 };
      expect([now, logBallot, log.length]).toEqual([lifted, lifted, 1]);
    }
  });

  it('builds one replica of a group, under a name it never had', async () => {
    const disk = memoryDisk();
    const names = await run(disk, false, (hosting) =>
      Promise.all([hosting.build(1, 'n2'), hosting.build(1, 'n3'), hosting.build(7, 'n3')]),
    );
    expect([names[0] === names[1], names[2]]).toEqual([true, undefined]);
    expect(names[0]).toMatch(/^n1-[0-9a-f]{12}$/);
    expect(await run(disk, false, held)).toEqual([[1, names[0], 0]]);
    expect(await run(memoryDisk(), true, (hosting) => hosting.build(1, 'n2'))).toBe(undefined);
  });

  it('knows after a restart what it had kept, but nothing by items that came as a copy', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'triad-hosting-'));
    const at = { disk: await realDisk(folder), items: join(folder, 'items') };
    const entries = [1, 2, 3].map((i) => {
      return { kind: 'write', call: `c${i}`, key: 'k', value: `v${i}` } as const;
    });
    async function* copied(): AsyncGenerator<Item> {
      yield { key: Buffer.from('k'), value: Buffer.from('v2') };
    }
    const empty = init({ id: 'n1-1', members: [], storage: [], leaseMs: 0, driftMs: 0 });
    const after = { ...empty, log: CommandLog.of(entries) };
    await run(
      at.disk,
      true,
      async (_, storage) => {
        for (const group of [1, 2]) {
          for (const record of recordsOf(empty, after, 0)) await storage.append(group, record);
        }
        storage.itemsOf(1).apply(1, entries.slice(0, 2));
        await storage.itemsOf(2).install(2, copied());
      },
      at.items,
    );
    const known = await run(
      at.disk,
      false,
      ({ replicas }, storage) => {
        return [1, 2].map((group) => {
          const { state } = replicas.get(group)!;
          const { applied, kept } = storage.itemsOf(group);
          return { group, applied, kept, commit: state.commit, length: state.log.length };
        });
      },
      at.items,
    );
    await rm(folder, { recursive: true });
    expect(known).toEqual([
      { group: 1, applied: 2, kept: 2, commit: 2, length: 3 },
      { group: 2, applied: 2, kept: 0, commit: 0, length: 3 },
    ]);
  });

  it('goes on with a copy of the log whose last items a crash took', async () => {
    const disk = memoryDisk();
    const entries = [1, 2, 3].map((i) => {
      return { kind: 'write', call: `c${i}`, key: `k${i}`, value: `v${i}` } as const;
    });
    const values: unknown[] = [];
    for (const piece of [1, 2]) {
      await run(disk, false, async (hosting, storage) => {
        await hosting.build(1, 'n2');
        const replica = hosting.replicas.get(1)!;
        replica.tick(realClock.nowMs());
        const [start, end] = piece === 1 ? [0, 2] : [2, 3];
        const message = { type: 'copy', start, entries: entries.slice(start, end) } as const;
        replica.receive(message, 'n2', realClock.nowMs());
        // The items of this node are nowhere but in memory: the next run finds the log alone.
        values.push([replica.copied, ...entries.map(({ key }) => storage.itemsOf(1).get(key))]);
      });
    }
    expect(values).toEqual([
      [2, 'v1', 'v2', null],
      [3, 'v1', 'v2', 'v3'],
    ]);
  });

  it('knows no more than its log of the items that it copied before it was a member', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'triad-hosting-'));
    const at = { disk: await realDisk(folder), items: join(folder, 'items') };
    const write = { kind: 'write', call: 'c', key: 'k', value: 'v' } as const;
    const stored: unknown[] = [];
    const known = ({ replicas }: Hosting, storage: NodeStorage): unknown => {
      const { commit, log, epoch } = replicas.get(1)!.state;
      const { applied, kept } = storage.itemsOf(1);
      return { epoch, commit, length: log.length, applied, kept };
    };
    await run(
      at.disk,
      false,
      async (hosting, storage) => {
        const id = (await hosting.build(1, 'n2'))!;
        const replica = hosting.replicas.get(1)!;
        const members = [id, 'n2-1', 'n3-1'];
        const opening = { epoch: 2, members, storage: members };
        const change = { ...opening, kind: 'reconfigure', epoch: 1 } as const;
        replica.tick(realClock.nowMs());
        const entries = [write, change, { ...write, call: 'd' }];
        replica.receive({ type: 'copy', start: 0, entries }, 'n2', realClock.nowMs());
        const began = { ...opening, type: 'epoch', start: 2, entries: [] } as const;
        replica.receive(began, 'n2', realClock.nowMs());
        stored.push(known(hosting, storage));
      },
      at.items,
    );
    stored.push(await run(at.disk, false, known, at.items));
    await rm(folder, { recursive: true });
    const entered = { epoch: 2, commit: 2, length: 2, applied: 3 };
    expect(stored).toEqual([
      { ...entered, kept: 0 },
      { ...entered, kept: 2 },
    ]);
  });

  it('keeps the name of a replica that begins while the log is truncated', async () => {
    const disk = memoryDisk();
    const name = await run(disk, false, (hosting, storage) => {
      const begin = storage.begin.bind(storage);
      vi.spyOn(storage, 'begin').mockImplementation(async (group, replica) => {
        const begun = begin(group, replica);
        const { kind, body } = hosting.keptOf(group).image;
        await Promise.all([begun, storage.append(group, { kind, slot: 0, body })]);
      });
      return hosting.build(1, 'n2');
    });
    expect(await run(disk, false, held)).toEqual([[1, name, 0]]);
  });

  it('ends a replica for good, unless it is not the one that was seen', async () => {
    const disk = memoryDisk();
    const ended = await run(disk, true, async (hosting) => [
      await hosting.retire(1, 'n1-2', 1),
      await hosting.retire(1, 'n1-1', 0),
      await hosting.retire(1, 'n1-1', 1),
    ]);
    expect(ended).toEqual([false, false, true]);
    expect(await run(disk, false, held)).toEqual([[2, 'n1-1', 1]]);
    expect(await run(disk, true, held)).toEqual([[2, 'n1-1', 1]]);
  });

  it('gives up for good a replica whose items are damaged, and builds another from nothing', async () => {
    const disk = memoryDisk();
    const after = await run(disk, true, async (hosting, storage) => {
      const value = { kind: 'write', call: 'c', key: 'k', value: 'v' } as const;
      storage.itemsOf(1).apply(1, [value]);
      await hosting.giveUp(1);
      const rest = held(hosting);
      const name = await hosting.build(1, 'n2');
      return [rest, name, storage.itemsOf(1).applied, storage.itemsOf(1).get('k')];
    });
    expect(after[0]).toEqual([[2, 'n1-1', 1]]);
    expect(after.slice(1)).toEqual([expect.stringMatching(/^n1-[0-9a-f]{12}$/), 0, null]);
  });

  it.each([
    ['ends', 'it is one of several', ['n1', 'n2', 'n3'], [2]],
    ['stays', 'it is the last of its group that holds items', ['n1'], [1, 2]],
  ] as const)('%s where %s, and a copier meets a damaged one', async (_, __, holders, left) => {
    const storage = await open(memoryDisk());
    const members = region.groups[0]!.members.map((member) => {
      const role = holders.some((node) => node === member.node) ? 'storage' : 'log';
      return { ...member, role } as const;
    });
    const groups = region.groups.map((group) => ({ ...group, members }));
    const told: unknown[] = [];
    const nothing = (): void => undefined;
    const hosting = new Hosting(
      {
        ...{ region: { ...region, groups }, node: 'n1', storage, clock: realClock },
        ...{ send: nothing, dirty: nothing },
        damaged: (group, { message }) => told.push([group, message]),
      },
      new Map(),
    );
    await hosting.begin(true);
    const items = storage.itemsOf(1);
    items.apply(1, [{ kind: 'write', call: 'c', key: 'k', value: 'v' }]);
    const snapshot = items.snapshot();
    await snapshot.close();
    vi.spyOn(items, 'snapshot').mockReturnValue(snapshot);
    vi.spyOn(snapshot, 'items').mockImplementation(async function* () {
      await Promise.resolve();
      yield { key: Buffer.from('k'), value: Buffer.from('v') };
      throw new ItemsDamaged('a bit of it has flipped');
    });
    const ask = { type: 'itemsAsk', copy: 0, after: null } as const;
    hosting.replicas.get(1)!.receive(ask, 'n2', realClock.nowMs());
    while (told.length === 0) await new Promise((turn) => setImmediate(turn));
    // Told once, however often it is met.
    hosting.replicas.get(1)?.receive(ask, 'n3', realClock.nowMs());
    while (hosting.copies.served.running > 0) await new Promise((turn) => setImmediate(turn));
    expect(told).toEqual([[1, 'a bit of it has flipped']]);
    expect([[...hosting.replicas.keys()], hosting.damagedGroups]).toEqual([left, [1]]);
    await hosting.close();
    await storage.close();
  });
});
