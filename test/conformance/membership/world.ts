/**
 * A group whose members change, and what surrounds it, as values: the replicas are
 * the real code, the rest is the environment of specs/membership/Membership.tla.
 * `now`, the clock that all replicas share, is auxiliary: the spec counts down.
 */
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { State, Message } from '../../../src/protocol/membership/state.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import { durable } from '../../../src/protocol/replication/operators.ts';
import { noop } from '../../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';

export type Constants = Readonly<Record<string, TlaValue>>;
export type ByReplica<T> = Readonly<Record<string, T>>;

export interface Plan {
  readonly epoch: number;
  readonly members: readonly string[];
}

/** The constants of a model, read once. */
export interface Model {
  readonly replicas: readonly string[];
  readonly storage: readonly string[];
  readonly first: readonly string[];
  readonly owners: ReadonlyMap<number, string>;
  readonly rounds: number;
  readonly leader: string;
  readonly calls: readonly string[];
  readonly plans: Readonly<Record<string, Plan>>;
  readonly lease: number;
  readonly cut: ReadonlySet<string>;
  readonly renewing: ReadonlySet<string>;
  readonly keeping: ReadonlySet<string>;
  readonly crashable: ReadonlySet<string>;
  readonly crashLimit: number;
  /** A write is durable within the step that makes it, as in the spec. */
  readonly atomicFsync: boolean;
}

export interface World {
  readonly model: Model;
  readonly msgs: readonly Message[];
  readonly made: readonly string[];
  readonly lin: readonly Command[];
  readonly alive: ByReplica<boolean>;
  readonly crashes: number;
  readonly now: number;
  readonly replicas: ByReplica<State>;
  /** What each replica's storage has kept: beside it, the log tells what came before an epoch. */
  readonly stored: ByReplica<number>;
}

export function at<T>(record: ByReplica<T>, r: string): T {
  const value = record[r];
  if (value === undefined) throw new Error(`no replica ${r}`);
  return value;
}

export function each<T>(names: readonly string[], value: (name: string) => T): ByReplica<T> {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/** The slots that a replica durably knows to be chosen. */
export function keptOf(world: World, r: string): number {
  const state = at(world.replicas, r);
  const { epoch } = durable(state).promised;
  const opened = epoch === state.epoch ? state.opened : openedIn(world.lin, epoch);
  return Math.max(at(world.stored, r), opened);
}

function openedIn(lin: readonly Command[], epoch: number): number {
  return 1 + lin.findIndex((each) => each.kind === 'reconfigure' && each.epoch === epoch - 1);
}

/** A set of the model in a defined order. */
export function sorted(set: TlaValue | undefined): readonly string[] {
  return [...(set as ReadonlySet<string>)].sort();
}

const known = new WeakMap<object, Model>();

export function modelOf(constants: Constants): Model {
  let model = known.get(constants);
  if (model === undefined) known.set(constants, (model = readModel(constants)));
  return model;
}

function readModel(constants: Constants): Model {
  const plans = constants['Plan'] as Readonly<Record<string, Constants>>;
  const cut = constants['Cut'] as unknown as ReadonlySet<readonly [string, string]>;
  return {
    replicas: sorted(constants['Replica']),
    storage: sorted(constants['Storage']),
    first: sorted(constants['First']),
    owners: constants['Owner'] as unknown as ReadonlyMap<number, string>,
    rounds: constants['Rounds'] as number,
    leader: constants['Leader'] as string,
    calls: sorted(constants['Call']),
    plans: Object.fromEntries(
      Object.entries(plans).map(([name, { epoch, members }]) => [
        name,
        { epoch: epoch as number, members: sorted(members) },
      ]),
    ),
    lease: constants['Lease'] as number,
    cut: new Set([...cut].map(([from, to]) => `${from}>${to}`)),
    renewing: new Set(sorted(constants['Renewing'])),
    keeping: new Set(sorted(constants['Keeping'])),
    crashable: new Set(sorted(constants['Crashable'])),
    crashLimit: constants['CrashLimit'] as number,
    atomicFsync: true,
  };
}

/** A ballot of the model: epoch * Rounds + round; one without an owner begins an epoch. */
export function ballotOf(model: Model, bal: number): Ballot {
  const [epoch, round] = [Math.floor(bal / model.rounds), bal % model.rounds];
  return { epoch, round, replica: model.owners.get(bal) ?? '' };
}

export function numberOf(model: Model, ballot: Ballot): number {
  return ballot.epoch * model.rounds + ballot.round;
}

/** Those of a configuration that may lead. */
export function storageOf(model: Model, members: readonly string[]): readonly string[] {
  return members.filter((member) => model.storage.includes(member));
}

/** The commands of the spec are names: a call's, a plan's, or the no-op. */
export function commandOf(model: Model, name: string): Command {
  const plan = model.plans[name];
  if (plan !== undefined) {
    const { epoch, members } = plan;
    return { kind: 'reconfigure', epoch, members, storage: storageOf(model, members) };
  }
  return name === 'noop' ? noop : { kind: 'write', call: name, key: 'k', value: name };
}

/** The name of a command; one that the model cannot have shows as it is. */
export function nameOf(model: Model, command: Command): TlaValue {
  if (command.kind === 'noop') return 'noop';
  if (command.kind === 'write') return command.call;
  const { epoch, members, storage } = command;
  const name = Object.keys(model.plans).find((p) => {
    const plan = model.plans[p]!;
    return plan.epoch === epoch && plan.members.join() === members.join();
  });
  const roles = storage.join() === storageOf(model, members).join();
  return name !== undefined && roles ? name : { epoch, members: [...members, ...storage] };
}

/** What is left of a deadline. */
export function left(untilMs: number, now: number): number {
  return Math.max(0, untilMs - now);
}
