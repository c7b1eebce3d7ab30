/**
 * A client of a region: strong and eventual reads, writes and conditional writes. It finds the
 * leader of a key's group and tries again, a write under one token, until its time is over. What
 * must hold: an operation is reported failed only where it had no effect; where that is not known,
 * `OutcomeUnknown` says so. Keys take 2 KB and values 1 MB; what is larger is a RangeError.
 */
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { realClock } from '../world/clock.ts';
import type { Clock } from '../world/clock.ts';
import { realWire } from '../world/wire.ts';
import type { Address, Wire } from '../world/wire.ts';
import { Attempts, outcomeOf } from './attempts.ts';
import { NodeLink } from './nodeLink.ts';
import { tooLarge } from './requestCodec.ts';
import type { Request, Response } from './requestCodec.ts';

export interface ClientOptions {
  /** Its name, as its config says; `local` unless given, as `triad dev` names one. */
  readonly region?: string;
  /** How long one operation is tried. */
  readonly timeoutMs?: number;
  readonly wire?: Wire;
  readonly clock?: Clock;
}

export interface NodeAddress {
  readonly id: string;
  readonly address: Address;
  /** A host of log replicas has no answers for clients. */
  readonly role?: 'storage' | 'log';
}

/** The write may have happened, or may still happen. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** No leader was found in time; the operation had no effect. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

/** The nodes are of another region than the client was told; the operation had no effect. */
export class WrongRegion extends Unavailable {
  override readonly name = 'WrongRegion';
}

const pauseMs = 20;
/** A node that does not answer for so long is tried no further for this operation. */
const answerMs = 1_000;

export class Client {
  readonly #links: readonly NodeLink[];
  readonly #groups: number;
  readonly #leaders = new Map<number, NodeLink>();
  readonly #region: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #closed = false;

  constructor(nodes: readonly NodeAddress[], groups: number, o: ClientOptions) {
    const { region = 'local', wire = realWire, clock = realClock, timeoutMs = 10_000 } = o;
    if (!Number.isSafeInteger(groups) || groups < 1) {
      throw new RangeError(`${groups} groups: pass how many the region has, as its config says`);
    }
    this.#region = region;
    this.#groups = groups;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#links = nodes
      .filter(({ role }) => role !== 'log')
      .map(({ id, address }) => new NodeLink({ id, address, region, wire, clock }));
    if (this.#links.length === 0) {
      throw new RangeError("no storage node: pass the nodes of the region's config");
    }
  }

  /** The number of the group that holds a key. */
  groupOf(key: string): number {
    return 1 + (crc32(key) % this.#groups);
  }

  get(key: string): Promise<string | null> {
    return this.#run(key, { kind: 'get' }).then(({ value }) => value);
  }

  /** From any storage replica: maybe not the newest value. */
  eventualGet(key: string): Promise<string | null> {
    return this.#run(key, { kind: 'eventualGet' }).then(({ value }) => value);
  }

  async put(key: string, value: string): Promise<void> {
    await this.#run(key, { kind: 'put', token: randomUUID(), value });
  }

  async delete(key: string): Promise<void> {
    await this.#run(key, { kind: 'put', token: randomUUID(), value: null });
  }

  /** Writes if the key has the expected value, null for none; tells whether it had. */
  async putIf(key: string, value: string | null, expected: string | null): Promise<boolean> {
    const op = { kind: 'cas', token: randomUUID(), value, expected } as const;
    return (await this.#run(key, op)).status === 'ok';
  }

  async #run(key: string, op: Request['op']): Promise<Response> {
    const what = tooLarge({ key, op });
    if (what !== undefined) throw new RangeError(`${what} is not taken`);
    const group = this.groupOf(key);
    const endMs = this.#clock.nowMs() + this.#timeoutMs;
    const writes = op.kind === 'put' || op.kind === 'cas';
    let unsure = false;
    let attempts: Attempts | undefined;
    for (let attempt = 0; !this.#closed; attempt += 1) {
      const leftMs = endMs - this.#clock.nowMs();
      if (leftMs <= 0) break;
      const link = this.#choose(group, attempt, op.kind === 'eventualGet');
      const answer = await link.ask({ group, key, op }, Math.min(leftMs, answerMs));
      const outcome = outcomeOf(answer);
      if (typeof answer !== 'string' && (outcome === 'ok' || outcome === 'failed')) {
        if (op.kind !== 'eventualGet') this.#leaders.set(group, link);
        return answer;
      }
      unsure ||= writes && (outcome === 'unknown' || outcome === 'unanswered');
      attempts ??= new Attempts(this.#links, group);
      attempts.note(link, answer);
      if (attempts.otherRegion !== undefined && !unsure) throw this.#wrongRegion(attempts);
      const leader = typeof answer === 'string' ? '' : answer.leader;
      this.#redirect(group, leader);
      // Another node may know more; once all were asked in vain, they are given time.
      if (leader === '' && (attempt + 1) % this.#links.length === 0) await this.#pause();
    }
    throw this.#failed(key, unsure, attempts);
  }

  #wrongRegion({ otherRegion = '', text }: Attempts): WrongRegion {
    return new WrongRegion(
      `these nodes are of region '${otherRegion}', and the client was made for '${this.#region}': ` +
        `pass { region: '${otherRegion}' } to connect, or the nodes of '${this.#region}' (${text})`,
    );
  }

  #failed(key: string, unsure: boolean, attempts: Attempts | undefined): Error {
    const inTime = this.#closed ? 'before the client was closed' : `in ${this.#timeoutMs} ms`;
    const tried = attempts === undefined ? '' : ` (${attempts.text})`;
    const next =
      attempts?.isSilent === true
        ? `. No node answered: is the region up, and are these its nodes' \`address\`, not \`http\`?`
        : '';
    return unsure
      ? new OutcomeUnknown(`no answer to a write of ${key} ${inTime}${tried}${next}`)
      : new Unavailable(`no leader of ${key} ${inTime}${tried}${next}`);
  }

  #choose(group: number, attempt: number, any: boolean): NodeLink {
    const leader = any ? undefined : this.#leaders.get(group);
    const start = any ? Math.floor(Math.random() * this.#links.length) : group;
    return leader ?? this.#links[(start + attempt) % this.#links.length]!;
  }

  #redirect(group: number, leader: string): void {
    const next = this.#links.find(({ id }) => id === leader);
    if (next === undefined) this.#leaders.delete(group);
    else this.#leaders.set(group, next);
  }

  #pause(): Promise<void> {
    return new Promise((done) => this.#clock.after(pauseMs, done));
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links) link.close();
  }
}

/** A client of the region whose nodes these are; links are made as they are needed. */
export function connect(
  nodes: readonly NodeAddress[],
  groups: number,
  options: ClientOptions = {},
): Client {
  return new Client(nodes, groups, options);
}
