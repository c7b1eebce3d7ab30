/**
 * Whether the leader of a group is to be replaced, as one replica sees it: the failure detector of
 * specs/detection over the term of one leader after the other. A replica that knows of none treats
 * the group as one whose leader is silent.
 */
import * as detector from '../protocol/failureDetector.ts';
import type { Follower, Setup } from '../protocol/failureDetector.ts';
import { sameBallot } from '../protocol/replication/ballot.ts';
import type { Ballot } from '../protocol/replication/ballot.ts';
import type { Message } from '../protocol/replication/state.ts';
import type { Answer, Question } from './messageCodec.ts';

export interface SuspicionTimes {
  /** Silence after which the leader is suspected. */
  readonly suspectMs: number;
  /** How long a replica waits longer for each one that stands before it in the group. */
  readonly staggerMs: number;
  /** Between two questions, or two elections, that came to nothing. */
  readonly retryMs: number;
  /** How long a replica that begins waits longer for each one that stands before it. */
  readonly beginMs: number;
  /** How much later than others this node does anything of it now: its disk is slow. */
  readonly holdBackMs?: () => number;
}

const nobody = '';

export class Suspicion {
  readonly #times: SuspicionTimes;
  readonly #candidates: readonly string[];
  /** How many of those that may lead stand before it, the leader it knew last not counted; or -1. */
  #rank: number;
  readonly #ask: (message: Question) => void;
  readonly #elect: () => void;
  #setup: Setup;
  #state: Follower;
  #seenMs: number;
  /** When the leader was heard last, if nobody has looked since; else -1. */
  #heardMs = -1;
  /** When the next question or election may be made. */
  #nextMs = 0;

  constructor(o: {
    readonly self: string;
    readonly members: readonly string[];
    /** Those members that may lead. */
    readonly candidates: readonly string[];
    readonly times: SuspicionTimes;
    readonly nowMs: number;
    readonly ask: (message: Question) => void;
    readonly elect: () => void;
  }) {
    this.#times = o.times;
    this.#candidates = o.candidates;
    this.#rank = o.candidates.indexOf(o.self);
    this.#ask = o.ask;
    this.#elect = o.elect;
    this.#seenMs = o.nowMs;
    this.#setup = this.#setupFor(o.self, o.members, nobody);
    this.#state = { ...detector.init('follower', this.#setup), left: 0, heard: 0 };
    this.#nextMs = o.nowMs + this.#rank * o.times.beginMs + this.#patience();
  }

  #setupFor(self: string, members: readonly string[], leader: string): Setup {
    const { suspectMs } = this.#times;
    return {
      self,
      members,
      leader,
      timeout: suspectMs,
      interval: 1,
      questionMax: Number.MAX_SAFE_INTEGER,
    };
  }

  #patience(): number {
    return this.#rank * this.#times.staggerMs + (this.#times.holdBackMs?.() ?? 0);
  }

  /** The leader as this replica knows it, or '' for none. */
  get leader(): string {
    return this.#setup.leader;
  }

  /** The leader was heard, or another one than before. */
  heard(leader: string, nowMs: number): void {
    // Where nothing was to be asked, the last time that the leader was heard is the one that counts.
    if (leader === this.#setup.leader && this.#state.phase === 'following') this.#heardMs = nowMs;
    else this.#hear(leader, nowMs);
  }

  /** What is put off until somebody looks. */
  #catchUp(): void {
    if (this.#heardMs >= 0) this.#hear(this.#setup.leader, this.#heardMs);
  }

  #hear(leader: string, nowMs: number): void {
    this.#heardMs = -1;
    this.#advance(nowMs);
    if (leader !== this.#setup.leader) {
      const { self, members } = this.#setup;
      this.#setup = this.#setupFor(self, members, leader);
      this.#rank = this.#candidates.filter((each) => each !== leader).indexOf(self);
      this.#state = { ...detector.init('follower', this.#setup), question: this.#state.question };
      this.#nextMs = nowMs + this.#state.left + this.#patience();
      return;
    }
    this.#take(detector.receiveHeartbeat(this.#state, this.#setup));
    if (this.#state.left > 0) this.#nextMs = nowMs + this.#state.left + this.#patience();
  }

  /**
   * What only the leader of the promised ballot sends tells that it is there. True where that is
   * another one than this replica knew.
   */
  hear({ type, ballot }: Message, promised: Ballot, nowMs: number): boolean {
    const before = this.leader;
    if (type === 'relinquish') {
      if (before === ballot.replica) this.handedOver(nowMs);
    } else if (sameBallot(ballot, promised)) {
      if (type === 'prepare') this.yields(nowMs);
      if (type === 'renew' || type === 'accept' || type === 'commit' || type === 'join')
        this.heard(ballot.replica, nowMs);
    }
    return this.leader !== before;
  }

  /** The leader gave up: there is none to wait for, but this replica lets others go first. */
  vacant(nowMs: number, waitMs: number): void {
    const { self, members } = this.#setup;
    this.#setup = this.#setupFor(self, members, nobody);
    this.#heardMs = -1;
    const { question } = this.#state;
    this.#state = { ...detector.init('follower', this.#setup), question, left: 0, heard: 0 };
    this.#seenMs = nowMs;
    this.#nextMs = nowMs + waitMs + this.#patience();
  }

  /**
   * The leader itself said that it leads no more: nobody needs to be asked, and the first of the
   * others stands for election now. They give it time: two that win one after the other cost a lease.
   */
  handedOver(nowMs: number): void {
    this.vacant(nowMs, this.#rank > 0 ? this.#times.retryMs : 0);
    if (this.#rank < 0 || this.#patience() > 0) return;
    this.#nextMs = nowMs + this.#times.retryMs;
    this.#elect();
  }

  /** Another one stands for election, and this replica has promised it: that one is given time. */
  yields(nowMs: number): void {
    this.#catchUp();
    this.#nextMs = Math.max(this.#nextMs, nowMs + this.#times.retryMs + this.#patience());
  }

  #advance(nowMs: number): void {
    this.#state = detector.advance(this.#state, { elapsed: nowMs - this.#seenMs });
    if (this.#state.left > 0) this.#nextMs = nowMs + this.#state.left + this.#patience();
    this.#seenMs = nowMs;
  }

  #take(step: detector.Step<Follower> | undefined): void {
    if (step === undefined) return;
    this.#state = step.state;
    for (const output of step.outputs) if (output.kind === 'elect') this.#elect();
  }

  /** A tick before has nothing to do, unless something is received. */
  get dueMs(): number {
    if (this.#heardMs >= 0)
      return this.#heardMs + this.#setup.timeout + Math.max(0, this.#patience());
    return Math.max(this.#seenMs + this.#state.left, this.#nextMs);
  }

  /** Asks where it is time; after an election that came to nothing, everything anew. */
  tick(nowMs: number): void {
    this.#catchUp();
    // Most ticks find that the leader was heard not long ago.
    if (nowMs - this.#seenMs < this.#state.left) return;
    this.#advance(nowMs);
    if (this.#state.left > 0 || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + this.#times.retryMs + this.#patience();
    if (this.#state.phase === 'electing') this.#state = { ...this.#state, phase: 'following' };
    const step = detector.ask(this.#state, this.#setup);
    if (step === undefined) return;
    this.#state = step.state;
    this.#ask({ type: 'question', from: this.#setup.self, number: this.#state.question });
    // In a group of one there is nobody to ask.
    this.#take(detector.elect(this.#state, this.#setup));
  }

  /** Whether it hears the leader itself. */
  answer({ from, number }: Question, nowMs: number): Answer {
    this.#catchUp();
    this.#advance(nowMs);
    const to = this.#setup.self;
    const asked = { type: 'Question', from, to, number } as const;
    const [output] = detector.answer(this.#state, { message: asked }).outputs;
    const hears =
      output?.kind === 'send' && output.message.type === 'Answer' && output.message.hears;
    return { type: 'answer', from: to, number, hears };
  }

  receiveAnswer({ from, number, hears }: Answer, nowMs: number): void {
    this.#catchUp();
    this.#advance(nowMs);
    const to = this.#setup.self;
    const message = { type: 'Answer', from, to, number, hears } as const;
    this.#take(detector.receiveAnswer(this.#state, { message }, this.#setup));
    this.#take(detector.elect(this.#state, this.#setup));
  }
}
