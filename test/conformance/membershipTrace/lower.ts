/**
 * A recorded run as a trace of specs/membership/Membership.tla: each step of the code as the step of
 * the spec that it claims to be, with what it changed in the spec's values. See runLowering.ts and
 * decision 027. Left out here, since Membership leaves it out and it changes nothing there: replies,
 * eventual reads, and writes whose condition failed.
 *
 * A log that came piece by piece is copied whole in the spec: who announced the epoch announces it
 * there once more, from where the log of the new member ends. A replica that takes up behind what
 * others have dropped has their log here: that was chosen, and is compared where it still is.
 */
import { change } from '../../../conformance/recorder.ts';
import type { RecordedChanges, RecordedValues } from '../../../conformance/recorder.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import { none } from '../replicationTrace/names.ts';
import type { Optional } from '../replicationTrace/names.ts';
import type { Fields, RawStep } from '../replicationTrace/rawSteps.ts';
import { RunLowering } from '../replicationTrace/runLowering.ts';
import type { Command, Ended, Known, LoweredRun } from '../replicationTrace/runLowering.ts';
import { EpochBallots, Plans } from './names.ts';

const leftOut = new Set(['Reply', 'EventualRead']);
const plainVariables = new Set([
  ...['phase', 'barrier', 'commit', 'epoch', 'opened', 'members', 'first'],
]);

class Lowering extends RunLowering {
  protected readonly tick = {};
  readonly #first: Readonly<Record<string, readonly string[]>>;
  readonly #epochs: EpochBallots;
  readonly #plans: Plans;
  readonly #replicas: ReadonlySet<string>;
  readonly #calls = new Set<string>();
  readonly #starts = new Set<number>();
  readonly #known = new Set<number>();
  /** Who announced an epoch last, by epoch. */
  readonly #announcers = new Map<number, string>();
  readonly #epochOf = new Map<string, number>();
  /** The ballot that a replica was told of last as given up. */
  readonly #relinquished = new Map<string, number>();
  #batch = 1;

  constructor(steps: readonly RawStep[]) {
    const ballots = new EpochBallots(steps);
    super(steps[0], ballots);
    this.#first = steps[0]!.args as Readonly<Record<string, readonly string[]>>;
    this.#epochs = ballots;
    this.#plans = new Plans(steps);
    this.#replicas = new Set([...this.#first['members']!, ...steps.map(({ r }) => r)]);
  }

  get constants(): RecordedValues {
    const { members, storage } = this.#first;
    const owners = this.#epochs.owners;
    return {
      Replica: new Set(this.#replicas),
      Storage: new Set([...storage!, ...this.#plans.storage]),
      First: new Set(members),
      Ballot: new Set(owners.keys()),
      Rounds: this.#epochs.rounds,
      Owner: owners,
      Leader: storage![0]!,
      Call: new Set(this.#calls),
      Plan: this.#plans.constant,
      Start: new Set(this.#starts),
      Lease: this.ticks.lease,
      Renewing: new Set(this.#replicas),
      Keeping: new Set(this.#replicas),
      Crashable: new Set(this.#replicas),
      CrashLimit: this.crashes,
      Batch: this.#batch,
      Known: new Set(this.#known),
    };
  }

  protected take(step: RawStep, known: Known): void {
    const { action, r, args } = step;
    if (action === 'Put') return this.#put(step, known);
    if (action === 'Copy') return this.#copy(step, known);
    const changed = this.changed(step, known);
    this.#enters(step);
    if (leftOut.has(action)) return;
    switch (action) {
      case 'Persisted':
        return this.#persisted(r, Number(args['writes']));
      case 'StartElection':
        return this.emit(action, { r, b: this.ballots.number(args['ballot']!) }, changed);
      case 'Reconfigure':
        return this.emit(action, { r, p: this.#plans.nameOf(args) }, changed);
      case 'Keep':
        return this.#keeps('Told', r, Number(args['kept']));
      case 'Announce':
        return this.#announce(r, Number(args['start']));
      case 'Install':
        this.#copied(args['message'] as Fields);
        return this.emit(action, { r }, changed);
      case 'ReceiveRelinquish':
        return this.#spared(r, this.ballots.number((args['message'] as Fields)['ballot']!));
      case 'ReceivePromise':
        this.emit(action, { r }, changed);
        // One that wins does not wait for leases of a ballot that it knows to be given up.
        return step.changed.has('phase') ? this.#spared(r) : undefined;
      default:
        this.emit(action, { r }, changed);
    }
  }

  #persisted(r: string, n: number): void {
    this.#batch = Math.max(this.#batch, n);
    this.emit('Persisted', { r, n });
  }

  #spared(r: string, b = this.#relinquished.get(r)): void {
    if (b === undefined) return;
    this.#relinquished.set(r, b);
    this.emit('ReceiveRelinquish', { r, b });
  }

  /** So far it has durably kept what is chosen. */
  #keeps(action: 'Told' | 'Kept', r: string, n: number): void {
    this.#known.add(n);
    this.emit(action, { r, n });
  }

  #enters({ r, changed }: RawStep): void {
    const epoch = changed.get('epoch');
    if (epoch !== undefined) this.#epochOf.set(r, Number(epoch.value));
  }

  #epochIn(r: string): number {
    return this.#epochOf.get(r) ?? (this.#first['members']!.includes(r) ? 1 : 0);
  }

  /** Who has dropped what this one takes up behind; nobody: there is nothing to be copied. */
  #sourceOf({ start, from }: Fields): string | undefined {
    return [...this.#replicas].find((q) => {
      return this.of(q).base === Number(start) && this.#epochIn(q) >= Number(from);
    });
  }

  /** The log that it takes up behind is that of its source. */
  #copy(step: RawStep, known: Known): void {
    const { action, r, args } = step;
    const q = this.#sourceOf(args);
    if (q !== undefined) known.log = this.of(q).log.slice(0, Number(args['start']));
    const changed = this.changed(step, known);
    this.#enters(step);
    this.emit(action, { r, q: q ?? r }, changed);
  }

  #announce(r: string, n: number): void {
    this.#announcers.set(this.#epochOf.get(r) ?? 1, r);
    this.#starts.add(n);
    this.emit('Announce', { r, n });
  }

  #copied({ epoch, start }: Fields): void {
    const told = this.#announcers.get(Number(epoch));
    const has = (q: string): boolean => this.of(q).base <= Number(start);
    if (told === undefined) return;
    const fellows = [...this.#replicas].filter((q) => this.#epochIn(q) === Number(epoch));
    this.#announce([told, ...fellows].find(has) ?? told, Number(start));
  }

  #put(step: RawStep, known: Known): void {
    const { r, args } = step;
    const write = {
      token: String(args['call']),
      key: String(args['key']),
      value: args['value'] as Optional,
    };
    if (!step.changed.has('log')) return;
    const c = this.calls.write(write, { kind: 'put', key: write.key, expected: none });
    this.#calls.add(c);
    this.emit('Put', { r, c }, this.taken(step, known, write, c));
  }

  protected nameOf(command: Command): string {
    return command.kind === 'noop' ? command.kind : this.#plans.nameOf({ ...command });
  }

  protected valueOf(name: string, value: TlaValue): TlaValue | undefined {
    if (name !== 'acked') return plainVariables.has(name) ? value : undefined;
    const counts = value as Fields;
    return Object.fromEntries([...this.#replicas].map((q) => [q, counts[q] ?? 0]));
  }

  protected crashed({ step: { r, args, changed }, known, survived, image, base }: Ended): void {
    this.#epochOf.set(r, Number(args['epoch']));
    this.#relinquished.delete(r);
    if (survived > 0) this.#persisted(r, survived);
    const commit = Number(changed.get('commit')!.value);
    this.#keeps('Kept', r, commit);
    const first = { first: change().put([r], base) };
    if (base > known.base) this.emit('Truncate', { r }, first);
    this.#known.add(base);
    this.steps.push({ action: 'Crash', args: { r }, changed: {}, partial: true });
    const { promised, logBallot, log } = image;
    const found = Object.entries({ promised, logBallot, log, commit, first: base });
    const held: RecordedChanges = Object.fromEntries(
      found.map(([name, value]) => [name, change().put([r], value)]),
    );
    this.steps.push({ action: 'Lose', args: { r, n: base }, changed: held, partial: true });
  }
}

/** The steps of a group's run, with the constants that it ran with. */
export function lower(steps: readonly RawStep[]): LoweredRun {
  const lowering = new Lowering(steps);
  lowering.lower(steps);
  return { constants: lowering.constants, steps: lowering.steps, ticks: lowering.ticks };
}
