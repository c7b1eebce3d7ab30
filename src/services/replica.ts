/**
 * One replica of a group in its node: the pure protocol of src/protocol/membership, and of
 * src/protocol/replication within an epoch, driven by messages, finished fsyncs, time and clients.
 * What must hold: every change of the state is an action of specs/membership, and goes through the
 * drive; what a write makes visible waits for its fsync.
 */
import { serving } from '../protocol/membership/operators.ts';
import type { Configuration, EpochMessage, Output, State } from '../protocol/membership/state.ts';
import { CommandLog } from '../protocol/replication/commandLog.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import { hasLease, image } from '../protocol/replication/operators.ts';
import type { Message, ReplyOutput } from '../protocol/replication/state.ts';
import { sameBallot } from '../protocol/replication/ballot.ts';
import { Drive } from '../world/drive.ts';
import { actions, received } from './actions.ts';
import type { Action } from './actions.ts';
import { CatchUp } from './catchUp.ts';
import { copyRecord, recordOf } from './groupRecords.ts';
import type { CopyAsk, GroupMessage } from './messageCodec.ts';
import { beginning } from './replicaOptions.ts';
import type { ReplicaOptions } from './replicaOptions.ts';
import { Suspicion } from './suspicion.ts';
import { Tokens } from './tokens.ts';

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
  #suspicion: Suspicion;
  readonly #catchUp: CatchUp;
  readonly #tokens = new Tokens();
  readonly #waiting = new Map<string, Done[]>();
  /** Retries of writes that stand in the log already. */
  #again: { readonly slot: number; readonly done: Done }[] = [];
  #durableWrites = 0;
  #heldAtResend = -1;
  #lost = false;
  /** Whom the next announcement is for; undefined: all members. */
  #asker: string | undefined;
  #leftOut = false;
  /** When it was last seen to hold the lease, or began to lead. */
  #heldLeaseMs = 0;

  constructor(o: ReplicaOptions) {
    this.#o = o;
    const { start, copied } = beginning(o);
    // A process that begins, for the first time or again: the one step that no action takes.
    o.trace?.('Start', { nowMs: o.nowMs() }, start, start, []);
    this.#drive = new Drive<State, Output>(
      start,
      {
        persist: () => undefined,
        send: ({ to, message }) => this.#send(to, message),
        apply: ({ first, commands }) => this.#apply(first, commands),
        reply: (output) => this.#reply(output),
      },
      o.trace,
    );
    this.#suspicion = this.#suspect();
    this.#catchUp = new CatchUp({
      state: () => this.state,
      nowMs: o.nowMs,
      sendTo: o.sendTo,
      keep: (at, entries) => void o.persist(copyRecord(at, entries)).catch(() => undefined),
      copied,
    });
    this.#tokens.follow(start.log, start.commit);
  }

  #suspect(): Suspicion {
    const { times, nowMs, send, identity } = this.#o;
    return new Suspicion({
      self: identity.id,
      members: this.state.group.members,
      candidates: this.state.group.storage,
      times,
      nowMs: nowMs(),
      ask: (question) => send(this.#peers(), question),
      elect: () => this.#elect(),
    });
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

  #send(to: readonly string[], message: Message | EpochMessage): void {
    if (this.#asker !== undefined) this.#o.sendTo(this.#asker, message);
    else if (to.length > 0) this.#o.send(to, message);
  }

  /** A log replica keeps the log alone. */
  #apply(first: number, commands: readonly Command[]): void {
    const { id, storage } = this.state.group;
    if (storage.includes(id)) this.#o.items.apply(first, commands);
  }

  #reply({ call, status, value }: ReplyOutput): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    for (const done of waiting ?? []) done({ status, value });
  }

  /** Takes an action; what it changed of the durable image goes to the log. */
  #act<A extends object>(name: string, action: Action<A>, args: A): boolean {
    const before = this.state;
    if (!this.#drive.act(name, action, args)) return false;
    const after = this.state;
    if (after.unsynced.length > before.unsynced.length) this.#persist(before, after);
    if (after.log !== before.log) this.#tokens.follow(after.log, before.commit);
    if (before.phase === 'leader' && after.phase !== 'leader') this.#steppedDown();
    if (before.phase !== 'leader' && after.phase === 'leader') this.#heldLeaseMs = this.#o.nowMs();
    if (after.epoch !== before.epoch) this.#entered(before);
    this.#o.dirty(this);
    return true;
  }

  #persist(before: State, after: State): void {
    const kept = image(before);
    const copied = before.epoch === 0 && after.epoch > 0;
    const was = copied ? { ...kept, log: CommandLog.of(this.#catchUp.entries) } : kept;
    const record = recordOf(was, image(after), before.commit);
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

  /** Who led the last epoch leads this one, where it may: the others let it go first. */
  #entered(before: State): void {
    this.#catchUp.entered();
    this.#suspicion = this.#suspect();
    const nowMs = this.#o.nowMs();
    if (before.phase === 'leader') this.#elect();
    else this.#suspicion.vacant(nowMs, this.#o.times.retryMs);
  }

  #steppedDown(): void {
    this.#suspicion.vacant(this.#o.nowMs(), this.#o.times.suspectMs);
    for (const { done } of this.#again) done({ status: 'unknown', value: null });
    this.#again = [];
  }

  /** A message that another node sent. */
  receive(message: GroupMessage, node: string): void {
    const nowMs = this.#o.nowMs();
    switch (message.type) {
      case 'question':
        if (!this.state.group.members.includes(message.from))
          this.#announce(node, this.state.opened);
        this.#o.send([message.from], this.#answer(message, nowMs));
        return;
      case 'answer':
        this.#suspicion.receiveAnswer(message, nowMs);
        return;
      case 'epoch':
        this.#install(message, node);
        return;
      case 'copyAsk':
        this.#copy(message, node);
        return;
      case 'copy':
        this.#catchUp.receive(message, node);
        return;
      default:
        this.#receive(message, node, nowMs);
        this.#hear(message, nowMs);
    }
  }

  #answer(message: GroupMessage & { type: 'question' }, nowMs: number): GroupMessage {
    if (!this.#leads) return this.#suspicion.answer(message, nowMs);
    const { group } = this.state;
    return { type: 'answer', from: group.id, number: message.number, hears: true };
  }

  /** Of an older epoch, it is told of this one; of a newer one, it is asked how that began. */
  #receive(message: Message, node: string, nowMs: number): void {
    const { epoch, opened } = this.state;
    if (message.ballot.epoch > epoch) this.#catchUp.behind(node);
    else if (message.ballot.epoch < epoch) this.#announce(node, opened);
    else {
      const [name, action] = received[message.type];
      this.#act(name, action as Action<object>, { message, nowMs });
    }
  }

  #announce(node: string, start: number): void {
    this.#asker = node;
    this.#act('Announce', actions.Announce, { start });
    this.#asker = undefined;
  }

  #copy(ask: CopyAsk, node: string): void {
    const piece = this.#catchUp.answer(ask);
    if (piece !== undefined) this.#o.sendTo(node, piece);
    const { epoch, opened } = this.state;
    const have = ask.have + (piece?.entries.length ?? 0);
    if (ask.epoch < epoch && have >= opened) this.#announce(node, opened);
  }

  #install(message: EpochMessage, node: string): void {
    const { epoch, group } = this.state;
    if (message.epoch <= epoch) return;
    if (!message.members.includes(group.id)) {
      // One that waits may become a member later.
      this.#leftOut ||= epoch > 0;
      return;
    }
    const whole = this.#catchUp.completed(message);
    if (whole === undefined) this.#catchUp.behind(node);
    else this.#act('Install', actions.Install, { message: whole });
  }

  /** What only the leader of the promised ballot sends tells that it is there. */
  #hear(message: Message, nowMs: number): void {
    const { type, ballot } = message;
    if (type === 'relinquish') {
      if (this.#suspicion.leader === ballot.replica) this.#suspicion.handedOver(nowMs);
      return;
    }
    if (type !== 'renew' && type !== 'accept' && type !== 'commit' && type !== 'join') return;
    if (!sameBallot(ballot, this.state.promised)) return;
    this.#suspicion.heard(ballot.replica, nowMs);
  }

  #elect(): void {
    const { promised, group, epoch } = this.state;
    const ballot = { epoch, round: promised.round + 1, replica: group.id };
    this.#act('StartElection', actions.StartElection, { ballot });
  }

  /** Does what finished fsyncs and messages allow: once after each batch of them. */
  settle(): void {
    const writes = this.#durableWrites;
    this.#durableWrites = 0;
    if (writes > 0) this.#act('Persisted', actions.Persisted, { writes });
    if (this.state.phase !== 'leader') return;
    const nowMs = this.#o.nowMs();
    if (this.state.commit < this.state.log.length) this.#act('Commit', actions.Commit, { nowMs });
    while (this.#replyFirst(nowMs));
    this.#replyAgain();
  }

  #replyFirst(nowMs: number): boolean {
    const [first] = this.state.waiting;
    if (first === undefined || first.slot > this.state.commit) return false;
    return this.#act('Reply', actions.Reply, { call: first.call, nowMs });
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
    this.#act('Renew', actions.Renew, { nowMs: this.#o.nowMs() });
  }

  /** Suspects the leader, or sends again what seems lost. */
  tick(): void {
    const { group, commit, log, waiting } = this.state;
    const nowMs = this.#o.nowMs();
    this.#catchUp.tick();
    if (this.#leads) {
      if (commit < log.length || waiting.length > 0) this.settle();
      if (this.#isUseless(nowMs)) this.relinquish();
      else this.#resend();
    } else if (group.storage.includes(group.id) && !this.#leftOut) {
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
    const { acked, log, group } = this.state;
    let [sum, least] = [0, log.length];
    for (const member of group.members) {
      if (member === group.id) continue;
      const held = acked[member] ?? 0;
      sum += held;
      least = Math.min(least, held);
    }
    const stuck = this.#lost || (sum === this.#heldAtResend && least < log.length);
    this.#lost = false;
    this.#heldAtResend = sum;
    if (stuck) this.#act('Resend', actions.Resend, {});
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
    if (this.#act('Put', actions.Put, { ...args, call: token, applied })) return;
    this.#waiting.delete(token);
    done({ status: 'notLeader', value: null });
  }

  read(key: string, eventual: boolean, done: Done): void {
    const call = '';
    const applied = (name: string): string | null => this.#o.items.get(name);
    this.#waiting.set(call, [done]);
    const nowMs = this.#o.nowMs();
    const answered = eventual
      ? !this.#leftOut && this.#act('EventualRead', actions.EventualRead, { call, key, applied })
      : this.#act('StrongRead', actions.StrongRead, { call, key, applied, nowMs });
    if (answered) return;
    this.#waiting.delete(call);
    done({ status: 'notLeader', value: null });
  }

  /** Gives the leadership up, for a planned hand-off. */
  relinquish(): boolean {
    return this.#act('Relinquish', actions.Relinquish, {});
  }

  /** The slots of the group's log that it holds and knows to be chosen. */
  get copied(): number {
    return this.#catchUp.have;
  }

  /** Copies the log from this node, to become a member of an epoch to come. */
  follow(source: string): void {
    this.#catchUp.follow(source);
  }

  /** Proposes other members; false where this replica does not lead the epoch it was made for. */
  reconfigure(next: Configuration): boolean {
    return this.#act('Reconfigure', actions.Reconfigure, { ...next, nowMs: this.#o.nowMs() });
  }
}
