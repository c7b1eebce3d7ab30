/**
 * A recorded run as a trace of specs/replication/RecordedReplication.tla: each step of the code as
 * the step of the spec that it claims to be, with what it changed in the spec's values. See
 * runLowering.ts for what is left out in any spec. A call is made when a leader takes it.
 */
import { change } from '../../../conformance/recorder.ts';
import type { RecordedChanges, RecordedValues } from '../../../conformance/recorder.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import { Ballots, none } from './names.ts';
import type { Op, Optional } from './names.ts';
import type { Fields, RawStep } from './rawSteps.ts';
import { RunLowering } from './runLowering.ts';
import type { Command, Ended, Known, LoweredRun } from './runLowering.ts';

/** Replication has one epoch: these are Membership's. */
const ofMembership = new Set(['Reconfigure', 'Announce', 'Install', 'Copy']);
/** Logs are whole there. */
const leftOut = new Set(['Keep', 'Truncate']);
const plainVariables = new Set(['phase', 'barrier', 'commit', 'acked']);

class Lowering extends RunLowering {
  protected readonly tick = { slow: none };
  readonly #first: RawStep | undefined;
  readonly #ballots: Ballots;

  constructor(steps: readonly RawStep[]) {
    const ballots = new Ballots(steps);
    super(steps[0], ballots);
    this.#first = steps[0];
    this.#ballots = ballots;
  }

  get constants(): RecordedValues {
    const { members, storage } = this.#first!.args as Readonly<Record<string, readonly string[]>>;
    const { owners } = this.#ballots;
    const { lease, drift } = this.ticks;
    const calls = Object.entries(this.calls.ops);
    return {
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
      Keeping: new Set(members),
      CrashLimit: this.crashes,
    };
  }

  protected take(step: RawStep, known: Known): void {
    const { action, r, args } = step;
    if (ofMembership.has(action)) throw new Error(`${action} of ${r}: the members changed`);
    if (action === 'Put') return this.#put(step, known);
    if (leftOut.has(action)) return void this.changed(step, known);
    if (action === 'StrongRead' || action === 'EventualRead') return this.#read(step, known);
    const changed = { ...this.changed(step, known), ...this.#synced(step) };
    if (action === 'Reply') return this.#reply(step, known, changed);
    const b = action === 'StartElection' ? { b: this.ballots.number(args['ballot']!) } : {};
    this.emit(action, { r, ...b }, changed);
  }

  #synced({ r, changed }: RawStep): RecordedChanges {
    const writes = changed.get('unsynced')?.value;
    return writes === undefined ? {} : { unsynced: change().drop(Number(writes), [r]) };
  }

  protected nameOf({ kind }: Command): string {
    return kind;
  }

  protected valueOf(name: string, value: TlaValue, known: Known): TlaValue | undefined {
    if (name === 'waiting') return this.#waiting(value as unknown as ReadonlySet<Fields>, known);
    return plainVariables.has(name) ? value : undefined;
  }

  #waiting(value: ReadonlySet<Fields>, known: Known): TlaValue {
    const waiting = [...value].map((each) => {
      const call = known.taken.get(String(each['call'])) ?? String(each['call']);
      const seen =
        each['ok'] === true ? none : this.#seen(call, each['value'] as Optional, known.log);
      return { call, slot: each['slot']!, ok: each['ok']!, value: seen };
    });
    return new Set<TlaValue>(waiting);
  }

  /** A value that a call saw, by the call that wrote it. */
  #seen(call: string, value: Optional, log: readonly string[]): string {
    return this.calls.ofValue(this.calls.ops[call]?.key ?? '', value, log);
  }

  protected crashed({ step, survived, image }: Ended): void {
    const { r } = step;
    if (survived > 0) this.emit('Persisted', { r }, { unsynced: change().drop(survived, [r]) });
    const { promised, logBallot, log } = image;
    const commit = step.changed.get('commit')!.value;
    const found = Object.entries({ promised, logBallot, log, commit });
    const changed = Object.fromEntries(found.map(([name, v]) => [name, change().put([r], v)]));
    this.steps.push({ action: 'Crash', args: { r }, changed, partial: true });
  }

  #put(step: RawStep, known: Known): void {
    const { r, args } = step;
    const token = String(args['call']);
    const key = String(args['key']);
    const value = args['value'] as Optional;
    const [condition] = (args['expected'] ?? []) as unknown as readonly Optional[];
    const op: Op = {
      kind: condition === undefined ? 'put' : 'cas',
      key,
      expected: condition === undefined ? none : this.calls.ofValue(key, condition, known.log),
    };
    const write = { token, key, value };
    const c = this.calls.write(write, op);
    this.emit('Invoke', { c });
    this.emit('Put', { r, c }, this.taken(step, known, write, c));
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
    this.emit('Reply', { r, c }, { ...changed, ...told });
  }

  #read({ action, r, args }: RawStep, known: Known): void {
    const kind = action === 'StrongRead' ? 'read' : 'eventual';
    const c = this.calls.read({ kind, key: String(args['key']), expected: none });
    const [reply] = args['replies'] as unknown as readonly Fields[];
    const chosen = known.log.slice(0, known.commit);
    const seen = this.#seen(c, reply!['value'] as Optional, chosen);
    this.emit('Invoke', { c });
    this.emit(action, { r, c }, this.#answered(c, 'ok', seen));
  }
}

/** The steps of a group's run, with the constants that it ran with. */
export function lower(steps: readonly RawStep[]): LoweredRun {
  const lowering = new Lowering(steps);
  lowering.lower(steps);
  return { constants: lowering.constants, steps: lowering.steps, ticks: lowering.ticks };
}
