/**
 * One replica of a group in its node: the pure protocol of src/protocol/replication, driven by
 * messages, finished fsyncs, time and clients. What must hold: every change of the state is an
 * action of specs/replication, and goes through the drive; what a write makes visible waits for
 * its fsync.
 */
import * as append from '../protocol/replication/append.ts';
import * as calls from '../protocol/replication/calls.ts';
import * as election from '../protocol/replication/election.ts';
import * as lease from '../protocol/replication/lease.ts';
import { hasLease, image, serving } from '../protocol/replication/operators.ts';
import { restart } from '../protocol/replication/recovery.ts';
import { init } from '../protocol/replication/state.ts';
import type {
  Group,
  Image,
  Message,
  Output,
  ReplyOutput,
  SendOutput,
  State,
} from '../protocol/replication/state.ts';
import { sameBallot } from '../protocol/replication/ballot.ts';
import { Drive } from '../world/drive.ts';
import type { Trace } from '../world/drive.ts';
import { recordOf } from './groupRecords.ts';
import type { GroupRecord } from './groupRecords.ts';
import type { Items } from './items.ts';
import type { GroupMessage } from './messageCodec.ts';
import { Suspicion } from './suspicion.ts';
import type { SuspicionTimes } from './suspicion.ts';
import { Tokens } from './tokens.ts';

export interface ReplicaOptions {
  readonly group: Group;
  /** What the log held of it; undefined for a replica that has never run. */
  readonly image: Image | undefined;
  readonly items: Items;
  readonly times: SuspicionTimes;
  readonly nowMs: () => number;
  readonly send: (to: readonly string[], message: GroupMessage) => void;
  /** Kept once the record is durable; no promise where the log has stopped. */
  readonly persist: (record: GroupRecord) => Promise<unknown>;
  /** Something may be seen that was not: replies, commits. Called often; do little. */
  readonly dirty: (replica: Replica) => void;
  readonly trace?: Trace<State, Output>;
}

/** What became of a call. */
export interface CallResult {
  readonly status: 'ok' | 'failed' | 'unknown' | 'notLeader';
  readonly value: string | null;
}

export interface PutCall {
  readonly token: string;
  readonly key: string;
  readonly value: string | null;
  readonly condition?: { readonly expected: string | null };
}

type Done = (result: CallResult) => void;

export class Replica {
  readonly #o: ReplicaOptions;
  readonly #drive: Drive<State, Output>;
  readonly #suspicion: Suspicion;
  readonly #tokens = new Tokens();
  readonly #waiting = new Map<string, Done[]>();
  /** Retries of writes that stand in the log already. */
  #again: { readonly slot: number; readonly done: Done }[] = [];
  #durableWrites = 0;
  #heldAtResend = -1;
  #lost = false;
  /** When it was last seen to hold the lease, or began to lead. */
  #heldLeaseMs = 0;

  constructor(o: ReplicaOptions) {
    this.#o = o;
    const { group } = o;
    const start =
      o.image === undefined
        ? init(group)
        : restart({ group, image: o.image, nowMs: o.nowMs() }).state;
    // A process that begins, for the first time or again: the one step that no action takes.
    o.trace?.('Start', { nowMs: o.nowMs() }, start, start, []);
    this.#drive = new Drive<State, Output>(
      start,
      {
        persist: () => undefined,
        send: (output) => this.#send(output),
        apply: ({ first, commands }) => o.items.apply(first, commands),
        reply: (output) => this.#reply(output),
      },
      o.trace,
    );
    this.#suspicion = new Suspicion({
      self: group.id,
      members: group.members,
      times: o.times,
      nowMs: o.nowMs(),
      ask: (question) => o.send(this.#peers(), question),
      elect: () => this.#elect(),
    });
    this.#tokens.follow(start.log, start.commit);
  }

  get state(): State {
    return this.#drive.state;
  }

  /** Who leads as far as this replica knows, or ''. */
  get leader(): string {
    return this.state.phase === 'leader' ? this.state.group.id : this.#suspicion.leader;
  }

  /** A leader that promised another ballot is deposed, and follows whoever that ballot brings. */
  get #leads(): boolean {
    const { phase, promised, ballot } = this.state;
    return phase === 'leader' && sameBallot(promised, ballot);
  }

  get serving(): boolean {
    return serving(this.state, this.#o.nowMs());
  }

  #peers(): readonly string[] {
    return this.state.group.members.filter((member) => member !== this.state.group.id);
  }

  #send({ to, message }: SendOutput): void {
    if (to.length > 0) this.#o.send(to, message);
  }

  #reply({ call, status, value }: ReplyOutput): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    for (const done of waiting ?? []) done({ status, value });
  }

  /** Takes an action; what it changed of the durable image goes to the log. */
  #act<A extends object>(
    name: string,
    action: (state: State, args: A) => { state: State; outputs: readonly Output[] } | undefined,
    args: A,
  ): boolean {
    const before = this.state;
    if (!this.#drive.act(name, action, args)) return false;
    const after = this.state;
    if (after.unsynced.length > before.unsynced.length) this.#persist(before, after);
    if (after.log !== before.log) this.#tokens.follow(after.log, before.commit);
    if (before.phase === 'leader' && after.phase !== 'leader') this.#steppedDown();
    if (before.phase !== 'leader' && after.phase === 'leader') this.#heldLeaseMs = this.#o.nowMs();
    this.#o.dirty(this);
    return true;
  }

  #persist(before: State, after: State): void {
    const record = recordOf(image(before), image(after), before.commit);
    if (record === undefined) throw new Error('replica: a write changes the image');
    void this.#o.persist(record).then(
      () => {
        this.#durableWrites += 1;
        this.#o.dirty(this);
      },
      // The log has stopped, and with it this node: nothing more becomes durable.
      () => undefined,
    );
  }

  #steppedDown(): void {
    this.#suspicion.vacant(this.#o.nowMs(), this.#o.times.suspectMs);
    for (const { done } of this.#again) done({ status: 'unknown', value: null });
    this.#again = [];
  }

  receive(message: GroupMessage): void {
    const nowMs = this.#o.nowMs();
    if (message.type === 'question') {
      this.#o.send([message.from], this.#answer(message, nowMs));
    } else if (message.type === 'answer') {
      this.#suspicion.receiveAnswer(message, nowMs);
    } else {
      this.#receive(message, nowMs);
      this.#hear(message, nowMs);
    }
  }

  #answer(message: GroupMessage & { type: 'question' }, nowMs: number): GroupMessage {
    if (!this.#leads) return this.#suspicion.answer(message, nowMs);
    const { group } = this.state;
    return { type: 'answer', from: group.id, number: message.number, hears: true };
  }

  #receive(message: Message, nowMs: number): void {
    switch (message.type) {
      case 'prepare':
        this.#act('Promise', election.promise, { message, nowMs });
        return;
      case 'promise':
        this.#act('ReceivePromise', election.receivePromise, { message, nowMs });
        return;
      case 'join':
        this.#act('Join', election.join, { message });
        return;
      case 'accept':
        this.#act('Accept', append.accept, { message });
        return;
      case 'accepted':
        this.#act('ReceiveAccepted', append.receiveAccepted, { message });
        return;
      case 'commit':
        this.#act('LearnCommit', append.learnCommit, { message });
        return;
      case 'renew':
        this.#act('Grant', lease.grant, { message, nowMs });
        return;
      case 'grant':
        this.#act('ReceiveGrant', lease.receiveGrant, { message, nowMs });
        return;
      case 'relinquish':
        this.#act('ReceiveRelinquish', lease.receiveRelinquish, { message });
        return;
    }
  }

  /** What only the leader of the promised ballot sends tells that it is there. */
  #hear(message: Message, nowMs: number): void {
    const { type, ballot } = message;
    if (type === 'relinquish') {
      if (this.#suspicion.leader === ballot.replica) this.#suspicion.vacant(nowMs, 0);
      return;
    }
    if (type !== 'renew' && type !== 'accept' && type !== 'commit' && type !== 'join') return;
    if (!sameBallot(ballot, this.state.promised)) return;
    this.#suspicion.heard(ballot.replica, nowMs);
  }

  #elect(): void {
    const { promised, group } = this.state;
    const ballot = { epoch: promised.epoch, round: promised.round + 1, replica: group.id };
    this.#act('StartElection', election.startElection, { ballot });
  }

  /** Does what finished fsyncs and messages allow: once after each batch of them. */
  settle(): void {
    const writes = this.#durableWrites;
    this.#durableWrites = 0;
    if (writes > 0) this.#act('Persisted', append.persisted, { writes });
    if (this.state.phase !== 'leader') return;
    const nowMs = this.#o.nowMs();
    this.#act('Commit', append.commit, { nowMs });
    while (this.#replyFirst(nowMs));
    this.#replyAgain();
  }

  #replyFirst(nowMs: number): boolean {
    const [first] = this.state.waiting;
    if (first === undefined || first.slot > this.state.commit) return false;
    return this.#act('Reply', calls.reply, { call: first.call, nowMs });
  }

  #replyAgain(): void {
    if (this.#again.length === 0) return;
    const { commit } = this.state;
    for (const { slot, done } of this.#again)
      if (slot <= commit) done({ status: 'ok', value: null });
    this.#again = this.#again.filter(({ slot }) => slot > commit);
  }

  /** Renews the lease this replica leads by. */
  renew(): void {
    if (this.state.phase !== 'leader') return;
    this.#act('Renew', lease.renew, { nowMs: this.#o.nowMs() });
  }

  /** Suspects the leader, or sends again what seems lost. */
  tick(): void {
    const { group } = this.state;
    const nowMs = this.#o.nowMs();
    if (this.#leads) {
      this.settle();
      if (this.#isUseless(nowMs)) this.relinquish();
      else this.#resend();
    } else if (group.storage.includes(group.id)) {
      this.#suspicion.tick(nowMs);
    }
  }

  /** It has led for long without a lease: its members may hear it, and it hears too few of them. */
  #isUseless(nowMs: number): boolean {
    if (hasLease(this.state, nowMs)) this.#heldLeaseMs = nowMs;
    return nowMs - this.#heldLeaseMs > 2 * this.state.group.leaseMs;
  }

  /** What was sent to others until now may not have come. */
  mayHaveLost(): void {
    this.#lost = true;
  }

  /** Sends again what was lost, or where nobody has come further since the last time. */
  #resend(): void {
    const { acked, log } = this.state;
    const held = this.#peers().map((member) => acked[member] ?? 0);
    const sum = held.reduce((a, b) => a + b, 0);
    const stuck =
      this.#lost || (sum === this.#heldAtResend && held.some((slot) => slot < log.length));
    this.#lost = false;
    this.#heldAtResend = sum;
    if (stuck) this.#act('Resend', append.resend, {});
  }

  put({ token, ...args }: PutCall, done: Done): void {
    if (this.state.phase !== 'leader') return done({ status: 'notLeader', value: null });
    const slot = this.#tokens.slotOf(token);
    if (slot !== undefined) {
      this.#again.push({ slot, done });
      this.#o.dirty(this);
      return;
    }
    const waiting = this.#waiting.get(token);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(token, [done]);
    const applied = (key: string): string | null => this.#o.items.get(key);
    if (this.#act('Put', calls.put, { ...args, call: token, applied })) return;
    this.#waiting.delete(token);
    done({ status: 'notLeader', value: null });
  }

  read(key: string, eventual: boolean, done: Done): void {
    const call = '';
    const applied = (name: string): string | null => this.#o.items.get(name);
    this.#waiting.set(call, [done]);
    const nowMs = this.#o.nowMs();
    const answered = eventual
      ? this.#act('EventualRead', calls.eventualRead, { call, key, applied })
      : this.#act('StrongRead', calls.strongRead, { call, key, applied, nowMs });
    if (answered) return;
    this.#waiting.delete(call);
    done({ status: 'notLeader', value: null });
  }

  /** Gives the leadership up, for a planned hand-off. */
  relinquish(): boolean {
    return this.#act('Relinquish', lease.relinquish, {});
  }
}
