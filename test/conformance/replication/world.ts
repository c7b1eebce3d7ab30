/**
 * A replication group and what surrounds it, as values: the replicas are the
 * real code, the rest is the environment of specs/replication/Replication.tla
 * (network, clients, clocks, crashes). `now`, the replicas' clocks, is
 * auxiliary: the spec counts down instead.
 */
import type { Ballot, ReplicaId } from '../../../src/protocol/replication/ballot.ts';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';
import { noop } from '../../../src/protocol/replication/commandLog.ts';
import type { Group, Message, State } from '../../../src/protocol/replication/state.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';

export interface Op {
  readonly kind: 'put' | 'cas' | 'read' | 'eventual';
  readonly key: string;
  readonly expected: string;
}

/** The constants of a model, read once. */
export interface Model {
  readonly replicas: readonly ReplicaId[];
  readonly groups: Readonly<Record<ReplicaId, Group>>;
  readonly ballots: ReadonlyMap<number, Ballot>;
  readonly leader: ReplicaId | undefined;
  readonly calls: readonly string[];
  readonly ops: Readonly<Record<string, Op>>;
  readonly lease: number;
  readonly drift: number;
  /** Whom each replica's messages may reach. */
  readonly reached: Readonly<Record<ReplicaId, readonly ReplicaId[]>>;
  readonly atomicFsync: boolean;
  readonly yielding: ReadonlySet<TlaValue>;
  readonly crashable: ReadonlySet<TlaValue>;
  readonly keeping: ReadonlySet<TlaValue>;
  readonly crashLimit: number;
}

export interface CallState {
  readonly status: 'idle' | 'invoked' | 'taken' | 'ok' | 'failed' | 'unknown';
  readonly since: number;
  readonly value: string;
}

export interface World {
  readonly model: Model;
  readonly msgs: readonly Message[];
  readonly calls: Readonly<Record<string, CallState>>;
  readonly lin: readonly Command[];
  readonly alive: Readonly<Record<ReplicaId, boolean>>;
  readonly crashes: number;
  readonly missed: Readonly<Record<ReplicaId, number>>;
  readonly now: Readonly<Record<ReplicaId, number>>;
  readonly replicas: Readonly<Record<ReplicaId, State>>;
}

export const none = 'none';

/** The commands of the spec are names: a call's, for the write it makes. */
export function commandOf(model: Model, name: string): Command {
  const op = model.ops[name];
  return op === undefined ? noop : { kind: 'write', call: name, key: op.key, value: name };
}

export function ballotOf(model: Model, bal: number): Ballot {
  const ballot = model.ballots.get(bal);
  if (ballot === undefined) throw new Error(`the model has no ballot ${bal}`);
  return ballot;
}

export function replicaOf(world: World, r: ReplicaId): State {
  const state = world.replicas[r];
  if (state === undefined) throw new Error(`no replica ${r}`);
  return state;
}

export function nowOf(world: World, r: ReplicaId): number {
  return world.now[r] ?? 0;
}

export function callOf(world: World, c: string): CallState {
  const call = world.calls[c];
  if (call === undefined) throw new Error(`no call ${c}`);
  return call;
}

type Constants = Readonly<Record<string, TlaValue>>;

function setOf(constants: Constants, name: string): ReadonlySet<TlaValue> {
  const value = constants[name];
  if (!(value instanceof Set)) throw new TypeError(`${name} is not a set`);
  return value;
}

const known = new WeakMap<object, Model>();

export function modelOf(constants: Constants): Model {
  let model = known.get(constants);
  if (model === undefined) {
    model = readModel(constants);
    known.set(constants, model);
  }
  return model;
}

function readModel(constants: Constants): Model {
  const replicas = ([...setOf(constants, 'Replica')] as string[]).sort();
  const storage = ([...setOf(constants, 'Storage')] as string[]).sort();
  const lease = Number(constants['Lease']);
  const drift = Number(constants['Drift']);
  const owner = constants['Owner'] as readonly string[];
  const ballots = new Map<number, Ballot>([[0, noBallot]]);
  for (const bal of setOf(constants, 'Ballot')) {
    const round = Number(bal);
    ballots.set(round, { epoch: 0, round, replica: owner[round - 1] ?? '' });
  }
  const cut = [...setOf(constants, 'Cut')] as (readonly [string, string])[];
  return {
    replicas,
    groups: Object.fromEntries(
      replicas.map((id) => [
        id,
        { id, members: replicas, storage, leaseMs: lease, driftMs: drift },
      ]),
    ),
    ballots,
    leader: constants['Leader'] === none ? undefined : String(constants['Leader']),
    calls: ([...setOf(constants, 'Call')] as string[]).sort(),
    ops: constants['Op'] as unknown as Readonly<Record<string, Op>>,
    lease,
    drift,
    reached: each(replicas, (from) =>
      replicas.filter((to) => to !== from && !cut.some(([p, q]) => p === from && q === to)),
    ),
    atomicFsync: constants['AtomicFsync'] === true,
    yielding: setOf(constants, 'Yielding'),
    crashable: setOf(constants, 'Crashable'),
    keeping: setOf(constants, 'Keeping'),
    crashLimit: Number(constants['CrashLimit']),
  };
}

/** The same value for each name. */
export function each<T>(
  names: readonly string[],
  value: (name: string) => T,
): Readonly<Record<string, T>> {
  const record: Record<string, T> = {};
  for (const name of names) record[name] = value(name);
  return record;
}
