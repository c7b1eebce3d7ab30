/**
 * The replicas that a node holds, of whatever groups. What must hold: there is one of a group at
 * most; which one it is stands in the log before it answers anything; a node that lost its log
 * holds none, until it is asked to build some, and those have new names.
 */
import type { Configuration } from '../protocol/membership/state.ts';
import type { Clock } from '../world/clock.ts';
import { ItemsDamaged } from '../storage/itemCodec.ts';
import type { Kept } from '../storage/log.ts';
import { Elections } from './elections.ts';
import { entryOf, replicaRecord } from './groupRecords.ts';
import type { GroupMessage } from './messageCodec.ts';
import type { GroupConfig, RegionConfig } from './nodeConfig.ts';
import type { NodeStorage } from './nodeStorage.ts';
import { Replica } from './replica.ts';
import { ItemsLost } from './replicaOptions.ts';
import type { Copies } from './replicaOptions.ts';
import { newReplica, nodesOf } from './replicaNames.ts';
import type { RegionTrace } from './replicationTrace.ts';
import { Ticks } from './ticks.ts';
import { Turns } from './turns.ts';

/** Between two looks at those replicas that have something to do. */
export const tickMs = 100;

/** Of the lease: what is left of it after an election has to be waited out anyway. */
export const suspectShare = 0.6;
const staggerMs = 25;
const retryMs = 300;
/** Copies of items that a node makes at once, and that it serves: each holds some 4 MB. */
export const copiesMax = 16;
/** Processes of a region that begin together are all there by then. */
const beginMs = 600;

export interface HostingOptions {
  readonly region: RegionConfig;
  readonly node: string;
  readonly storage: NodeStorage;
  readonly clock: Clock;
  readonly send: (node: string, group: number, message: GroupMessage) => void;
  readonly dirty: (replica: Replica) => void;
  /** How much later than others this node stands for election now. */
  readonly holdBackMs?: () => number;
  /** The last slot of a group that the archive lists, where this node leads it; see archiver.ts. */
  readonly archivedOf?: (group: number) => number;
  readonly trace?: RegionTrace;
  /** Told once of each group whose items here are not as they were written; see `damaged`. */
  readonly damaged?: (group: number, error: ItemsDamaged) => void;
}

export class Hosting {
  readonly replicas: Map<number, Replica>;
  readonly #o: HostingOptions;
  readonly #elections: Elections;
  readonly #ticks = new Ticks(tickMs);
  readonly #changing = new Map<number, Promise<void>>();
  /** Names that are being written down. */
  readonly #beginning = new Map<number, string>();
  readonly #groups: ReadonlyMap<number, GroupConfig>;
  readonly copies: Copies = { made: new Turns(copiesMax), served: new Turns(copiesMax) };
  readonly #damaged = new Set<number>();
  readonly #nodeOf: ReturnType<typeof nodesOf>;

  constructor(o: HostingOptions, replicas: Map<number, Replica>) {
    this.#o = o;
    this.replicas = replicas;
    this.#elections = new Elections(o.clock);
    this.#nodeOf = nodesOf(o.region.groups);
    this.#groups = new Map(o.region.groups.map((group) => [group.number, group]));
  }

  /** `fresh`: the region begins, and this node with it. */
  async begin(fresh: boolean): Promise<void> {
    const { storage } = this.#o;
    const written: Promise<unknown>[] = [];
    for (const group of this.#groups.values()) {
      // A group in quarantine gets no replica: it neither votes nor serves.
      if (storage.modeOf(group.number) === 'quarantined') continue;
      const replica = this.#named(group, fresh);
      if (replica === '') continue;
      // A name begins a replica: to a log that holds one already it would be its end.
      if (storage.replicaOf(group.number) === undefined && !storage.holds(group.number)) {
        written.push(storage.append(group.number, replicaRecord(replica)));
      }
      try {
        this.#host(group, replica);
      } catch (error) {
        // As in quarantine: its fellows have what it lost, and another one is built here.
        if (!(error instanceof ItemsLost)) throw error;
      }
    }
    storage.forgetImages();
    await Promise.all(written);
  }

  /** Which replica of a group is here: what the log says, or the config as the region begins. */
  #named({ number, members }: GroupConfig, fresh: boolean): string {
    const { storage, node } = this.#o;
    const named = storage.replicaOf(number);
    if (named !== undefined) return named;
    // A log of the time when it did not say whose it is.
    const known = fresh || storage.holds(number);
    return (known && members.find((member) => member.node === node)?.replica) || '';
  }

  #host(group: GroupConfig, id: string): Replica {
    const { region, clock, storage, send, dirty, trace, holdBackMs, archivedOf } = this.#o;
    const { leaseMs, driftMs } = region;
    const { number, members } = group;
    const first: Configuration = {
      epoch: 1,
      members: members.map(({ replica }) => replica),
      storage: members.filter(({ role }) => role === 'storage').map(({ replica }) => replica),
    };
    const replica = new Replica({
      number,
      identity: { id, leaseMs, driftMs },
      first,
      image: storage.imageOf(number),
      items: storage.itemsOf(number),
      takesItems: region.nodes.find((node) => node.id === this.#o.node)?.role === 'storage',
      times: {
        suspectMs: Math.ceil(leaseMs * suspectShare),
        staggerMs,
        retryMs,
        beginMs,
        ...(holdBackMs !== undefined && { holdBackMs }),
      },
      elections: this.#elections,
      copies: this.copies,
      unreadable: (error) => {
        if (error instanceof ItemsDamaged && this.replicas.get(number) === replica)
          this.damaged(number, error);
      },
      nowMs: () => clock.nowMs(),
      send: (to, message) => {
        for (const member of to) send(this.#nodeOf(group, member), number, message);
      },
      sendTo: (node, message) => send(node, number, message),
      nodeOf: (member) => this.#nodeOf(group, member),
      persist: (record) => storage.append(number, record),
      dirty,
      wake: () => this.#ticks.wake(number),
      ...(archivedOf !== undefined && { archived: () => archivedOf(number) }),
      ...(trace !== undefined && { trace: trace.of(number, id) }),
    });
    this.replicas.set(number, replica);
    this.#ticks.wake(number);
    return replica;
  }

  /** To be called every `tickMs`. */
  tick(nowMs: number): void {
    this.#ticks.run(nowMs, (group) => this.replicas.get(group)?.tick(nowMs));
  }

  nodeOf(group: number, replica: string): string {
    return this.#nodeOf(this.#groups.get(group), replica);
  }

  /**
   * A replica that copies the group's log from another node, to become a member of a next epoch:
   * the one that waits already, or a new one in the place of one that is out. Undefined where a
   * member is here.
   */
  build(number: number, source: string): Promise<string | undefined> {
    return this.#inTurn(number, async () => {
      const group = this.#groups.get(number);
      if (group === undefined) return undefined;
      let here = this.replicas.get(number);
      if (here === undefined) {
        const id = newReplica(this.#o.node);
        // What one before it applied may be damaged, or ahead of what this one copies.
        await this.#o.storage.forget(number);
        this.#damaged.delete(number);
        this.#beginning.set(number, id);
        await this.#o.storage.begin(number, id);
        here = this.#host(group, id);
        this.#beginning.delete(number);
      }
      if (here.state.epoch > 0) return undefined;
      here.follow(source);
      return here.state.group.id;
    });
  }

  /**
   * A replica that is in no epoch any more ends, and what it would serve with it; not one that has
   * entered another epoch than the asker saw.
   */
  retire(number: number, replica: string, epoch: number): Promise<boolean> {
    return this.#inTurn(number, async () => {
      const here = this.replicas.get(number);
      if (here?.state.group.id !== replica || here.state.epoch !== epoch) return false;
      this.replicas.delete(number);
      this.#elections.leave(number);
      await here.close();
      await this.#o.storage.begin(number, '');
      return true;
    });
  }

  /** The groups whose records or items here were found damaged, and that are not built anew. */
  get damagedGroups(): readonly number[] {
    const { storage } = this.#o;
    // Asked for several times a second: where all is well no group is looked at.
    if (storage.mode !== 'quarantined') return [...this.#damaged];
    return [...this.#groups.keys()].filter((group) => {
      return this.#damaged.has(group) || storage.modeOf(group) === 'quarantined';
    });
  }

  /**
   * What a replica holds was found damaged, as a client read it or another node copied it. The last
   * one of its group that holds items stays: it serves what is not damaged, and nobody has it else.
   */
  damaged(number: number, error: ItemsDamaged): void {
    if (!this.#damaged.has(number)) this.#o.damaged?.(number, error);
    this.#damaged.add(number);
    const storage = this.replicas.get(number)?.state.group.storage ?? [];
    if (storage.length > 1) void this.giveUp(number).catch(() => undefined);
  }

  /**
   * What a replica would serve is damaged: it ends, and its name with it, as if its disk were lost.
   * Others have what it held, and another one is built here.
   */
  giveUp(number: number): Promise<void> {
    const here = this.replicas.get(number);
    here?.relinquish();
    this.replicas.delete(number);
    this.#elections.leave(number);
    return this.#inTurn(number, async () => {
      await here?.close();
      await this.#o.storage.begin(number, '');
    });
  }

  /** Of a group: what may leave the disk, and what is written again in its place. */
  keptOf(number: number): Kept {
    const replica = this.replicas.get(number);
    if (replica !== undefined) return replica.records.kept(replica.state);
    const all = Number.MAX_SAFE_INTEGER;
    // A name that was written down just now is not taken back.
    const image = entryOf(number, replicaRecord(this.#beginning.get(number) ?? ''));
    return { archived: all, snapshot: all, needed: all, image };
  }

  async close(): Promise<void> {
    this.#elections.close();
    await Promise.all([...this.replicas.values()].map((replica) => replica.close()));
  }

  /** Which replica of a group is here changes by one request after the other. */
  #inTurn<T>(number: number, change: () => Promise<T>): Promise<T> {
    const before = this.#changing.get(number) ?? Promise.resolve();
    const done = before.then(change);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.#changing.set(number, settled);
    void settled.then(() => {
      if (this.#changing.get(number) === settled) this.#changing.delete(number);
    });
    return done;
  }
}
