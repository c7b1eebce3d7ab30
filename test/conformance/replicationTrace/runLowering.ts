/**
 * What the lowering of a recorded run is for any spec of a group: time as ticks, ballots and calls by
 * name, what each replica's disk holds, and leases. What must hold: nothing is mended on the way.
 * Steps are left out, or become stuttering, only where the spec has nothing for them to do:
 *
 * - a grant of a renewal whose whole time is over: the specs forget such messages, and the grant
 *   binds nobody but its giver, whose wait is then longer than the spec asks for;
 * - a second renewal or grant within a tick, which changes nothing there.
 *
 * What the recordings do not hold is made from what they do: a crash is seen when the process begins
 * again, and the writes that it finds were durable then.
 */
import type { PartChange } from '../../../conformance/recording/change.ts';
import { change } from '../../../conformance/recorder.ts';
import type { Change, RecordedChanges, RecordedValues } from '../../../conformance/recorder.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { Image } from './durable.ts';
import { Writes } from './durable.ts';
import { Calls } from './names.ts';
import type { BallotNumbers, Written } from './names.ts';
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

export interface Command {
  readonly kind: string;
  readonly call: string;
}

/** What is known of a replica while the run is read. */
export class Known {
  readonly writes = new Writes();
  /** Whole: with what it has dropped, or took up behind. */
  log: readonly string[] = [];
  /** The slots that it has dropped. */
  base = 0;
  started = false;
  commit = 0;
  /** The calls that it has taken and not answered, by token. */
  readonly taken = new Map<string, string>();
  /** Ticks of the renewals it granted last, or whose grants it has, by replica. */
  readonly renewed = new Map<string, number>();
}

/** A process ended: so many more of its writes were durable, and it begins with this image again. */
export interface Ended {
  readonly step: RawStep;
  readonly known: Known;
  readonly survived: number;
  readonly image: Image;
  /** The slots before those that it found. */
  readonly base: number;
}

const ballotVariables = new Set(['promised', 'logBallot', 'ballot', 'relinquished']);

export abstract class RunLowering {
  readonly steps: ModelStep[] = [];
  readonly calls = new Calls();
  readonly ballots: BallotNumbers;
  readonly ticks: Ticks;
  protected crashes = 0;
  readonly #clock: TickClock;
  readonly #known = new Map<string, Known>();
  /** The longest log of each ballot, as its leader has it. */
  readonly #logs = new Map<number, readonly string[]>();
  /** In which tick a leader asked for the lease, by ballot and the time it gave. */
  readonly #asked = new Map<string, number>();

  constructor(first: RawStep | undefined, ballots: BallotNumbers) {
    if (first?.action !== 'Start') throw new Error('a recording begins where a process begins');
    const { leaseMs, driftMs } = first.args;
    this.ballots = ballots;
    this.ticks = longestTicks(Number(leaseMs), Number(driftMs));
    this.#clock = new TickClock(this.ticks, first.atMs);
  }

  /** One step of the code, that is neither a start nor about the lease. */
  protected abstract take(step: RawStep, known: Known): void;

  protected abstract crashed(end: Ended): void;

  /** A command that is no write, by name. */
  protected abstract nameOf(command: Command): string;

  /** The values of variables that are not ballots, logs or counts of writes. */
  protected abstract valueOf(name: string, value: TlaValue, known: Known): TlaValue | undefined;

  protected abstract readonly tick: RecordedValues;

  lower(steps: readonly RawStep[]): void {
    for (const step of steps) {
      const ticks = this.#clock.advance(step.atMs);
      for (let i = 0; i < ticks; i += 1) this.emit('Advance', this.tick);
      const known = this.of(step.r);
      if (step.action === 'Start') this.#start(step, known);
      else if (step.action === 'Renew') this.#renew(step, known);
      else if (step.action === 'Grant') this.#grant(step, known);
      else if (step.action === 'ReceiveGrant') this.#receiveGrant(step, known);
      else this.take(step, known);
    }
  }

  protected of(r: string): Known {
    let known = this.#known.get(r);
    if (known === undefined) this.#known.set(r, (known = new Known()));
    return known;
  }

  protected emit(action: string, args: RecordedValues, changed: RecordedChanges = {}): void {
    this.steps.push({ action, args, changed });
  }

  /** What the step changed, in the spec's values; and what is known afterwards. */
  protected changed({ r, args, changed: parts }: RawStep, known: Known): RecordedChanges {
    const changed: Record<string, Change> = {};
    for (const [name, { value }] of parts) {
      const ballot = ballotVariables.has(name) ? this.ballots.number(value) : undefined;
      const said = ballot ?? this.valueOf(name, value, known);
      if (said !== undefined) changed[name] = change().put([r], said);
    }
    const { image } = known.writes;
    const promised = this.number(parts.get('promised')) ?? image.promised;
    const logBallot = this.number(parts.get('logBallot')) ?? image.logBallot;
    const first = parts.get('first');
    if (first !== undefined) known.base = Number(first.value);
    const logPart = parts.get('log');
    if (logPart !== undefined) {
      const from = this.#inherited(args, image, logBallot);
      const commands = logPart.value as unknown as readonly Command[];
      const before = logPart.kind === 'append' ? known.log : known.log.slice(0, known.base);
      const added = this.names(commands, before.length, [from, known.log]);
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

  protected number(part: PartChange | undefined): number | undefined {
    return part === undefined ? undefined : this.ballots.number(part.value);
  }

  /** The log that what a step brings is a part of: that of the best promise, or of the ballot. */
  #inherited(args: Fields, image: Image, logBallot: number): readonly string[] {
    const message = args['message'] as Fields | undefined;
    const promise = message?.['logBallot'];
    const bal =
      promise === undefined ? logBallot : Math.max(this.ballots.number(promise), image.logBallot);
    return this.#logs.get(bal) ?? [];
  }

  #follow(r: string, bal: number, log: readonly string[]): void {
    if (this.ballots.owner(bal) === r) this.#logs.set(bal, log);
  }

  protected names(
    commands: readonly Command[],
    first: number,
    likely: readonly (readonly string[])[],
  ): string[] {
    const logs = [...likely, ...[...this.#logs].sort(([a], [b]) => b - a).map(([, log]) => log)];
    return commands.map((command, i) =>
      command.kind === 'write'
        ? this.calls.ofToken(command.call, { index: first + i, logs })
        : this.nameOf(command),
    );
  }

  /** A leader took a write: under a name of its own, though its token may have been taken before. */
  protected taken(step: RawStep, known: Known, write: Written, c: string): RecordedChanges {
    known.taken.set(write.token, c);
    const changed = this.changed({ ...step, args: {} }, known);
    if (!step.changed.has('log')) return changed;
    // The token's name may be that of an earlier time, which stood in the same slot.
    const log = [...known.log.slice(0, -1), c];
    known.log = log;
    const { promised, logBallot } = known.writes.image;
    known.writes.rename({ promised, logBallot, log });
    this.#follow(step.r, logBallot, log);
    return { ...changed, log: change().append([c], [step.r]) };
  }

  #start(step: RawStep, known: Known): void {
    const { r, changed } = step;
    const commands = (changed.get('log')?.value ?? []) as unknown as readonly Command[];
    const logBallot = this.number(changed.get('logBallot')) ?? 0;
    const base = Number(changed.get('first')?.value ?? 0);
    const found = this.names(commands, base, [known.log, this.#logs.get(logBallot) ?? []]);
    // What it has dropped is chosen, and was in every log that it had since.
    const log = [...known.log.slice(0, base), ...found];
    const image = { promised: this.number(changed.get('promised')) ?? 0, logBallot, log };
    if (known.started) return this.#restart(step, known, image, base);
    const [, round] = changed.get('promised')?.value as readonly TlaValue[];
    if (round !== 0 || log.length > 0) throw new Error(`${r} was there before its recording began`);
    known.writes.restart(image);
    known.started = true;
  }

  #restart(step: RawStep, known: Known, image: Image, base: number): void {
    this.crashed({ step, known, image, base, survived: known.writes.survived(image) ?? 0 });
    known.base = base;
    this.emit('Restart', { r: step.r });
    this.crashes += 1;
    known.writes.restart(image);
    known.log = image.log;
    known.commit = Number(step.changed.get('commit')!.value);
    known.taken.clear();
    known.renewed.clear();
  }

  #renew({ r, args }: RawStep, known: Known): void {
    const { now } = this.#clock;
    this.#asked.set(`${known.writes.image.logBallot} ${String(args['nowMs'])}`, now);
    if (known.renewed.get(r) === now) return this.emit('stutter', {});
    known.renewed.set(r, now);
    this.emit('Renew', { r });
  }

  /** In which tick the leader asked for what a message is about. */
  #sent(message: Fields): number {
    const bal = this.ballots.number(message['ballot']!);
    return this.#asked.get(`${bal} ${String(message['sentAtMs'])}`) ?? this.#clock.now;
  }

  #grant(step: RawStep, known: Known): void {
    const sent = this.#sent(step.args['message'] as Fields);
    const changed = this.changed(step, known);
    const left = this.ticks.lease - (this.#clock.now - sent);
    if (left > 0) this.emit('Grant', { r: step.r }, changed);
    else this.emit('stutter', {});
  }

  #receiveGrant({ r, args }: RawStep, known: Known): void {
    const message = args['message'] as Fields;
    const from = String(message['from']);
    const sent = this.#sent(message);
    if (known.renewed.get(from) === sent) return this.emit('stutter', {});
    known.renewed.set(from, sent);
    const left = this.ticks.lease - (this.#clock.now - sent);
    this.emit('ReceiveGrant', { r }, { held: change().put([r, from], left) });
  }
}
