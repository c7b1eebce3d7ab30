/**
 * A storage node: one process that holds replicas of many groups, with one log, one link to each
 * peer and one clock for all of them. What must hold: after its log stops, the node does nothing
 * more; what it reads from links either is a message of its region or closes the link.
 */
import type { Archive } from '../storage/archive.ts';
import { ItemsDamaged } from '../storage/itemCodec.ts';
import type { Kept, LogMode } from '../storage/log.ts';
import { ByteReader, ByteWriter, Malformed } from '../world/bytes.ts';
import type { Clock, Timer } from '../world/clock.ts';
import type { Disk } from '../world/disk.ts';
import type { Link, Listener, Wire } from '../world/wire.ts';
import { Archiver } from './archiver.ts';
import { appends, needsNoDisk, waitingMax } from './diskNeeds.ts';
import { DiskPace } from './diskPace.ts';
import { welcome } from './guest.ts';
import type { Guest } from './guest.ts';
import { contentOf, readMessage, readToken } from './messageCodec.ts';
import type { GroupMessage } from './messageCodec.ts';
import { Hosting, tickMs } from './hosting.ts';
import type { NodeEntry, RegionConfig } from './nodeConfig.ts';
import { NodeStorage } from './nodeStorage.ts';
import { Peers } from './peers.ts';
import type { Replica } from './replica.ts';
import type { Copies } from './replicaOptions.ts';
import type { CallResult } from './calls.ts';
import type { RegionTrace } from './replicationTrace.ts';
import { frameBytesEnough, readRequest, writeResponse } from './requestCodec.ts';
import type { Change, Request, ScrubAsk } from './requestCodec.ts';
import { answerScrub } from './scrubAnswers.ts';

/** Between two looks whether segments of the log may go. */
const truncateMs = 2_000;

export interface StorageNodeOptions {
  readonly region: RegionConfig;
  readonly node: string;
  readonly disk: Disk;
  /** The region begins, and this node with it: an empty log has lost nothing. */
  readonly fresh: boolean;
  /** Where the items lie; undefined: in memory. */
  readonly itemsFolder: string | undefined;
  readonly wire: Wire;
  readonly clock: Clock;
  /** The log has failed, or the disk: the node is of no use any more. */
  readonly stopped: (error: Error) => void;
  /** Items of a group are not as they were written: see `damaged` of hosting.ts. */
  readonly damaged?: (group: number, error: Error) => void;
  readonly trace?: RegionTrace;
  /** Where the groups' logs are archived. */
  readonly archive?: {
    readonly to: Archive;
    /** It began to fail, or works again. */
    readonly failing: (error: Error | undefined) => void;
  };
}

type Done = (result: CallResult | { status: 'noGroup' | 'busy'; value: null }) => void;

function entryOf({ region, node }: StorageNodeOptions): NodeEntry {
  const entry = region.nodes.find(({ id }) => id === node);
  if (entry === undefined) throw new Error(`${node} is none of the region's nodes`);
  return entry;
}

export class StorageNode {
  readonly entry: NodeEntry;
  readonly #o: StorageNodeOptions;
  #storage: NodeStorage | undefined;
  readonly #peers: Peers;
  readonly #replicas = new Map<number, Replica>();
  #hosting: Hosting | undefined;
  #archiver: Archiver | undefined;
  readonly #dirty = new Set<Replica>();
  readonly #guests = new Map<Link, Guest>();
  readonly #answers = new Map<Link, ByteWriter>();
  readonly #timers: Timer[] = [];
  #listener: Listener | undefined;
  #ended = false;
  #settling = false;
  #readOnly = false;
  readonly #pace: DiskPace;

  private constructor(o: StorageNodeOptions) {
    this.entry = entryOf(o);
    this.#o = o;
    const { wire, clock } = o;
    const { nodes, region, leaseMs } = o.region;
    this.#pace = new DiskPace({ lookMs: tickMs, holdBackMs: leaseMs });
    const connected = (): void => {
      for (const replica of this.#replicas.values()) replica.mayHaveLost();
    };
    const token = o.trace === undefined ? {} : { token: o.trace.send };
    this.#peers = new Peers({ self: o.node, region, wire, clock, nodes, connected, ...token });
  }

  static async start(o: StorageNodeOptions): Promise<StorageNode> {
    entryOf(o);
    const { disk, itemsFolder, clock } = o;
    const node = new StorageNode(o);
    try {
      await node.#begin(
        await NodeStorage.open({
          disk,
          itemsFolder,
          clock,
          full: () => node.#standDown(),
          failed: (error) => node.#stop(error),
          pace: node.#pace,
        }),
      );
      await node.#listen();
    } catch (error) {
      await node.close();
      throw error;
    }
    return node;
  }

  async #begin(storage: NodeStorage): Promise<void> {
    this.#storage = storage;
    const { region, node, clock, trace, fresh, archive, damaged } = this.#o;
    const archives = archive !== undefined || region.inMemory;
    const options = {
      region,
      node,
      storage,
      clock,
      send: this.#peers.send.bind(this.#peers),
      dirty: (replica: Replica) => this.#touch(replica),
      holdBackMs: () => this.#pace.holdBackMs,
      ...(archives && { archivedOf: (group: number) => this.archivedOf(group) }),
      ...(trace !== undefined && { trace }),
      ...(damaged !== undefined && { damaged }),
    };
    this.#hosting = new Hosting(options, this.#replicas);
    await this.#hosting.begin(fresh);
  }

  #touch(replica: Replica): void {
    this.#settleSoon();
    this.#dirty.add(replica);
  }

  #settleSoon(): void {
    if (this.#settling) return;
    this.#settling = true;
    this.#o.clock.soon(() => this.#settle());
  }

  #settle(): void {
    this.#settling = false;
    if (this.#ended) return;
    // What settling touches again is settled in the same turn.
    for (const replica of this.#dirty) {
      replica.settle();
      this.#dirty.delete(replica);
      this.#archiver?.changed(replica.group);
    }
    for (const [link, answers] of this.#answers) link.send(answers.take());
    this.#answers.clear();
    this.#peers.flush();
  }

  async #listen(): Promise<void> {
    const { region, wire, clock, archive } = this.#o;
    if (archive !== undefined) {
      const { to, failing } = archive;
      const listed = (group: number): void => this.#replicas.get(group)?.wake();
      const replicas = this.#replicas;
      this.#archiver = new Archiver({ archive: to, clock, replicas, failing, listed });
    }
    this.#listener = await wire.listen(this.entry.address, {
      frame: (content, link) => this.#frame(content, link),
      closed: (link) => this.#guests.delete(link),
    });
    this.#timers.push(
      clock.every(tickMs, () => {
        if (this.#pace.look(clock.nowMs()))
          this.#handOver(({ state }) => {
            // Without another storage replica there is nobody to hand over to.
            return state.group.storage.length > 1;
          });
        if (!this.#readOnly) this.#hosting?.tick(clock.nowMs());
      }),
      clock.every(Math.floor(region.leaseMs / 3), () => this.#renewAll()),
      clock.every(truncateMs, () => this.#truncate()),
    );
  }

  /** What no group needs any more leaves the disk. */
  #truncate(): void {
    let carriedBytes = 0;
    for (const { records } of this.#replicas.values()) carriedBytes += records.carriedBytes;
    const keptOf = (group: number): Kept => this.#hosting!.keptOf(group);
    void this.#storage?.truncate(keptOf, carriedBytes);
  }

  #renewAll(): void {
    const nowMs = this.#o.clock.nowMs();
    for (const replica of this.#replicas.values()) replica.renew(nowMs);
  }

  #frame(content: Buffer, link: Link): void {
    if (this.#ended) return;
    try {
      const guest = this.#guests.get(link);
      if (guest === undefined) this.#guests.set(link, welcome(content, link, this.#o.region));
      else if (guest.hello.role === 'peer') {
        const whole = guest.assembly.add(content);
        if (whole !== undefined) this.#messages(whole, guest);
      } else if (!guest.refused) this.#requests(content, link, guest.hello.role === 'control');
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      link.close(error.message);
    }
  }

  #messages(content: Buffer, { hello: { from: node }, leases }: Guest): void {
    const from = new ByteReader(content);
    const kind = contentOf(from);
    if (kind === 'token') {
      const token = readToken(from);
      this.#o.trace?.receive(token, node);
      return;
    }
    const nowMs = this.#o.clock.nowMs();
    const isFar = (): boolean => this.#pace.waiting > waitingMax;
    const take = (group: number, message: GroupMessage): void => {
      const replica = this.#replicas.get(group);
      if (replica === undefined) return;
      const heard = this.#readOnly ? needsNoDisk(message, replica) : !(appends(message) && isFar());
      if (heard) replica.receive(message, node, nowMs);
    };
    if (kind === 'leases') return leases.read(from, take);
    while (from.left > 0) {
      const { group, message } = readMessage(from);
      take(group, message);
    }
  }

  #requests(content: Buffer, link: Link, control: boolean): void {
    const from = new ByteReader(content);
    while (from.left > 0) this.#request(readRequest(from), link, control);
  }

  #request(request: Request, link: Link, control: boolean): void {
    const replica = this.#replicas.get(request.group);
    const done: Done = ({ status, value }) => {
      const leader = status === 'notLeader' ? this.#leaderNode(request.group) : '';
      this.#answer(link, { id: request.id, status, value, leader });
    };
    const { op } = request;
    if (op.kind === 'build' || op.kind === 'retire' || op.kind === 'reconfigure') {
      if (!control) throw new Malformed('only the control plane changes members');
      this.#change(request.group, op).then(done, () => undefined);
      return;
    }
    if (op.kind === 'where' || op.kind === 'archive' || op.kind === 'checksum') {
      if (!control) throw new Malformed('only the control plane asks for copies');
      this.#scrub(request.group, op).then(done, () => undefined);
      return;
    }
    if (replica === undefined) return done({ status: 'noGroup', value: null });
    try {
      this.#call(replica, request, done);
    } catch (error) {
      if (!(error instanceof ItemsDamaged)) throw error;
      this.#hosting?.damaged(request.group, error);
    }
  }

  #call(replica: Replica, { key, op }: Request, done: Done): void {
    const writes = op.kind === 'put' || op.kind === 'cas';
    if (writes && this.#pace.waiting > waitingMax) done({ status: 'busy', value: null });
    else if (op.kind === 'put') replica.calls.put({ token: op.token, key, value: op.value }, done);
    else if (op.kind === 'cas') {
      const condition = { expected: op.expected };
      replica.calls.put({ token: op.token, key, value: op.value, condition }, done);
    } else if (op.kind === 'get' || op.kind === 'eventualGet')
      replica.calls.read(key, op.kind === 'eventualGet', done);
  }

  #scrub(group: number, ask: ScrubAsk): Promise<CallResult> {
    const items = this.#storage!.itemsOf(group);
    const [replica, archiver] = [this.#replicas.get(group), this.#archiver];
    return answerScrub(ask, { group, replica, items, archiver, clock: this.#o.clock });
  }

  /** A change of the members, or of what is to be one; none answers where the log has stopped. */
  async #change(group: number, op: Change): Promise<CallResult> {
    if (op.kind === 'build') {
      const value = await this.#hosting!.build(group, op.source);
      return value === undefined ? { status: 'failed', value: null } : { status: 'ok', value };
    }
    const done =
      op.kind === 'retire'
        ? await this.#hosting!.retire(group, op.replica, op.epoch)
        : (this.#replicas.get(group)?.reconfigure(op) ?? false);
    this.#archiver?.changed(group);
    return { status: done ? 'ok' : 'failed', value: null };
  }

  #leaderNode(group: number): string {
    const leader = this.#replicas.get(group)?.leader ?? '';
    return this.#hosting?.nodeOf(group, leader) ?? '';
  }

  #answer(link: Link, response: Parameters<typeof writeResponse>[1]): void {
    let answers = this.#answers.get(link);
    if (answers === undefined) {
      this.#settleSoon();
      this.#answers.set(link, (answers = new ByteWriter()));
    }
    writeResponse(answers, response);
    if (answers.length > frameBytesEnough) link.send(answers.take());
  }

  get replicas(): ReadonlyMap<number, Replica> {
    return this.#replicas;
  }

  /** The last slot of a group that is archived, as the node of its leader knows; else 0. */
  archivedOf(group: number): number {
    const { inMemory } = this.#o.region;
    // Where nothing is kept anyway nothing has to be archived either.
    return this.#archiver?.archivedOf(group) ?? (inMemory ? Infinity : 0);
  }

  /** How much of the groups' logs, in slots, this node holds in memory. */
  get slotsHeld(): number {
    let held = 0;
    for (const { state } of this.#replicas.values()) held += state.log.length - state.log.base;
    return held;
  }

  /** Copies of items under way; undefined before it has begun. */
  get copies(): Copies | undefined {
    return this.#hosting?.copies;
  }

  /** Groups that are damaged here, in the log or the items, and not built anew yet. */
  get damagedGroups(): readonly number[] {
    return this.#hosting?.damagedGroups ?? [];
  }

  get archiver(): Archiver | undefined {
    return this.#archiver;
  }

  get region(): string {
    return this.#o.region.region;
  }

  get connectedPeers(): readonly string[] {
    return this.#peers.connected;
  }

  get mode(): LogMode {
    return this.#readOnly ? 'readOnly' : (this.#storage?.mode ?? 'down');
  }

  /** Its disk keeps others waiting: it leads where nobody else does, and only then. */
  get slow(): boolean {
    return this.#pace.slow;
  }

  /** The disk is full: nothing it would promise can be kept, and what is there can be read. */
  #standDown(): void {
    this.#readOnly = true;
    this.#handOver();
  }

  #handOver(mayLeave: (replica: Replica) => boolean = () => true): void {
    for (const replica of this.#replicas.values()) if (mayLeave(replica)) replica.relinquish();
  }

  /** The disk has failed. */
  #stop(error: Error): void {
    if (this.#ended) return;
    void this.close();
    this.#o.stopped(error);
  }

  /** Leaders hand over first; then the log is closed. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#handOver();
    this.#settle();
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    this.#peers.close();
    await this.#listener?.close();
    await this.#archiver?.close();
    await this.#hosting?.close();
    await this.#storage?.close();
  }
}
