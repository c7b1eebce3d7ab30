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
import type { Op, World } from './world.ts';
import { none, nowOf } from './world.ts';

type View = Readonly<Record<string, TlaValue>>;

export function viewOfValue(value: string | null): string {
  return value ?? none;
}

/** A write must be the one its call asked for; any other shows as a record. */
function viewOfCommand(ops: Readonly<Record<string, Op>>, command: Command): TlaValue {
  if (command.kind === 'noop') return 'noop';
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
  const waiting = memo(
    (all: readonly Waiting[]): TlaValue =>
      new Set(
        all.map((w) => ({ call: w.call, slot: w.slot, ok: w.ok, value: viewOfValue(w.value) })),
      ),
  );
  return { command, log, message, unsynced, votes, waiting };
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

interface ReplicaView {
  readonly now: number;
  readonly vars: View;
}
const replicaViews = new WeakMap<State, ReplicaView>();

function left(members: readonly string[], until: State['held'], now: number): View {
  const record: Record<string, TlaValue> = {};
  for (const q of members) record[q] = Math.max(0, (until[q] ?? 0) - now);
  return record;
}

/** One replica's variables; they hang on its clock only through its deadlines. */
function viewOfReplica(v: Views, state: State, now: number): View {
  const known = replicaViews.get(state);
  if (known !== undefined && known.now === now) return known.vars;
  const { members } = state.group;
  const vars: View = {
    promised: bal(state.promised),
    logBallot: bal(state.logBallot),
    log: v.log(state.log),
    unsynced: v.unsynced(state.unsynced),
    phase: state.phase,
    ballot: bal(state.ballot),
    votes: v.votes(state.votes),
    barrier: state.barrier,
    acked: left(members, state.acked, 0),
    commit: state.commit,
    waiting: v.waiting(state.waiting),
    grants: viewOfGrants(state.grants, now),
    held: left(members, state.held, now),
    waits: viewOfGrants(state.waits, now),
    relinquished: bal(state.relinquished),
  };
  replicaViews.set(state, { now, vars });
  return vars;
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

export function view(world: World): View {
  const v = views(world);
  const { replicas } = world.model;
  const each = replicas.map((r) => viewOfReplica(v, world.replicas[r]!, nowOf(world, r)));
  const variables: Record<string, TlaValue> = {
    msgs: new Set(world.msgs.map((m) => v.message(world, m))),
    calls: world.calls as unknown as TlaValue,
    lin: world.lin.map(v.command),
    alive: world.alive,
    crashes: world.crashes,
    missed: world.missed,
  };
  for (const name of replicaVariables) {
    const record: Record<string, TlaValue> = {};
    for (let i = 0; i < replicas.length; i += 1) record[replicas[i]!] = each[i]![name]!;
    variables[name] = record;
  }
  return variables;
}
