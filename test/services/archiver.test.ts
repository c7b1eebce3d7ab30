/** Leaders archive what is chosen, whatever the store does. */
import { describe, expect, it } from 'vitest';
import { CommandLog, noop } from '../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../src/protocol/replication/commandLog.ts';
import { spreadMs } from '../../src/services/archivePace.ts';
import { Archiver, segmentAgeMs, segmentBytesEnough } from '../../src/services/archiver.ts';
import type { ArchivedReplica } from '../../src/services/archiver.ts';
import { readCommand } from '../../src/services/commandCodec.ts';
import { Archive } from '../../src/storage/archive.ts';
import { diskStore } from '../../src/storage/objectStore.ts';
import type { ObjectStore } from '../../src/storage/objectStore.ts';
import { ByteReader } from '../../src/world/bytes.ts';
import type { Clock } from '../../src/world/clock.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';

/** A clock that the test moves; its timers run as it passes them. */
function steppedClock() {
  let nowMs = 0;
  const timers = new Set<{ readonly periodMs: number; readonly run: () => void; dueMs: number }>();
  const clock: Clock = {
    nowMs: () => nowMs,
    every(periodMs, run) {
      const timer = { periodMs, run, dueMs: nowMs + periodMs };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    after(delayMs, run) {
      const timer = clock.every(delayMs, () => {
        timer.cancel();
        run();
      });
      return timer;
    },
    soon: (run) => queueMicrotask(run),
  };
  const advance = (ms: number): void => {
    nowMs += ms;
    for (const timer of timers) {
      if (timer.dueMs > nowMs) continue;
      timer.dueMs = nowMs + timer.periodMs;
      timer.run();
    }
  };
  return { clock, advance };
}

const write = (slot: number, bytes = 10): Command => ({
  kind: 'write',
  call: `c${slot}`,
  key: `k${slot % 5}`,
  value: 'v'.repeat(bytes),
});
const logOf = (length: number, bytes = 10): CommandLog =>
  CommandLog.of(Array.from({ length }, (_, i) => write(i + 1, bytes)));

interface TestReplica extends ArchivedReplica {
  serving: boolean;
  state: { phase: string; commit: number; log: CommandLog };
}

const leading = (log: CommandLog, commit = log.length): TestReplica => ({
  serving: true,
  state: { phase: 'leader', commit, log },
});

function archiving(replicas: ReadonlyMap<number, ArchivedReplica>, store: ObjectStore) {
  const { clock, advance } = steppedClock();
  const archive = new Archive(store);
  const told: string[] = [];
  const failing = (error: Error | undefined): void => void told.push(error?.message ?? 'works');
  const archiver = new Archiver({ archive, clock, replicas, failing });
  for (const group of replicas.keys()) archiver.changed(group);
  /** Time passes, and what that brings about comes to its end. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) advance(500);
    let isIdle = false;
    void archiver.idle().then(() => (isIdle = true));
    while (!isIdle) {
      await new Promise((turn) => setImmediate(turn));
      if (!isIdle) advance(1);
    }
  };
  return { archive, archiver, pass, told, clock };
}

/** Its puts take time; gives how many were under way at once, at most. */
function slowly(inner: ObjectStore, putMs: number) {
  let [now, most] = [0, 0];
  const slow = { clock: steppedClock().clock, most: () => most };
  const store: ObjectStore = {
    ...inner,
    async put(name, bytes) {
      most = Math.max(most, (now += 1));
      await new Promise<void>((done) => slow.clock.after(putMs, done));
      await inner.put(name, bytes);
      now -= 1;
    },
  };
  return { store, slow };
}

async function commandsOf(archive: Archive, group: number, last: number): Promise<Command[]> {
  const commands: Command[] = [];
  for await (const { body } of archive.entries(group, 1, last)) {
    commands.push(readCommand(new ByteReader(body)));
  }
  return commands;
}

describe('the archiver', () => {
  it('archives what is chosen when it is old enough, in one segment, and nothing more', async () => {
    const replica = leading(logOf(12), 9);
    const disk = memoryDisk();
    const { archive, archiver, pass } = archiving(new Map([[7, replica]]), diskStore(disk));
    await pass(segmentAgeMs - 500);
    expect([archiver.archivedOf(7), archiver.lag]).toEqual([0, 9]);
    await pass(1_000);
    expect([archiver.archivedOf(7), archiver.slots, archiver.lag]).toEqual([9, 9, 0]);
    expect(await commandsOf(archive, 7, 9)).toEqual(replica.state.log.slice(1, 9));
    expect(await disk.list()).toHaveLength(2);
    await pass(10 * segmentAgeMs);
    expect(await disk.list()).toHaveLength(2);
  });

  it('writes nothing for groups that only elect leaders, unless it is asked to', async () => {
    const replica = leading(CommandLog.of([noop, noop]));
    const disk = memoryDisk();
    const { archiver, pass } = archiving(new Map([[1, replica]]), diskStore(disk));
    await pass(10 * segmentAgeMs);
    expect([await disk.list(), archiver.lag]).toEqual([[], 0]);
    replica.state = { phase: 'leader', commit: 3, log: replica.state.log.append(write(3)) };
    archiver.changed(1);
    await pass(2 * segmentAgeMs);
    expect(archiver.archivedOf(1)).toBe(3);
    replica.state = { phase: 'leader', commit: 4, log: replica.state.log.append(noop) };
    archiver.changed(1);
    await pass(2 * segmentAgeMs);
    expect([archiver.archivedOf(1), await archiver.request(1)]).toEqual([3, 4]);
  });

  it('archives what is large at once, in more than one segment where it is very large', async () => {
    const replica = leading(logOf(100, segmentBytesEnough / 20));
    const disk = memoryDisk();
    const { archive, pass } = archiving(new Map([[1, replica]]), diskStore(disk));
    await pass(500);
    expect(await archive.through(1)).toBe(100);
    expect((await disk.list()).length).toBe(1 + 3);
  });

  it('goes on where another replica left off, and leaves the groups of others alone', async () => {
    const store = diskStore(memoryDisk());
    const log = logOf(30);
    const first = archiving(new Map([[1, leading(log, 20)]]), store);
    await first.pass(2 * segmentAgeMs);
    const follower: TestReplica = { serving: false, state: { phase: 'follower', commit: 30, log } };
    const away = leading(log);
    away.serving = false;
    const second = archiving(
      new Map([
        [1, leading(log.truncate(20))],
        [2, follower],
        [3, away],
      ]),
      store,
    );
    await second.pass(2 * segmentAgeMs);
    expect(second.archiver.archivedOf(1)).toBe(30);
    expect(second.archiver.slots).toBe(10);
    expect(await commandsOf(second.archive, 1, 30)).toEqual(log.slice(1, 30));
    expect([await second.archive.through(2), await second.archive.through(3)]).toEqual([0, 0]);
  });

  it('goes on behind what another leader archived and dropped meanwhile', async () => {
    const store = diskStore(memoryDisk());
    const log = logOf(30);
    const [one, other] = [leading(log, 10), leading(log, 20)];
    const first = archiving(new Map([[1, one]]), store);
    await first.archiver.request(1);
    await archiving(new Map([[1, other]]), store).archiver.request(1);
    one.state = { phase: 'leader', commit: 30, log: log.truncate(20) };
    expect(await first.archiver.request(1)).toBe(30);
    expect([await commandsOf(first.archive, 1, 30), first.told]).toEqual([log.slice(1), []]);
  });

  it('loses nothing where two archive one group at once', async () => {
    const store = diskStore(memoryDisk());
    const log = logOf(60);
    const leaders = [leading(log, 5), leading(log, 8)];
    const both = leaders.map((replica) => archiving(new Map([[1, replica]]), store));
    for (let slot = 10; slot <= 60; slot += 1) {
      leaders[slot % 2]!.state.commit = slot;
      const known = await Promise.all(both.map(({ archiver }) => archiver.request(1)));
      const through = await new Archive(store).through(1);
      expect(through).toBeGreaterThanOrEqual(Math.max(...known));
    }
    expect(await commandsOf(new Archive(store), 1, 60)).toEqual(log.slice(1));
    expect(await new Archive(store).verify(1)).toEqual([]);
  });

  it('does not look again at what is archived until it is told of more', async () => {
    const replica = leading(logOf(20), 10);
    let looks = 0;
    const watched: ArchivedReplica = {
      get serving() {
        return replica.serving;
      },
      get state() {
        looks += 1;
        return replica.state;
      },
    };
    const { archiver, pass } = archiving(new Map([[1, watched]]), diskStore(memoryDisk()));
    await pass(2 * segmentAgeMs);
    await pass(1_000);
    const before = looks;
    await pass(10 * segmentAgeMs);
    expect([archiver.archivedOf(1), looks]).toEqual([10, before]);
    replica.state.commit = 20;
    archiver.changed(1);
    await pass(2 * segmentAgeMs);
    expect(archiver.archivedOf(1)).toBe(20);
    replica.state = { ...replica.state, phase: 'follower' };
    archiver.changed(1);
    await pass(1_000);
    expect(archiver.archivedOf(1)).toBe(0);
  });

  it('waits for a store that fails, tells so once, and catches up when it works', async () => {
    const inner = diskStore(memoryDisk());
    let broken = true;
    let puts = 0;
    const store: ObjectStore = {
      ...inner,
      put: (name, bytes) => {
        puts += 1;
        return broken ? Promise.reject(new Error('no such host')) : inner.put(name, bytes);
      },
    };
    const replicas = new Map([[1, leading(logOf(5))]]);
    const { archiver, pass, told } = archiving(replicas, store);
    for (let minute = 0; minute < 10; minute += 1) await pass(60_000);
    expect(archiver.archivedOf(1)).toBe(0);
    expect(puts).toBeGreaterThan(3);
    expect(puts).toBeLessThan(20);
    expect(told).toEqual(['no such host']);
    expect([archiver.failing?.message, archiver.failures]).toEqual(['no such host', puts]);
    expect(archiver.sinceWorkedMs).toBe(600_000);
    // What another node leads now is that node's to tell.
    replicas.clear();
    await pass(1_000);
    expect(archiver.failing).toBe(undefined);
    replicas.set(1, leading(logOf(5)));
    archiver.changed(1);
    broken = false;
    await pass(60_000);
    expect([archiver.archivedOf(1), told]).toEqual([5, ['no such host', 'works']]);
    expect(archiver.failing).toBe(undefined);
    expect(archiver.sinceWorkedMs).toBeLessThan(60_000);
  });

  it('does not go on to tell of a failure in a group that another node leads by then', async () => {
    const put = (): Promise<never> => Promise.reject(new Error('no such host'));
    const store: ObjectStore = { ...diskStore(memoryDisk()), put };
    const replicas = new Map([1, 2, 3, 4, 5, 6].map((group) => [group, leading(logOf(5))]));
    const { archiver, pass } = archiving(replicas, store);
    const begun = pass(2 * segmentAgeMs);
    // Some are under way, and the others wait for their turn.
    for (const [group, replica] of replicas) {
      replica.state = { ...replica.state, phase: 'follower' };
      archiver.changed(group);
    }
    await Promise.all([begun, pass(1_000)]);
    expect(archiver.failures).toBe(6);
    await pass(1_000);
    expect(archiver.failing).toBe(undefined);
  });

  it('says what to do where the archive has lost slots that the log has dropped', async () => {
    const replica = leading(logOf(10).truncate(6));
    const { archive, archiver, pass, told } = archiving(
      new Map([[1, replica]]),
      diskStore(memoryDisk()),
    );
    await pass(2 * segmentAgeMs);
    expect(told[0]).toMatch(/group 1 ends at slot 0, .* begin after slot 6.*Bring back/);
    expect([archiver.archivedOf(1), await archive.through(1)]).toEqual([0, 0]);
  });

  it('writes a bounded number of segments at once, and all groups in the end', async () => {
    const { store, slow } = slowly(diskStore(memoryDisk()), 100);
    const groups = Array.from({ length: 100 }, (_, i) => [i + 1, leading(logOf(3))] as const);
    const { archiver, clock, pass } = archiving(new Map(groups), store);
    slow.clock = clock;
    await pass(2 * segmentAgeMs);
    expect(groups.every(([group]) => archiver.archivedOf(group) === 3)).toBe(true);
    expect(slow.most()).toBe(4);
  });

  it('writes large segments one after the other, and rests between their pieces', async () => {
    const { store, slow } = slowly(diskStore(memoryDisk()), 100);
    const large = (): TestReplica => leading(logOf(600, 1_024));
    const groups = [1, 2, 3].map((group) => [group, large()] as const);
    const { archiver, clock, pass } = archiving(new Map(groups), store);
    slow.clock = clock;
    await pass(segmentAgeMs);
    const dueMs = clock.nowMs();
    expect(archiver.slots).toBe(0);
    await pass(500);
    expect(archiver.slots).toBe(3 * 600);
    expect(slow.most()).toBe(1);
    // All that waits is spread over this time; what the store takes comes on top.
    expect(clock.nowMs() - dueMs).toBeGreaterThan(0.75 * spreadMs);
  });

  it('keeps the pace for what is left after segments that are listed', async () => {
    const replica = leading(logOf(700, 64 << 10));
    const { archiver, clock, pass } = archiving(new Map([[1, replica]]), diskStore(memoryDisk()));
    await pass(segmentAgeMs);
    expect([archiver.archivedOf(1), archiver.lag]).toEqual([700, 0]);
    expect(clock.nowMs()).toBeLessThan(segmentAgeMs + 4 * spreadMs);
  });

  it('rests for nobody who asks for a group now', async () => {
    const { store, slow } = slowly(diskStore(memoryDisk()), 1);
    const { archiver, clock, pass } = archiving(new Map([[1, leading(logOf(900, 1_024))]]), store);
    slow.clock = clock;
    const asked = archiver.request(1);
    await pass(1);
    expect(await asked).toBe(900);
    expect(clock.nowMs()).toBeLessThan(600);
  });
});
