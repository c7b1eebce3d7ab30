/**
 * A storage node: one process that holds replicas of many groups, with one log, one link to each
 * peer and one clock for all of them. What must hold: after its log stops, the node does nothing
 * more; what it reads from links either is a message of its region or closes the link.
 */
import type { LogMode } from '../storage/log.ts';
import { ByteReader, ByteWriter, Malformed } from '../world/bytes.ts';
import type { Clock, Timer } from '../world/clock.ts';
import type { Disk } from '../world/disk.ts';
import type { Link, Listener, Wire } from '../world/wire.ts';
import { readHello } from './hello.ts';
import type { Hello } from './hello.ts';
import { isToken, readMessage, readToken } from './messageCodec.ts';
import type { GroupMessage } from './messageCodec.ts';
import type { GroupConfig, NodeEntry, RegionConfig } from './nodeConfig.ts';
import { NodeStorage } from './nodeStorage.ts';
import { Peers } from './peers.ts';
import { Replica } from './replica.ts';
import type { CallResult } from './replica.ts';
import type { RegionTrace } from './replicationTrace.ts';
import { readRequest, writeResponse } from './requestCodec.ts';
import type { Request } from './requestCodec.ts';

const tickMs = 100;
/** Of the lease: what is left of it after an election has to be waited out anyway. */
const suspectShare = 0.6;
const staggerMs = 25;
const retryMs = 300;

export interface StorageNodeOptions {
  readonly region: RegionConfig;
  readonly node: string;
  readonly disk: Disk;
  /** Where the items lie; undefined: in memory. */
  readonly itemsFolder: string | undefined;
  readonly wire: Wire;
  readonly clock: Clock;
  /** The log has failed, or the disk: the node is of no use any more. */
  readonly stopped: (error: Error) => void;
  readonly trace?: RegionTrace;
}

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
  readonly #dirty = new Set<Replica>();
  readonly #hellos = new Map<Link, Hello>();
  readonly #answers = new Map<Link, ByteWriter>();
  readonly #timers: Timer[] = [];
  #listener: Listener | undefined;
  #ended = false;
  #readOnly = false;

  private constructor(o: StorageNodeOptions) {
    this.entry = entryOf(o);
    this.#o = o;
    const { wire, clock } = o;
    const { nodes, region } = o.region;
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
      node.#begin(
        await NodeStorage.open({
          disk,
          itemsFolder,
          clock,
          full: () => node.#standDown(),
          failed: (error) => node.#stop(error),
        }),
      );
      await node.#listen();
    } catch (error) {
      await node.close();
      throw error;
    }
    return node;
  }

  /** A group that is in quarantine gets no replica: it neither votes nor serves. */
  #begin(storage: NodeStorage): void {
    this.#storage = storage;
    for (const group of this.#o.region.groups) {
      const own = group.members.some(({ node }) => node === this.#o.node);
      if (!own || storage.modeOf(group.number) === 'quarantined') continue;
      this.#replicas.set(group.number, this.#replica(group, storage));
    }
  }

  #replica(group: GroupConfig, storage: NodeStorage): Replica {
    const { region, clock, trace } = this.#o;
    const { leaseMs, driftMs } = region;
    const own = group.members.find(({ node }) => node === this.#o.node)!;
    const nodeOf = new Map(group.members.map(({ replica, node }) => [replica, node]));
    const send = (to: readonly string[], message: GroupMessage): void => {
      for (const member of to) {
        const node = nodeOf.get(member);
        if (node !== undefined) this.#peers.send(node, group.number, message);
      }
    };
    return new Replica({
      group: {
        id: own.replica,
        members: group.members.map(({ replica }) => replica),
        storage: group.members.filter(({ role }) => role === 'storage').map((m) => m.replica),
        leaseMs,
        driftMs,
      },
      image: storage.imageOf(group.number),
      items: storage.itemsOf(group.number),
      times: { suspectMs: Math.ceil(leaseMs * suspectShare), staggerMs, retryMs },
      nowMs: () => clock.nowMs(),
      send,
      persist: (record) => storage.append(group.number, record),
      dirty: (replica) => this.#touch(replica),
      ...(trace !== undefined && { trace: trace.of(group.number, own.replica) }),
    });
  }

  #touch(replica: Replica): void {
    if (this.#dirty.size === 0) queueMicrotask(() => this.#settle());
    this.#dirty.add(replica);
  }

  #settle(): void {
    if (this.#ended) return;
    // What settling touches again is settled in the same turn.
    for (const replica of this.#dirty) {
      replica.settle();
      this.#dirty.delete(replica);
    }
    for (const [link, answers] of this.#answers) link.send(answers.take());
    this.#answers.clear();
  }

  async #listen(): Promise<void> {
    const { region, wire, clock } = this.#o;
    this.#listener = await wire.listen(this.entry.address, {
      frame: (content, link) => this.#frame(content, link),
      closed: (link) => this.#hellos.delete(link),
    });
    this.#timers.push(
      clock.every(tickMs, () => {
        if (this.#readOnly) return;
        for (const replica of this.#replicas.values()) replica.tick();
      }),
      clock.every(Math.floor(region.leaseMs / 3), () => this.#renewAll()),
    );
  }

  #renewAll(): void {
    for (const replica of this.#replicas.values()) replica.renew();
  }

  #frame(content: Buffer, link: Link): void {
    if (this.#ended) return;
    try {
      const hello = this.#hellos.get(link);
      if (hello === undefined) this.#greet(content, link);
      else if (hello.role === 'peer') this.#messages(content);
      else this.#requests(content, link);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      link.close(error.message);
    }
  }

  #greet(content: Buffer, link: Link): void {
    const hello = readHello(content);
    const { region, nodes } = this.#o.region;
    const known = hello.role === 'client' || nodes.some(({ id }) => id === hello.from);
    if (hello.region !== region || !known) throw new Malformed('of another region');
    this.#hellos.set(link, hello);
  }

  #messages(content: Buffer): void {
    const from = new ByteReader(content);
    if (isToken(content)) return this.#o.trace?.receive(readToken(from));
    while (from.left > 0) {
      const { group, message } = readMessage(from);
      this.#replicas.get(group)?.receive(message);
    }
  }

  #requests(content: Buffer, link: Link): void {
    const from = new ByteReader(content);
    while (from.left > 0) this.#request(readRequest(from), link);
  }

  #request(request: Request, link: Link): void {
    const replica = this.#replicas.get(request.group);
    const done = ({ status, value }: CallResult | { status: 'noGroup'; value: null }): void => {
      const leader = status === 'notLeader' ? this.#leaderNode(request.group) : '';
      this.#answer(link, { id: request.id, status, value, leader });
    };
    if (replica === undefined) return done({ status: 'noGroup', value: null });
    const { key, op } = request;
    if (op.kind === 'put') replica.put({ token: op.token, key, value: op.value }, done);
    else if (op.kind === 'cas') {
      const condition = { expected: op.expected };
      replica.put({ token: op.token, key, value: op.value, condition }, done);
    } else replica.read(key, op.kind === 'eventualGet', done);
  }

  #leaderNode(group: number): string {
    const leader = this.#replicas.get(group)?.leader ?? '';
    const config = this.#o.region.groups.find(({ number }) => number === group);
    return config?.members.find(({ replica }) => replica === leader)?.node ?? '';
  }

  #answer(link: Link, response: Parameters<typeof writeResponse>[1]): void {
    let answers = this.#answers.get(link);
    if (answers === undefined) {
      if (this.#answers.size === 0 && this.#dirty.size === 0) queueMicrotask(() => this.#settle());
      this.#answers.set(link, (answers = new ByteWriter()));
    }
    writeResponse(answers, response);
  }

  get replicas(): ReadonlyMap<number, Replica> {
    return this.#replicas;
  }

  get region(): string {
    return this.#o.region.region;
  }

  get connectedPeers(): readonly string[] {
    return this.#peers.connected;
  }

  get mode(): LogMode {
    return this.#storage?.mode ?? 'down';
  }

  /** The disk is full: nothing it would promise can be kept, and what is there can be read. */
  #standDown(): void {
    this.#readOnly = true;
    for (const replica of this.#replicas.values()) replica.relinquish();
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
    for (const replica of this.#replicas.values()) replica.relinquish();
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    await Promise.resolve();
    this.#peers.close();
    await this.#listener?.close();
    await this.#storage?.close();
  }
}
