/**
 * The world as the variables of specs/replication/Replication.tla. What hangs
 * on no clock is computed once for each value of the code.
 */
import { memo } from '../../../conformance/value/value.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import type { Command, CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import type {
  Grant,
  Image,
  Message,
  State,
  Unsynced,
  Waiting,
} from '../../../src/protocol/replication/state.ts';
import { leftOf } from './network.ts';
import type { Part } from './shared.ts';
import { Sharing } from './shared.ts';
import type { Op, World } from './world.ts';
import { none, nowOf } from './world.ts';

type View = Readonly<Record<string, TlaValue>>;

export function viewOfValue(value: string | null): string {
  return value ?? none;
}

/** A write must be the one its call asked for; any other shows as a record. */
function viewOfCommand(ops: Readonly<Record<string, Op>>, command: Command): TlaValue {
  if (command.kind !== 'write') return command.kind;
  const { call, key, value } = command;
  if (ops[call]?.key === key && value === call) return call;
  return { call, key, value: viewOfValue(value) };
}

function viewOfGrants(grants: readonly Grant[], now: number): TlaValue {
  const held = grants.filter((grant) => grant.untilMs > now);
  return new Set(held.map((grant) => ({ bal: grant.ballot.round, left: grant.untilMs - now })));
}

function bal(ballot: Ballot): number {
  return ballot.round;
}

/** Views of one model: its calls give the commands their names. */
export function viewsOf(ops: Readonly<Record<string, Op>>) {
  const command = (c: Command) => viewOfCommand(ops, c);
  const log = memo((l: CommandLog): TlaValue => l.slice(1).map(command));
  const image = (i: Image): TlaValue => ({
    promised: bal(i.promised),
    logBallot: bal(i.logBallot),
    log: log(i.log),
  });
  const timeless = memo((m: Message): TlaValue => {
    switch (m.type) {
      case 'prepare':
        return { type: m.type, bal: bal(m.ballot), commit: m.commit };
      case 'relinquish':
        return { type: m.type, bal: bal(m.ballot) };
      case 'promise':
        return {
          type: m.type,
          bal: bal(m.ballot),
          from: m.from,
          logBallot: bal(m.logBallot),
          start: m.start,
          entries: m.entries.map(command),
          grants: new Set(m.grants.map((g) => ({ bal: bal(g.ballot), left: g.leftMs }))),
        };
      case 'join':
        return {
          type: m.type,
          bal: bal(m.ballot),
          to: m.to,
          start: m.start,
          entries: m.entries.map(command),
        };
      case 'accept':
        return { type: m.type, bal: bal(m.ballot), slot: m.slot, cmd: command(m.command) };
      case 'accepted':
        return { type: m.type, bal: bal(m.ballot), from: m.from, length: m.length };
      case 'commit':
        return { type: m.type, bal: bal(m.ballot), slot: m.slot };
      default:
        throw new TypeError(`${m.type} hangs on a clock`);
    }
  });
  const message = (world: World, m: Message): TlaValue => {
    if (m.type === 'renew') return { type: m.type, bal: bal(m.ballot), left: leftOf(world, m) };
    if (m.type === 'grant') {
      return { type: m.type, bal: bal(m.ballot), from: m.from, left: leftOf(world, m) };
    }
    return timeless(m);
  };
  const unsynced = memo((writes: readonly Unsynced[]): TlaValue =>
    writes.map((write) => ({
      was: image(write.was),
      send: new Set(write.send.map((output) => timeless(output.message))),
    })),
  );
  const votes = memo((all: State['votes']): TlaValue => new Set(all.map(timeless)));
  const lin = memo((commands: readonly Command[]): TlaValue => commands.map(command));
  return { command, log, message, unsynced, votes, lin, sharing: new Sharing() };
}

type Views = ReturnType<typeof viewsOf>;
const viewsOfModel = new WeakMap<object, Views>();

function views(world: World): Views {
  let known = viewsOfModel.get(world.model);
  if (known === undefined) {
    known = viewsOf(world.model.ops);
    viewsOfModel.set(world.model, known);
  }
  return known;
}

type Variable = (typeof replicaVariables)[number];
interface ReplicaView {
  readonly now: number;
  readonly parts: readonly Part[];
}
const replicaViews = new WeakMap<State, ReplicaView>();

function partOfCounts(v: Views, members: readonly string[], c: State['held'], now: number): Part {
  let key = '';
  for (const q of members) key += `${Math.max(0, (c[q] ?? 0) - now)},`;
  return v.sharing.of('counts', key, () => {
    const record: Record<string, TlaValue> = {};
    for (const q of members) record[q] = Math.max(0, (c[q] ?? 0) - now);
    return record;
  });
}

function partOfGrants(v: Views, grants: readonly Grant[], now: number): Part {
  const key = grants
    .filter((grant) => grant.untilMs > now)
    .map((grant) => `${bal(grant.ballot)}:${grant.untilMs - now}`)
    .sort()
    .join();
  return v.sharing.of('grants', key, () => viewOfGrants(grants, now));
}

function partOfWaiting(v: Views, waiting: readonly Waiting[]): Part {
  const key = waiting.map((w) => `${w.call}:${w.slot}:${w.ok}:${w.value ?? ''}`).sort();
  return v.sharing.of('waiting', key.join(), () => {
    const views = waiting.map((w) => ({
      call: w.call,
      slot: w.slot,
      ok: w.ok,
      value: viewOfValue(w.value),
    }));
    return new Set(views);
  });
}

function partOfWrites(v: Views, writes: State['unsynced']): Part {
  return writes.length === 0
    ? v.sharing.of('list', 'writes', () => [])
    : v.sharing.byIdentity(v.unsynced(writes) as TlaValue & object);
}

function partOfVotes(v: Views, votes: State['votes']): Part {
  return votes.length === 0
    ? v.sharing.of('list', 'votes', () => new Set())
    : v.sharing.byIdentity(v.votes(votes) as TlaValue & object);
}

const logParts = new WeakMap<CommandLog, Part>();

function partOfLog(v: Views, log: CommandLog): Part {
  let part = logParts.get(log);
  if (part === undefined) {
    const names = log.slice(1).map(v.command);
    part = v.sharing.of('log', JSON.stringify(names), () => names);
    logParts.set(log, part);
  }
  return part;
}

/** One replica's variables; they hang on its clock only through its deadlines. */
function viewOfReplica(v: Views, state: State, now: number): ReplicaView {
  const known = replicaViews.get(state);
  if (known !== undefined && known.now === now) return known;
  const { members } = state.group;
  const parts: Readonly<Record<Variable, Part>> = {
    promised: v.sharing.plain(bal(state.promised)),
    logBallot: v.sharing.plain(bal(state.logBallot)),
    log: partOfLog(v, state.log),
    unsynced: partOfWrites(v, state.unsynced),
    phase: v.sharing.plain(state.phase),
    ballot: v.sharing.plain(bal(state.ballot)),
    votes: partOfVotes(v, state.votes),
    barrier: v.sharing.plain(state.barrier),
    acked: partOfCounts(v, members, state.acked, 0),
    commit: v.sharing.plain(state.commit),
    waiting: partOfWaiting(v, state.waiting),
    grants: partOfGrants(v, state.grants, now),
    held: partOfCounts(v, members, state.held, now),
    waits: partOfGrants(v, state.waits, now),
    relinquished: v.sharing.plain(bal(state.relinquished)),
  };
  const made = { now, parts: replicaVariables.map((name) => parts[name]) };
  replicaViews.set(state, made);
  return made;
}

const replicaVariables = [
  'promised',
  'logBallot',
  'log',
  'unsynced',
  'phase',
  'ballot',
  'votes',
  'barrier',
  'acked',
  'commit',
  'waiting',
  'grants',
  'held',
  'waits',
  'relinquished',
] as const;

/** A variable's value for all replicas, from each one's. */
function ofAll(
  v: Views,
  replicas: readonly string[],
  views: readonly ReplicaView[],
  i: number,
): TlaValue {
  let key = '';
  for (const each of views) key += `${each.parts[i]!.key}|`;
  return v.sharing.of('replicas', key, () => {
    const record: Record<string, TlaValue> = {};
    replicas.forEach((r, n) => {
      record[r] = views[n]!.parts[i]!.value;
    });
    return record;
  }).value;
}

function viewOfCalls(v: Views, world: World): TlaValue {
  let key = '';
  for (const c of world.model.calls) {
    const { status, since, value } = world.calls[c]!;
    key += `${c}:${status}:${since}:${value},`;
  }
  return v.sharing.of('calls', key, () => ({ ...world.calls }) as unknown as TlaValue).value;
}

function viewOfReplicas<T extends TlaValue>(
  v: Views,
  world: World,
  values: Readonly<Record<string, T>>,
): TlaValue {
  let key = '';
  for (const r of world.model.replicas) key += `${r}:${String(values[r])},`;
  return v.sharing.of('environment', key, () => ({ ...values })).value;
}

export function view(world: World): View {
  const v = views(world);
  const { replicas } = world.model;
  const each = replicas.map((r) => viewOfReplica(v, world.replicas[r]!, nowOf(world, r)));
  const of = (i: number) => ofAll(v, replicas, each, i);
  return {
    msgs: new Set(world.msgs.map((m) => v.message(world, m))),
    calls: viewOfCalls(v, world),
    lin: v.lin(world.lin),
    alive: viewOfReplicas(v, world, world.alive),
    crashes: world.crashes,
    missed: viewOfReplicas(v, world, world.missed),
    promised: of(0),
    logBallot: of(1),
    log: of(2),
    unsynced: of(3),
    phase: of(4),
    ballot: of(5),
    votes: of(6),
    barrier: of(7),
    acked: of(8),
    commit: of(9),
    waiting: of(10),
    grants: of(11),
    held: of(12),
    waits: of(13),
    relinquished: of(14),
  };
}
