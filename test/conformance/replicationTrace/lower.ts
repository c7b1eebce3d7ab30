/**
 * A recorded run as a trace of specs/replication/RecordedReplication.tla: each step of the code as
 * the step of the spec that it claims to be, with what it changed in the spec's values. What must
 * hold: nothing is mended on the way. Steps are left out, or become stuttering, only where the spec
 * has nothing for them to do:
 *
 * - a grant of a renewal whose whole time is over: the spec forgets such messages, and the grant
 *   binds nobody but its giver, whose wait is then longer than the spec asks for;
 * - a second renewal or grant within a tick, which changes nothing there;
 * - an eventual read of a replica that began again and has not yet been told of as much as its item
 *   store kept: the spec lets it answer from less.
 *
 * What the recordings do not hold is made from what they do: a call is made when a leader takes it; a
 * crash is seen when the process begins again, and the writes that it finds were durable then.
 */
import type { PartChange } from '../../../conformance/recording/change.ts';
import { change } from '../../../conformance/recorder.ts';
import type { Change, RecordedChanges, RecordedValues } from '../../../conformance/recorder.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { Image } from './durable.ts';
import { Writes } from './durable.ts';
import { Ballots, Calls, none } from './names.ts';
import type { Op, Optional } from './names.ts';
import type { Fields, RawStep } from './rawSteps.ts';
import { longestTicks, TickClock } from './times.ts';
import type { Ticks } from './times.ts';

export interface ModelStep {
  readonly action: string;
  readonly args: RecordedValues;
  readonly changed: RecordedChanges;
  /** Variables not named may have changed. */
  readonly partial?: boolean;
}

export interface LoweredRun {
  readonly constants: RecordedValues;
  readonly steps: readonly ModelStep[];
  readonly ticks: Ticks;
}

/** Replication has one epoch: these are Membership's. */
const ofMembership = new Set(['Reconfigure', 'Announce', 'Install']);
const ballotVariables = new Set(['promised', 'logBallot', 'ballot', 'relinquished']);
const plainVariables = new Set(['phase', 'barrier', 'commit', 'acked']);

interface Command {
  readonly kind: string;
  readonly call: string;
}

/** What is known of a replica while the run is read. */
interface Known {
  readonly writes: Writes;
  log: readonly string[];
  started: boolean;
  /** The calls that it has taken and not answered, by token. */
  taken: Map<string, string>;
  commit: number;
  /** Before this much is known again, eventual reads are not the spec's. */
  kept: number;
  /** Ticks of the renewals it granted last, or whose grants it has, by replica. */
  renewed: Map<string, number>;
}

class Lowering {
  readonly #ballots: Ballots;
  readonly #calls = new Calls();
  readonly #ticks: Ticks;
  readonly #clock: TickClock;
  readonly #known = new Map<string, Known>();
  /** The longest log of each ballot, as its leader has it. */
  readonly #logs = new Map<number, readonly string[]>();
  /** In which tick a leader asked for the lease, by ballot and the time it gave. */
  readonly #asked = new Map<string, number>();
  readonly #steps: ModelStep[] = [];
  readonly #first: RawStep;
  #crashes = 0;

  constructor(steps: readonly RawStep[]) {
    const [first] = steps;
    if (first?.action !== 'Start') throw new Error('a recording begins where a process begins');
    this.#first = first;
    const { leaseMs, driftMs } = first.args;
    this.#ballots = new Ballots(steps);
    this.#ticks = longestTicks(Number(leaseMs), Number(driftMs));
    this.#clock = new TickClock(this.#ticks, first.atMs);
    for (const step of steps) this.#take(step);
  }

  get run(): LoweredRun {
    const { members, storage } = this.#first.args as Readonly<Record<string, readonly string[]>>;
    const { owners } = this.#ballots;
    const { lease, drift } = this.#ticks;
    const calls = Object.entries(this.#calls.ops);
    const constants: RecordedValues = {
      Replica: new Set(members),
      Storage: new Set(storage),
      Ballot: new Set(owners.map((_, i) => i + 1)),
      Owner: owners,
      Call: new Set(calls.map(([name]) => name)),
      Op: new Map(calls.map(([name, op]) => [name, { ...op }])),
      Lease: lease,
      Drift: drift,
      Slow: new Set([none]),
      Yielding: new Set(storage),
      Crashable: new Set(members),
      CrashLimit: this.#crashes,
    };
    return { constants, steps: this.#steps, ticks: this.#ticks };
  }

  #of(r: string): Known {
    let known = this.#known.get(r);
    if (known === undefined) {
      const fresh = { log: [], started: false, commit: 0, kept: 0 };
      known = { ...fresh, writes: new Writes(), taken: new Map(), renewed: new Map() };
      this.#known.set(r, known);
    }
    return known;
  }

  #emit(action: string, args: RecordedValues, changed: RecordedChanges = {}): void {
    this.#steps.push({ action, args, changed });
  }

  #take(step: RawStep): void {
    const ticks = this.#clock.advance(step.atMs);
    for (let i = 0; i < ticks; i += 1) this.#emit('Advance', { slow: none });
    const { action, r, args } = step;
    const known = this.#of(r);
    if (ofMembership.has(action)) throw new Error(`${action} of ${r}: the members changed`);
    if (action === 'Start') return this.#start(step, known);
    if (action === 'Put') return this.#put(step, known);
    if (action === 'StrongRead' || action === 'EventualRead') return this.#read(step, known);
    const changed = this.#changed(step, known);
    if (action === 'Reply') return this.#reply(step, known, changed);
    if (action === 'Renew') return this.#renew(step, known);
    if (action === 'Grant') return this.#grant(step, changed);
    if (action === 'ReceiveGrant') return this.#receiveGrant(step, known);
    const b = action === 'StartElection' ? { b: this.#ballots.number(args['ballot']!) } : {};
    this.#emit(action, { r, ...b }, changed);
  }

  /** What the step changed, in the spec's values; and what is known afterwards. */
  #changed({ r, args, changed: parts }: RawStep, known: Known): RecordedChanges {
    const changed: Record<string, Change> = {};
    for (const [name, part] of parts) {
      if (ballotVariables.has(name)) {
        changed[name] = change().put([r], this.#ballots.number(part.value));
      } else if (plainVariables.has(name)) changed[name] = change().put([r], part.value);
      else if (name === 'unsynced') changed[name] = change().drop(Number(part.value), [r]);
      else if (name === 'waiting') {
        changed[name] = change().put([r], this.#waiting(part, known));
      }
    }
    const { image } = known.writes;
    const promised = this.#number(parts.get('promised')) ?? image.promised;
    const logBallot = this.#number(parts.get('logBallot')) ?? image.logBallot;
    const logPart = parts.get('log');
    if (logPart !== undefined) {
      const from = this.#inherited(args, image, logBallot);
      const commands = logPart.value as unknown as readonly Command[];
      const before = logPart.kind === 'append' ? known.log : [];
      const added = this.#names(commands, before.length, [from, known.log]);
      known.log = [...before, ...added];
      changed['log'] =
        logPart.kind === 'append' ? change().append(added, [r]) : change().put([r], known.log);
    }
    if (logPart ?? parts.get('promised') ?? parts.get('logBallot')) {
      known.writes.write({ promised, logBallot, log: known.log });
      this.#follow(r, logBallot, known.log);
    }
    const commit = parts.get('commit');
    if (commit !== undefined) known.commit = Number(commit.value);
    if (parts.has('phase')) known.renewed.clear();
    const dropped = parts.get('unsynced');
    if (dropped !== undefined) known.writes.persisted(Number(dropped.value));
    return changed;
  }

  #number(part: PartChange | undefined): number | undefined {
    return part === undefined ? undefined : this.#ballots.number(part.value);
  }

  /** The log that what a step brings is a part of: that of the best promise, or of the ballot. */
  #inherited(args: Fields, image: Image, logBallot: number): readonly string[] {
    const message = args['message'] as Fields | undefined;
    const promise = message?.['logBallot'];
    const bal =
      promise === undefined ? logBallot : Math.max(this.#ballots.number(promise), image.logBallot);
    return this.#logs.get(bal) ?? [];
  }

  #follow(r: string, bal: number, log: readonly string[]): void {
    if (this.#ballots.owners[bal - 1] === r) this.#logs.set(bal, log);
  }

  #names(
    commands: readonly Command[],
    first: number,
    likely: readonly (readonly string[])[],
  ): string[] {
    const logs = [...likely, ...[...this.#logs].sort(([a], [b]) => b - a).map(([, log]) => log)];
    return commands.map(({ kind, call }, i) =>
      kind === 'write' ? this.#calls.ofToken(call, { index: first + i, logs }) : kind,
    );
  }

  #waiting({ value }: PartChange, known: Known): TlaValue {
    const waiting = [...(value as ReadonlySet<Fields>)].map((each) => {
      const call = known.taken.get(String(each['call'])) ?? String(each['call']);
      const seen =
        each['ok'] === true ? none : this.#seen(call, each['value'] as Optional, known.log);
      return { call, slot: each['slot']!, ok: each['ok']!, value: seen };
    });
    return new Set<TlaValue>(waiting);
  }

  /** A value that a call saw, by the call that wrote it. */
  #seen(call: string, value: Optional, log: readonly string[]): string {
    return this.#calls.ofValue(this.#calls.ops[call]?.key ?? '', value, log);
  }

  #start(step: RawStep, known: Known): void {
    const { r, changed } = step;
    const commands = (changed.get('log')?.value ?? []) as unknown as readonly Command[];
    const logBallot = this.#number(changed.get('logBallot')) ?? 0;
    const logs = [known.log, this.#logs.get(logBallot) ?? []];
    const log = this.#names(commands, 0, logs);
    const image = { promised: this.#number(changed.get('promised')) ?? 0, logBallot, log };
    if (known.started) this.#restart(r, known, image);
    else if (known.writes.survived(image) === undefined) {
      throw new Error(`${r} was there before its recording began`);
    }
    known.started = true;
  }

  #restart(r: string, known: Known, image: Image): void {
    const survived = known.writes.survived(image) ?? 0;
    if (survived > 0) this.#emit('Persisted', { r }, { unsynced: change().drop(survived, [r]) });
    const { promised, logBallot, log } = image;
    const found = Object.entries({ promised, logBallot, log });
    const changed = Object.fromEntries(found.map(([name, v]) => [name, change().put([r], v)]));
    this.#steps.push({ action: 'Crash', args: { r }, changed, partial: true });
    this.#emit('Restart', { r });
    this.#crashes += 1;
    known.writes.restart(image);
    known.kept = Math.max(known.kept, known.commit);
    Object.assign(known, { log, commit: 0, taken: new Map(), renewed: new Map() });
  }

  #put(step: RawStep, known: Known): void {
    const { r, args, changed: parts } = step;
    const token = String(args['call']);
    const key = String(args['key']);
    const value = args['value'] as Optional;
    const [condition] = (args['expected'] ?? []) as unknown as readonly Optional[];
    const op: Op = {
      kind: condition === undefined ? 'put' : 'cas',
      key,
      expected: condition === undefined ? none : this.#calls.ofValue(key, condition, known.log),
    };
    const c = this.#calls.write({ token, key, value }, op);
    this.#emit('Invoke', { c });
    known.taken.set(token, c);
    const changed = this.#changed({ ...step, args: {} }, known);
    if (!parts.has('log')) return this.#emit('Put', { r, c }, changed);
    // The token's name may be that of an earlier time it was taken, which stood in the same slot.
    const log = [...known.log.slice(0, -1), c];
    known.log = log;
    const { promised, logBallot } = known.writes.image;
    known.writes.rename({ promised, logBallot, log });
    this.#follow(r, logBallot, log);
    this.#emit('Put', { r, c }, { ...changed, log: change().append([c], [r]) });
  }

  #answered(c: string, status: string, value: string): RecordedChanges {
    return { calls: change().put([c], { status, since: 0, value }) };
  }

  #reply({ r, args }: RawStep, known: Known, changed: RecordedChanges): void {
    const token = String(args['call']);
    const c = known.taken.get(token) ?? token;
    const [reply] = (args['replies'] ?? []) as unknown as readonly Fields[];
    const value = (reply?.['value'] ?? []) as Optional;
    const seen = reply?.['status'] === 'ok' ? none : this.#seen(c, value, known.log);
    known.taken.delete(token);
    const told = this.#answered(c, String(reply?.['status']), seen);
    this.#emit('Reply', { r, c }, { ...changed, ...told });
  }

  #read({ action, r, args }: RawStep, known: Known): void {
    if (action === 'EventualRead' && known.commit < known.kept) return;
    const kind = action === 'StrongRead' ? 'read' : 'eventual';
    const c = this.#calls.read({ kind, key: String(args['key']), expected: none });
    const [reply] = args['replies'] as unknown as readonly Fields[];
    const chosen = known.log.slice(0, known.commit);
    const seen = this.#seen(c, reply!['value'] as Optional, chosen);
    this.#emit('Invoke', { c });
    this.#emit(action, { r, c }, this.#answered(c, 'ok', seen));
  }

  #renew({ r, args }: RawStep, known: Known): void {
    const { now } = this.#clock;
    this.#asked.set(`${known.writes.image.logBallot} ${String(args['nowMs'])}`, now);
    if (known.renewed.get(r) === now) return this.#emit('stutter', {});
    known.renewed.set(r, now);
    this.#emit('Renew', { r });
  }

  /** In which tick the leader asked for what a message is about. */
  #sent(message: Fields): number {
    const bal = this.#ballots.number(message['ballot']!);
    return this.#asked.get(`${bal} ${String(message['sentAtMs'])}`) ?? this.#clock.now;
  }

  #grant({ r, args }: RawStep, changed: RecordedChanges): void {
    const left = this.#ticks.lease - (this.#clock.now - this.#sent(args['message'] as Fields));
    if (left > 0) this.#emit('Grant', { r }, changed);
    else this.#emit('stutter', {});
  }

  #receiveGrant({ r, args }: RawStep, known: Known): void {
    const message = args['message'] as Fields;
    const from = String(message['from']);
    const sent = this.#sent(message);
    if (known.renewed.get(from) === sent) return this.#emit('stutter', {});
    known.renewed.set(from, sent);
    const left = this.#ticks.lease - (this.#clock.now - sent);
    this.#emit('ReceiveGrant', { r }, { held: change().put([r, from], left) });
  }
}

/** The steps of a group's run, with the constants that it ran with. */
export function lower(steps: readonly RawStep[]): LoweredRun {
  return new Lowering(steps).run;
}
