/**
 * One replica of a group in its node: the pure protocol of src/protocol/membership, and of
 * src/protocol/replication within an epoch, driven by messages, finished fsyncs, time and clients.
 * What must hold: every change of the state is an action of specs/membership, and goes through the
 * drive; what a write makes visible waits for its fsync.
 */
import { serving } from '../protocol/membership/operators.ts';
import type { Configuration, EpochMessage, Output, State } from '../protocol/membership/state.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Join, Message } from '../protocol/replication/state.ts';
import { sameBallot } from '../protocol/replication/ballot.ts';
import { Drive } from '../world/drive.ts';
import { actions, changesLeasesAlone, received } from './actions.ts';
import type { Action } from './actions.ts';
import { Calls } from './calls.ts';
import { CatchUp } from './catchUp.ts';
import { Floor } from './floor.ts';
import { keptRecord } from './groupRecords.ts';
import { applies } from './items.ts';
import { ItemsSource } from './itemsSource.ts';
import { behindSlots } from './joining.ts';
import { LeaseWatch } from './leaseWatch.ts';
import type { CopyAsk, GroupMessage, Question } from './messageCodec.ts';
import { beginning } from './replicaOptions.ts';
import type { ReplicaOptions } from './replicaOptions.ts';
import { openingOf, ReplicaRecords } from './replicaRecords.ts';
import { Resending } from './resending.ts';
import { SharedLog } from './sharedLog.ts';
import { suspicionOf } from './suspicionOf.ts';
import type { Suspicion } from './suspicion.ts';

export class Replica {
  readonly group: number;
  readonly #o: ReplicaOptions;
  readonly #drive: Drive<State, Output>;
  #suspicion: Suspicion;
  readonly #candidate = { state: () => this.state, elect: () => this.#elect() };
  readonly #catchUp: CatchUp;
  readonly calls: Calls;
  readonly #floor: Floor;
  readonly records: ReplicaRecords;
  readonly #resending = new Resending();
  readonly #shared: SharedLog;
  readonly #itemsSource: ItemsSource;
  #durableWrites = 0;
  /** Whom the next announcement is for; undefined: all members. */
  #asker: string | undefined;
  #leftOut = false;
  /** A tick before has nothing to do but to see whether the leader, or its lease, is there. */
  #idleUntilMs = 0;
  readonly #watch = new LeaseWatch();

  constructor(o: ReplicaOptions) {
    this.#o = o;
    this.group = o.number;
    const { start, copied } = beginning(o);
    // A process that begins, for the first time or again: the one step that no action takes.
    o.trace?.('Start', { nowMs: o.nowMs() }, start, start, []);
    this.#drive = new Drive<State, Output>(
      start,
      {
        persist: () => undefined,
        send: ({ to, message }) => this.#send(to, message),
        apply: ({ first, commands }) => this.#apply(first, commands),
        reply: (output) => this.calls.reply(output),
      },
      o.trace,
    );
    this.#suspicion = suspicionOf(o, this.state.group, this.#candidate);
    this.calls = this.#makeCalls(o);
    this.#catchUp = new CatchUp({
      state: () => this.state,
      nowMs: o.nowMs,
      sendTo: o.sendTo,
      keep: (at, entries) => this.records.copied(at, entries),
      takeUp: (slot, from, tokens) => {
        this.calls.tokens.know(tokens);
        this.#act('Copy', actions.Copy, { start: slot, entries: [], from });
      },
      copied,
      items: o.takesItems ? o.items : undefined,
      turns: o.copies.made,
    });
    const copiedBy = (member: string) => this.#catchUp.heldBy(o.nodeOf(member));
    this.#shared = new SharedLog(() => this.state, copiedBy);
    this.#itemsSource = new ItemsSource({
      nowMs: o.nowMs,
      snapshot: () => o.items.snapshot(),
      beside: () => {
        const { base } = this.state.log;
        return { from: openingOf(this.state), base, tokens: this.calls.tokens.through(base) };
      },
      sendTo: o.sendTo,
      turns: o.copies.served,
      failed: o.unreadable,
    });
    this.#floor = this.#makeFloor(o);
    this.records = new ReplicaRecords({
      group: o.number,
      archives: o.archived !== undefined,
      persist: o.persist,
      durable: () => {
        this.#durableWrites += 1;
        o.dirty(this);
      },
      floor: this.#floor,
      tokens: this.calls.tokens,
      copied: () => this.#catchUp.entries,
    });
    this.calls.follow(start.log, start.commit);
  }

  #makeCalls(o: ReplicaOptions): Calls {
    return new Calls({
      leads: () => this.state.phase === 'leader',
      applied: (key) => o.items.get(key),
      put: (args) => this.#act('Put', actions.Put, args),
      strongRead: (args) =>
        this.#act('StrongRead', actions.StrongRead, { ...args, nowMs: o.nowMs() }),
      eventualRead: (args) =>
        !this.#leftOut && this.#act('EventualRead', actions.EventualRead, args),
      dirty: () => o.dirty(this),
      tokens: o.image?.tokens ?? [],
    });
  }

  #makeFloor(o: ReplicaOptions): Floor {
    return new Floor({
      state: () => this.state,
      nowMs: o.nowMs,
      leader: () => this.leader,
      send: o.send,
      applied: () => o.items.kept,
      archived: o.archived,
      held: () => Math.min(this.#catchUp.held, this.#itemsSource.held),
      write: (kept, base) => o.persist(keptRecord(kept, base)),
      truncate: (through) => this.#act('Truncate', actions.Truncate, { through }),
      keeps: (kept) => o.trace?.('Keep', { kept }, this.state, this.state, []),
      kept: o.image?.kept ?? 0,
    });
  }

  get state(): State {
    return this.#drive.state;
  }

  /** Who leads as far as this replica knows, or ''; a deposed leader sends nobody to itself. */
  get leader(): string {
    if (this.state.phase !== 'leader') return this.#suspicion.leader;
    return this.#leads ? this.state.group.id : '';
  }

  /** A leader that promised another ballot is deposed, and follows whoever that ballot brings. */
  get #leads(): boolean {
    const { phase, promised, ballot } = this.state;
    return phase === 'leader' && sameBallot(promised, ballot);
  }

  get serving(): boolean {
    return serving(this.state, this.#o.nowMs());
  }

  #send(to: readonly string[], message: Message | EpochMessage): void {
    if (this.#asker !== undefined) this.#o.sendTo(this.#asker, message);
    else if (to.length > 0) for (const each of this.#shared.sent(message)) this.#o.send(to, each);
  }

  /** A log replica keeps the log alone. */
  #apply(first: number, commands: readonly Command[]): void {
    if (applies(this.state)) this.#o.items.apply(first, commands);
  }

  /** Takes an action; what it changed of the durable image goes to the log. */
  #act<A extends object>(name: string, action: Action<A>, args: A): boolean {
    const before = this.state;
    if (!this.#drive.act(name, action, args)) return false;
    const after = this.state;
    if (changesLeasesAlone(before, after)) return true;
    this.wake();
    if (after.unsynced.length > before.unsynced.length) this.records.change(before, after);
    if (after.log !== before.log) this.calls.follow(after.log, before.commit);
    if (before.phase === 'leader' && after.phase !== 'leader') this.#steppedDown();
    if (before.phase !== 'leader' && after.phase === 'leader') this.#watch.begin(this.#o.nowMs());
    if (after.epoch !== before.epoch) this.#entered(before);
    this.#o.dirty(this);
    return true;
  }

  /** Who led the last epoch leads this one, where it may: the others let it go first. */
  #entered(before: State): void {
    this.#catchUp.entered();
    this.#floor.entered();
    this.#shared.entered();
    this.#suspicion = suspicionOf(this.#o, this.state.group, this.#candidate);
    const nowMs = this.#o.nowMs();
    if (before.phase === 'leader') this.#elect();
    else this.#suspicion.vacant(nowMs, this.#o.times.retryMs);
  }

  #steppedDown(): void {
    this.#suspicion.vacant(this.#o.nowMs(), this.#o.times.suspectMs);
    this.calls.steppedDown();
  }

  /** A message that another node sent, and when it had come. */
  receive(message: GroupMessage, node: string, nowMs: number): void {
    if (message.type !== 'renew' && message.type !== 'grant') this.wake();
    switch (message.type) {
      case 'question':
        return this.#answer(message, node, nowMs);
      case 'answer':
        return this.#suspicion.receiveAnswer(message, nowMs);
      case 'epoch':
        return this.#install(message, node);
      case 'copyAsk':
        return this.#copy(message, node);
      case 'copy':
      case 'takeUp':
      case 'items':
        return this.#catchUp.receive(message, node);
      case 'itemsAsk':
        if (applies(this.state)) this.#itemsSource.answer(message, node);
        return;
      case 'kept':
      case 'floor':
        return this.#floor.receive(message);
      case 'holds':
      case 'partly':
        return this.#shared.receive(message, (whole) => this.receive(whole, node, nowMs));
      default:
        this.#receive(message, node, nowMs);
        if (this.#suspicion.hear(message, this.state.promised, nowMs)) this.wake();
    }
  }

  #answer(asked: Question, node: string, nowMs: number): void {
    const { group, opened } = this.state;
    const { from, number } = asked;
    if (!group.members.includes(from)) this.#announce(node, opened);
    const leads: GroupMessage = { type: 'answer', from: group.id, number, hears: true };
    this.#o.send([from], this.#leads ? leads : this.#suspicion.answer(asked, nowMs));
  }

  /** Of an older epoch, it is told of this one; of a newer one, it is asked how that began. */
  #receive(message: Message, node: string, nowMs: number): void {
    const { epoch, opened } = this.state;
    if (message.ballot.epoch > epoch) this.#catchUp.behind(node);
    else if (message.ballot.epoch < epoch) this.#announce(node, opened);
    else if (message.type === 'join') this.#join(message, node);
    else {
      const [name, action] = received[message.type];
      if (message.type === 'promise') this.#shared.receives(message);
      this.#act(name, action as Action<object>, { message, nowMs });
      const { commit } = this.state;
      if (message.type === 'prepare' && message.commit > commit + behindSlots)
        this.#catchUp.behind(node);
      if (message.type === 'accepted' && this.#resending.continues(this.state, message.from))
        this.#resend();
    }
  }

  #join(join: Join, node: string): void {
    const message = this.#catchUp.completed(join);
    if (message === undefined) this.#catchUp.behind(node);
    else if (this.#act('Join', received.join[1], { message, nowMs: this.#o.nowMs() }))
      this.#catchUp.taken();
  }

  #resend(): void {
    this.#act('Resend', actions.Resend, { slotsMax: this.#resending.slots(this.state) });
  }

  #announce(node: string, start: number): void {
    this.#asker = node;
    this.#act('Announce', actions.Announce, { start });
    this.#asker = undefined;
  }

  #copy(ask: CopyAsk, node: string): void {
    const piece = this.#catchUp.answer(ask, node);
    if (piece !== undefined) this.#o.sendTo(node, piece);
    const { epoch, opened } = this.state;
    const have = ask.have + (piece?.type === 'copy' ? piece.entries.length : 0);
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
    this.calls.settle(this.state.commit);
  }

  #replyFirst(nowMs: number): boolean {
    const [first] = this.state.waiting;
    if (first === undefined || first.slot > this.state.commit) return false;
    return this.#act('Reply', actions.Reply, { call: first.call, nowMs });
  }

  /** Renews the lease this replica leads by. */
  renew(nowMs: number): void {
    if (this.state.phase === 'leader') this.#act('Renew', actions.Renew, { nowMs });
  }

  /** The next tick counts: something has happened. */
  wake(): void {
    if (this.#idleUntilMs > 0) this.#o.wake();
    this.#idleUntilMs = 0;
  }

  /** The time itself is put off by what the leader sends, or by what is granted to it. */
  get #dueMs(): number {
    return Math.min(this.#idleUntilMs, (this.#leads ? this.#watch : this.#suspicion).dueMs);
  }

  /** Suspects the leader, or sends again what seems lost; tells when the next tick counts. */
  tick(nowMs: number): number {
    if (nowMs < this.#dueMs) return this.#dueMs;
    if (this.#idleUntilMs === Infinity && this.#leads && !this.#watch.isUseless(this.state, nowMs))
      return this.#dueMs;
    const { group, commit, log, waiting } = this.state;
    this.#catchUp.tick();
    this.#itemsSource.tick();
    this.#floor.tick();
    if (this.#leads) {
      if (commit < log.length || waiting.length > 0) this.settle();
      if (this.#watch.isUseless(this.state, nowMs)) this.relinquish();
      else if (this.#resending.isDue(this.state)) this.#resend();
    } else if (group.storage.includes(group.id) && !this.#leftOut) {
      this.#suspicion.tick(nowMs);
    }
    this.#idleUntilMs = this.#isIdle ? this.#floor.dueMs : 0;
    return this.#dueMs;
  }

  /** Of those that copy and are copied from every tick counts. */
  get #isIdle(): boolean {
    if (this.state.epoch === 0 || !this.#itemsSource.isIdle) return false;
    return !this.#leads || this.#resending.isIdle(this.state);
  }

  /** What was sent to others until now may not have come. */
  mayHaveLost(): void {
    this.#resending.mayHaveLost();
    this.wake();
  }

  /** Gives the leadership up, for a planned hand-off. */
  relinquish(): boolean {
    return this.#act('Relinquish', actions.Relinquish, {});
  }

  /** The slots of the group's log that it holds and knows to be chosen. */
  get copied(): number {
    return this.#catchUp.copied;
  }

  /** Copies the log from this node, to become a member of an epoch to come. */
  follow(source: string): void {
    this.#catchUp.follow(source);
  }

  /** Settled when nothing is written of it any more that comes from elsewhere. */
  async close(): Promise<void> {
    this.#itemsSource.close();
    await this.#catchUp.end();
  }

  /** Proposes other members; false where this replica does not lead the epoch it was made for. */
  reconfigure(next: Configuration): boolean {
    return this.#act('Reconfigure', actions.Reconfigure, { ...next, nowMs: this.#o.nowMs() });
  }
}
