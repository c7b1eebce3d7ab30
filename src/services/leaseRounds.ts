/**
 * Renewals of leases, or grants, of all groups between two nodes as one frame. From one round to the
 * next they are the same but for the time: a list that the other end has is named by its number.
 * What must hold: the reader gives what the writer was given, in order; a list is named only on the
 * link that brought it.
 */
import type { Ballot } from '../protocol/replication/ballot.ts';
import type { GrantMessage, Renew } from '../protocol/replication/state.ts';
import { Malformed } from '../world/bytes.ts';
import type { ByteReader } from '../world/bytes.ts';
import { readBallot, writeBallot } from './commandCodec.ts';
import { otherFrame } from './messageCodec.ts';

export type LeaseMessage = Renew | GrantMessage;

/** A type's number on the wire is its place here. */
const types = ['renew', 'grant'] as const;
/** What one round carries; the rest goes as messages do. */
const roundMax = 65_536;

interface Lease {
  readonly group: number;
  readonly ballot: Ballot;
  /** The grantor; '' in a renewal. */
  readonly from: string;
}

const grantorOf = (message: LeaseMessage): string => (message.type === 'grant' ? message.from : '');

/** Of one type, to one node. */
export class LeaseWriter {
  readonly #type: LeaseMessage['type'];
  /** What the other end has, and under which number. */
  #said: readonly Lease[] = [];
  #number = 0;
  /** The round so far: the first `count` of what was said, or a list of its own. */
  #own: Lease[] | undefined;
  #count = 0;
  #sentAtMs = 0;

  constructor(type: LeaseMessage['type']) {
    this.#type = type;
  }

  get length(): number {
    return this.#count;
  }

  /** False where it does not go with the rest of the round. */
  add(group: number, message: LeaseMessage): boolean {
    const { ballot, sentAtMs } = message;
    if (this.#count === 0) this.#sentAtMs = sentAtMs;
    else if (this.#sentAtMs !== sentAtMs || this.#count >= roundMax) return false;
    const from = grantorOf(message);
    if (this.#own === undefined) {
      const said = this.#said[this.#count];
      const isSame = said?.group === group && said.ballot === ballot && said.from === from;
      if (!isSame) this.#own = this.#said.slice(0, this.#count);
    }
    this.#own?.push({ group, ballot, from });
    this.#count += 1;
    return true;
  }

  /** The round as a frame; the next one begins. */
  take(): Buffer {
    if (this.#count < this.#said.length) this.#own ??= this.#said.slice(0, this.#count);
    const list = this.#own;
    if (list !== undefined) this.#number += 1;
    const to = otherFrame('leases').byte(types.indexOf(this.#type)).count(this.#number);
    to.count(this.#sentAtMs).flag(list !== undefined);
    if (list !== undefined) {
      this.#said = list;
      to.list(list, (each, { group, ballot, from }) => {
        each.count(group);
        writeBallot(each, ballot);
        if (this.#type === 'grant') each.text(from);
      });
    }
    this.#own = undefined;
    this.#count = 0;
    return to.take();
  }
}

/** What one link has brought. */
export class LeaseReader {
  readonly #lists = types.map(() => ({ number: 0, leases: [] as readonly Lease[] }));

  /** Hands over the messages of a round, one by one. */
  read(from: ByteReader, take: (group: number, message: LeaseMessage) => void): void {
    const tag = from.byte();
    const type = types[tag];
    if (type === undefined) throw new Malformed(`no round of leases: ${tag}`);
    const number = from.count();
    const sentAtMs = from.count();
    if (from.flag()) {
      const leases = from.list((each) => ({
        group: each.count(),
        ballot: readBallot(each),
        from: type === 'grant' ? each.text() : '',
      }));
      this.#lists[tag] = { number, leases };
    }
    from.end();
    const list = this.#lists[tag];
    if (list?.number !== number) throw new Malformed(`no list ${number} of leases came before`);
    for (const { group, ballot, from: grantor } of list.leases) {
      if (type === 'renew') take(group, { type, ballot, sentAtMs });
      else take(group, { type, ballot, from: grantor, sentAtMs });
    }
  }
}
