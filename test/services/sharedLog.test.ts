/**
 * Members of a group that hold much which none of them knows to be chosen: whoever led is gone, and
 * what they must tell each other is more than a link takes at once.
 */
import { describe, expect, it } from 'vitest';
import { init } from '../../src/protocol/membership/state.ts';
import type { State } from '../../src/protocol/membership/state.ts';
import { CommandLog } from '../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../src/protocol/replication/commandLog.ts';
import type { PromiseMessage } from '../../src/protocol/replication/state.ts';
import { Hosting } from '../../src/services/hosting.ts';
import { readMessage, writeMessage } from '../../src/services/messageCodec.ts';
import type { GroupMessage } from '../../src/services/messageCodec.ts';
import { NodeStorage } from '../../src/services/nodeStorage.ts';
import { contentBytesMax, framesOf } from '../../src/services/parts.ts';
import type { Replica } from '../../src/services/replica.ts';
import { SharedLog } from '../../src/services/sharedLog.ts';
import type { Partly } from '../../src/services/sharedLog.ts';
import { ByteReader, ByteWriter } from '../../src/world/bytes.ts';
import { realClock } from '../../src/world/clock.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import { ids as nodes, threeNodes } from './threeNodes.ts';

const leaseMs = 1_000;
const stepMs = 25;
const region = threeNodes({ leaseMs, driftMs: 10 });
const fails = (error: unknown): never => {
  throw error;
};

interface Mail {
  readonly from: string;
  readonly to: string;
  readonly message: GroupMessage;
}

/** Three replicas on disks in memory; what they send goes as bytes, and no more than a link takes. */
class Group {
  readonly #replicas = new Map<string, Replica>();
  readonly #storages: NodeStorage[] = [];
  readonly #dirty = new Set<Replica>();
  #mail: Mail[] = [];
  #nowMs = 1;
  /** Whose messages, to whom, come to nothing. */
  lost = (_: Mail): boolean => false;
  bytesMost = 0;

  static async open(): Promise<Group> {
    const group = new Group();
    for (const node of nodes) await group.#host(node, true, memoryDisk());
    return group;
  }

  async #host(node: string, fresh: boolean, disk: ReturnType<typeof memoryDisk>): Promise<void> {
    const clock = { ...realClock, nowMs: () => this.#nowMs };
    const storage = await NodeStorage.open({
      disk,
      itemsFolder: undefined,
      clock: realClock,
      full: fails,
      failed: fails,
    });
    const hosting = new Hosting(
      {
        region,
        node,
        storage,
        clock,
        send: (to, _, message) => this.#mail.push({ from: node, to, message }),
        dirty: (replica) => this.#dirty.add(replica),
      },
      new Map(),
    );
    await hosting.begin(fresh);
    this.#replicas.set(node, hosting.replicas.get(1)!);
    this.#storages.push(storage);
  }

  at(node: string): Replica {
    return this.#replicas.get(node)!;
  }

  get serving(): string | undefined {
    return nodes.find((node) => this.at(node).serving);
  }

  #deliver(mail: Mail): void {
    const to = new ByteWriter();
    writeMessage(to, 1, mail.message);
    const bytes = to.take();
    this.bytesMost = Math.max(this.bytesMost, bytes.length);
    if (framesOf(bytes).length === 0) return;
    const { message } = readMessage(new ByteReader(bytes));
    this.at(mail.to).receive(message, mail.from, this.#nowMs);
  }

  /** What was sent comes, fsyncs finish, and some time passes. */
  async step(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) {
      const mail = this.#mail;
      this.#mail = [];
      for (const each of mail) if (!this.lost(each)) this.#deliver(each);
      await new Promise((done) => setImmediate(done));
      for (const replica of this.#dirty) replica.settle();
      this.#dirty.clear();
    }
    this.#nowMs += stepMs;
    for (const replica of this.#replicas.values()) {
      replica.tick(this.#nowMs);
      replica.renew(this.#nowMs);
    }
  }

  /** Steps until it is so, or for ten leases. */
  async until(so: () => boolean): Promise<boolean> {
    for (let ms = 0; !so() && ms < 10 * leaseMs; ms += stepMs) await this.step();
    return so();
  }

  async close(): Promise<void> {
    for (const storage of this.#storages) await storage.close();
  }
}

const value = 'v'.repeat(1 << 20);
const count = Math.ceil((1.1 * contentBytesMax) / value.length);

/** All three hold so many values, of which none is known to be chosen. */
async function withMuch(group: Group): Promise<string> {
  expect(await group.until(() => group.serving !== undefined)).toBe(true);
  const leader = group.serving!;
  const { length } = group.at(leader).state.log;
  expect(
    await group.until(() => nodes.every((each) => group.at(each).state.commit >= length)),
  ).toBe(true);
  group.lost = ({ message }) => message.type === 'accepted';
  for (let i = 0; i < count; i += 1) {
    group.at(leader).calls.put({ token: `t${i}`, key: `k${i}`, value }, () => undefined);
    await group.step();
  }
  const whole = (): boolean =>
    nodes.every((each) => group.at(each).state.log.length === length + count);
  expect(await group.until(whole)).toBe(true);
  return leader;
}

describe('members that hold much which none knows to be chosen', () => {
  it('elect a leader all the same, and nothing of it is lost', { timeout: 300_000 }, async () => {
    const group = await Group.open();
    const gone = await withMuch(group);
    const { length } = group.at(gone).state.log;
    group.bytesMost = 0;
    group.lost = ({ from, to }) => from === gone || to === gone;
    const elected = (): boolean => group.serving !== undefined && group.serving !== gone;
    expect(await group.until(elected)).toBe(true);
    expect(group.bytesMost).toBeLessThan(1 << 20);
    const leader = group.at(group.serving!);
    expect(leader.state.commit).toBeGreaterThan(length);
    expect(leader.state.log.at(length)).toMatchObject({ call: `t${count - 1}`, value });
    // Who led comes back, and is a member of the new ballot.
    group.lost = () => false;
    expect(await group.until(() => group.at(gone).state.commit > length)).toBe(true);
    await group.close();
  });
});

const identity = (id: string) => ({ id, leaseMs, driftMs: 10 });
const members = ['n1-1', 'n2-1', 'n3-1'];
const ballotOf = (round: number) => ({ epoch: 1, round, replica: 'n1-1' });
const kilobytes = 'v'.repeat(20 << 10);
const commands = Array.from({ length: 9 }, (_, i): Command => {
  return { kind: 'write', call: `c${i}`, key: 'k', value: kilobytes };
});

/** A candidate and one that promised it, of logs of these lengths, the second's of this round. */
function pair(o: { candidate: number; promiser: number; round?: number }) {
  const own = (id: string, length: number, round: number): State => ({
    ...init(identity(id), { epoch: 1, members, storage: members }),
    promised: ballotOf(7),
    logBallot: ballotOf(round),
    log: CommandLog.of(commands.slice(0, length)),
    commit: 1,
  });
  const candidate: State = {
    ...own('n1-1', o.candidate, 5),
    phase: 'candidate',
    ballot: ballotOf(7),
  };
  const promiser = own('n2-1', o.promiser, o.round ?? 5);
  const promise: PromiseMessage = {
    type: 'promise',
    ballot: ballotOf(7),
    from: 'n2-1',
    logBallot: promiser.logBallot,
    start: 1,
    entries: promiser.log.slice(2),
    grants: [],
  };
  const [from, to] = [promiser, candidate].map(
    (state) =>
      new SharedLog(
        () => state,
        () => 0,
      ),
  );
  const asked = to!.sent({ type: 'prepare', ballot: ballotOf(7), commit: 1 });
  for (const each of asked) if (each.type === 'holds') from!.receive(each, () => undefined);
  return { promise, sent: from!.sent(promise), to: to! };
}

function together(to: SharedLog, sent: readonly object[]): readonly object[] {
  const whole: object[] = [];
  to.receive(sent[0] as Partly, (message) => whole.push(message));
  return whole;
}

describe('a promise', () => {
  it.each([
    { candidate: 9, promiser: 9, left: 8 },
    { candidate: 5, promiser: 9, left: 4 },
    { candidate: 9, promiser: 5, left: 4 },
  ])('leaves out what both hold, and is put together as it was: %o', ({ left, ...lengths }) => {
    const { promise, sent, to } = pair(lengths);
    expect(sent).toEqual([
      {
        type: 'partly',
        logBallot: promise.logBallot,
        left,
        message: { ...promise, entries: promise.entries.slice(left) },
      },
    ]);
    expect(together(to, sent)).toEqual([promise]);
  });

  it('of a log of another ballot, or with little in common, is whole', () => {
    for (const round of [4, 6]) {
      const { promise, sent } = pair({ candidate: 9, promiser: 9, round });
      expect(sent).toEqual([promise]);
    }
    const { promise, sent } = pair({ candidate: 2, promiser: 9 });
    expect(sent).toEqual([promise]);
  });

  it('comes to nothing where the other one does not hold what was left out', () => {
    const { sent } = pair({ candidate: 9, promiser: 9 });
    expect(together(pair({ candidate: 5, promiser: 9 }).to, sent)).toEqual([]);
  });
});
