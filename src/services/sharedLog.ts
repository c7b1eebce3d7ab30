/**
 * What two members both hold is not sent between them in an election. Logs of one ballot are the
 * log of that ballot's leader, each as far as it goes: so a candidate tells whose log it holds and
 * how much of it, and a promise or a join leaves out what its receiver can put in from its own log.
 * What must hold: put together again it is the message that was made (OneLogInv); else nothing
 * comes of it.
 */
import type { EpochMessage } from '../protocol/membership/state.ts';
import { compareBallots, noBallot, sameBallot } from '../protocol/replication/ballot.ts';
import type { Ballot } from '../protocol/replication/ballot.ts';
import { end } from '../protocol/replication/operators.ts';
import type { Join, Message, PromiseMessage, State } from '../protocol/replication/state.ts';
import { sizeOf } from './commandCodec.ts';
import { trimmed } from './joining.ts';

/** Whose log a candidate holds, and how much of it. */
export interface Holds {
  readonly type: 'holds';
  readonly ballot: Ballot;
  readonly logBallot: Ballot;
  readonly length: number;
}
/** A message without its first entries, so many, which stand in the log of that ballot. */
export interface Partly {
  readonly type: 'partly';
  readonly logBallot: Ballot;
  readonly left: number;
  readonly message: Join | PromiseMessage;
}

/** What is smaller is sent: most elections have nothing to leave out. */
const leftOutBytesMin = 64 << 10;

/** Under a ballot: whose log a member came with, and how long that was. */
type Held = Omit<Holds, 'type'>;

type Sent = Message | EpochMessage | Holds | Partly;

export class SharedLog {
  readonly #state: () => State;
  /** How much a member copied of what is chosen; see joining.ts. */
  readonly #copiedBy: (member: string) => number;
  /** What candidates told, and what those came with that promised this one, by their names. */
  readonly #asked = new Map<string, Held>();
  readonly #promised = new Map<string, Held>();
  #inherited: Held | undefined;

  constructor(state: () => State, copiedBy: (member: string) => number) {
    this.#state = state;
    this.#copiedBy = copiedBy;
  }

  /** What was told of another epoch is of no use. */
  entered(): void {
    this.#asked.clear();
    this.#promised.clear();
  }

  /** Hands on the message that was made, where one came that can be put together. */
  receive(message: Holds | Partly, take: (whole: Join | PromiseMessage) => void): void {
    if (message.type === 'partly') {
      const whole = this.#whole(message);
      if (whole !== undefined) take(whole);
      return;
    }
    const { ballot, logBallot, length } = message;
    this.#asked.set(ballot.replica, { ballot, logBallot, length });
  }

  /** What is sent for a message of the protocol, in this order. */
  sent(message: Message | EpochMessage): readonly Sent[] {
    if (message.type === 'join') {
      const join = this.#join(message);
      return join === undefined ? [] : [join];
    }
    if (message.type === 'prepare') {
      const own = this.#own(message.ballot);
      return own === undefined ? [message] : [{ type: 'holds', ...own }, message];
    }
    if (message.type !== 'promise') return [message];
    const asked = this.#asked.get(message.ballot.replica);
    return [this.#without(message, message.logBallot, asked) ?? message];
  }

  /** What is chosen and large is copied all the same. */
  #join(message: Join): Join | Partly | undefined {
    const { commit } = this.#state();
    const copied = this.#copiedBy(message.to);
    const own = this.#own(message.ballot);
    const held = this.#promised.get(message.to);
    const partly = own && this.#without(message, own.logBallot, held, own.length);
    if (partly?.message.type === 'join') {
      const { left, message: rest } = partly;
      const after = { ...rest, start: rest.start + left };
      if (trimmed(after, copied, commit) === after) return partly;
    }
    return trimmed(message, copied, commit);
  }

  #without(
    message: Join | PromiseMessage,
    logBallot: Ballot,
    held: Held | undefined,
    through = Infinity,
  ): Partly | undefined {
    if (held === undefined || !sameBallot(held.ballot, message.ballot)) return undefined;
    if (!sameBallot(held.logBallot, logBallot)) return undefined;
    const { start, entries } = message;
    const left = Math.min(held.length, through, end(message)) - start;
    let bytes = 0;
    for (const command of entries.slice(0, Math.max(0, left))) bytes += sizeOf(command);
    if (bytes < leftOutBytesMin) return undefined;
    return {
      type: 'partly',
      logBallot,
      left,
      message: { ...message, entries: entries.slice(left) },
    };
  }

  /** What this candidate holds, or held when it won. */
  #own(ballot: Ballot): Held | undefined {
    const { phase, ballot: own, logBallot, log } = this.#state();
    if (phase === 'follower' || !sameBallot(own, ballot)) return undefined;
    if (phase === 'candidate') return { ballot, logBallot, length: log.length };
    return sameBallot(this.#inherited?.ballot ?? noBallot, ballot) ? this.#inherited : undefined;
  }

  /** Undefined: this replica does not hold what was left out. */
  #whole({ logBallot, left, message }: Partly): Join | PromiseMessage | undefined {
    const { log, logBallot: now } = this.#state();
    const { ballot, start, entries } = message;
    const joined = { ballot, logBallot: now, length: log.length };
    const own = message.type === 'promise' ? this.#own(ballot) : joined;
    if (own === undefined || start < log.base || start + left > own.length) return undefined;
    // Who has joined holds what the join brought.
    const same = sameBallot(own.logBallot, logBallot);
    if (!same && !(message.type === 'join' && sameBallot(now, ballot))) return undefined;
    return { ...message, entries: [...log.slice(start + 1, start + left), ...entries] };
  }

  /** A promise is about to be received, and may win the election. */
  receives(message: PromiseMessage): void {
    const { ballot, logBallot, from } = message;
    const { ballot: own, phase, logBallot: ownLogBallot, log, votes } = this.#state();
    if (!sameBallot(own, ballot)) return;
    this.#promised.set(from, { ballot, logBallot, length: end(message) });
    if (phase !== 'candidate') return;
    let best: Held = { ballot, logBallot: ownLogBallot, length: log.length };
    for (const vote of [...votes, message]) {
      const order = compareBallots(vote.logBallot, best.logBallot);
      if (order < 0 || (order === 0 && end(vote) <= best.length)) continue;
      best = { ballot, logBallot: vote.logBallot, length: end(vote) };
    }
    this.#inherited = best;
  }
}
