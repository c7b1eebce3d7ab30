/**
 * The links to the other nodes: one to each, made anew when it is lost, shared by all groups.
 * Messages of one turn leave in one frame. What must hold: what cannot be sent is dropped, as the
 * network may drop it, and never waits for a peer that is away.
 */
import { ByteWriter } from '../world/bytes.ts';
import type { Clock, Timer } from '../world/clock.ts';
import type { Address, Link, Wire } from '../world/wire.ts';
import { writeHello } from './hello.ts';
import { LeaseWriter } from './leaseRounds.ts';
import { writeMessage, writeToken } from './messageCodec.ts';
import type { GroupMessage } from './messageCodec.ts';
import { framesOf } from './parts.ts';

/** Of a group and of one of these types only the last of a turn is sent: it tells more. */
const overtaking: ReadonlySet<GroupMessage['type']> = new Set(['accepted', 'commit']);
/** A frame is sent before it grows much beyond this. */
const frameBytesEnough = 1 << 20;
const redialMs = 100;

interface Pending {
  readonly group: number;
  readonly message: GroupMessage;
}

const leaseWriters = () => ({ renew: new LeaseWriter('renew'), grant: new LeaseWriter('grant') });

class Peer {
  readonly #o: PeersOptions;
  readonly #address: Address;
  /** What leaves next, oldest first; undefined: overtaken. */
  #pending: (Pending | undefined)[] = [];
  readonly #latest = new Map<string, number>();
  readonly #frame = new ByteWriter();
  #leases = leaseWriters();
  #link: Link | undefined;
  /** Something was not sent, since the other end had not taken enough. */
  #dropped = false;
  #redial: Timer | undefined;
  #closed = false;

  constructor(address: Address, o: PeersOptions) {
    this.#address = address;
    this.#o = o;
    this.#dial();
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }

  #dial(): void {
    this.#redial = undefined;
    const { wire, self, region } = this.#o;
    const lost = (): void => {
      this.#link = undefined;
      if (this.#closed) return;
      this.#redial ??= this.#o.clock.after(redialMs, () => this.#dial());
    };
    // A peer answers by a link of its own: what comes on this one is not ours to read.
    wire.connect(this.#address, { frame: (_, link) => link.close(), closed: lost }).then((link) => {
      if (this.#closed) return link.close();
      this.#link = link;
      this.#leases = leaseWriters();
      link.send(writeHello({ role: 'peer', region, from: self }));
      this.#o.connected();
    }, lost);
  }

  /** Whether there is something to send now. */
  add(group: number, message: GroupMessage): boolean {
    if (this.#link === undefined) return false;
    if (message.type === 'renew' || message.type === 'grant') {
      if (this.#leases[message.type].add(group, message)) return true;
    }
    if (overtaking.has(message.type)) {
      const about = `${group} ${message.type}`;
      const before = this.#latest.get(about);
      if (before !== undefined) this.#pending[before] = undefined;
      this.#latest.set(about, this.#pending.length);
    }
    this.#pending.push({ group, message });
    return true;
  }

  flush(): void {
    for (const leases of [this.#leases.renew, this.#leases.grant]) {
      // Where a list does not leave, the other end must not be told its number.
      if (leases.length > 0 && !this.#send(leases.take())) this.#leases = leaseWriters();
    }
    for (const pending of this.#pending) {
      if (pending === undefined) continue;
      writeMessage(this.#frame, pending.group, pending.message);
      if (this.#frame.length > frameBytesEnough) this.#leave();
    }
    if (this.#frame.length > 0) this.#leave();
    if (this.#pending.length === 0) return;
    this.#pending = [];
    this.#latest.clear();
  }

  #leave(): void {
    this.#send(this.#frame.take());
  }

  #send(frame: Buffer): boolean {
    const { token } = this.#o;
    if (token !== undefined) this.#link?.send(writeToken(token()));
    const sent = framesOf(frame).every((part) => this.#link?.send(part) ?? false);
    // As after a link was lost: what a group at rest has said would not be said again.
    if (sent && this.#dropped) this.#o.connected();
    this.#dropped = !sent;
    return sent;
  }

  close(): void {
    this.#closed = true;
    this.#redial?.cancel();
    this.#link?.close();
  }
}

export interface PeersOptions {
  readonly self: string;
  readonly region: string;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly nodes: readonly { readonly id: string; readonly address: Address }[];
  /** A link was made, maybe anew, or takes more again: what was sent before may be lost. */
  readonly connected: () => void;
  /** The recorder's, sent before each frame of messages; undefined where nothing is recorded. */
  readonly token?: () => number;
}

export class Peers {
  readonly #o: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #flush = new Set<Peer>();

  constructor(o: PeersOptions) {
    this.#o = o;
    for (const { id, address } of o.nodes) {
      if (id !== o.self) this.#peers.set(id, new Peer(address, o));
    }
  }

  send(node: string, group: number, message: GroupMessage): void {
    const peer = this.#peers.get(node);
    if (peer === undefined || !peer.add(group, message)) return;
    if (this.#flush.size === 0) this.#o.clock.soon(() => this.flush());
    this.#flush.add(peer);
  }

  /** Sends what waits, at the latest when what has come in is dealt with. */
  flush(): void {
    for (const peer of this.#flush) peer.flush();
    this.#flush.clear();
  }

  get connected(): readonly string[] {
    return [...this.#peers].filter(([, peer]) => peer.connected).map(([id]) => id);
  }

  close(): void {
    for (const peer of this.#peers.values()) peer.close();
  }
}
