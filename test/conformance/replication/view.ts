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
  const lin = memo((commands: readonly Command[]): TlaValue => commands.map(command));
  const calls = memo((all: World['calls']): TlaValue => ({ ...all }) as unknown as TlaValue);
  const alive = memo((all: World['alive']): TlaValue => ({ ...all }));
  const missed = memo((all: World['missed']): TlaValue => ({ ...all }));
  return { command, log, message, unsynced, votes, waiting, lin, calls, alive, missed };
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

type ReplicaView = { readonly now: number } & Readonly<
  Record<(typeof replicaVariables)[number], TlaValue>
>;
const replicaViews = new WeakMap<State, ReplicaView>();

/** Each member's count or deadline as what remains of it; the same object for the same state. */
function remaining(members: readonly string[], counts: State['held'], now: number): View {
  const record: Record<string, TlaValue> = {};
  for (const q of members) record[q] = Math.max(0, (counts[q] ?? 0) - now);
  return record;
}

const membersOf = new WeakMap<object, readonly string[]>();
const counts = memo((c: State['acked']): View => remaining(membersOf.get(c) ?? [], c, 0));

function viewOfCounts(members: readonly string[], c: State['held'], now: number): TlaValue {
  if (now !== 0) return remaining(members, c, now);
  if (!membersOf.has(c)) membersOf.set(c, members);
  return counts(c);
}

const grantsAtStart = memo((grants: readonly Grant[]): TlaValue => viewOfGrants(grants, 0));

function viewOfLeases(grants: readonly Grant[], now: number): TlaValue {
  return now === 0 ? grantsAtStart(grants) : viewOfGrants(grants, now);
}

/** One replica's variables; they hang on its clock only through its deadlines. */
function viewOfReplica(v: Views, state: State, now: number): ReplicaView {
  const known = replicaViews.get(state);
  if (known !== undefined && known.now === now) return known;
  const { members } = state.group;
  const vars: ReplicaView = {
    now,
    promised: bal(state.promised),
    logBallot: bal(state.logBallot),
    log: v.log(state.log),
    unsynced: v.unsynced(state.unsynced),
    phase: state.phase,
    ballot: bal(state.ballot),
    votes: v.votes(state.votes),
    barrier: state.barrier,
    acked: viewOfCounts(members, state.acked, 0),
    commit: state.commit,
    waiting: v.waiting(state.waiting),
    grants: viewOfLeases(state.grants, now),
    held: viewOfCounts(members, state.held, now),
    waits: viewOfLeases(state.waits, now),
    relinquished: bal(state.relinquished),
  };
  replicaViews.set(state, vars);
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

/** A variable's value for all replicas, from each one's. */
type Parts = readonly TlaValue[];
const recentMax = 8;

/**
 * The last values of one variable. Most steps leave most variables as they
 * were, and a value that is the same object is compared at no cost.
 */
class Recent {
  readonly #replicas: readonly string[];
  readonly #made = memo((parts: Parts): View => this.#record(parts));
  readonly #known: { readonly parts: Parts; readonly made: TlaValue }[] = [];
  #next = 0;

  constructor(replicas: readonly string[]) {
    this.#replicas = replicas;
  }

  #record(parts: Parts): View {
    const record: Record<string, TlaValue> = {};
    this.#replicas.forEach((r, i) => {
      record[r] = parts[i]!;
    });
    return record;
  }

  of(views: readonly ReplicaView[], name: (typeof replicaVariables)[number]): TlaValue {
    for (const { parts, made } of this.#known) {
      let i = 0;
      while (i < views.length && parts[i] === views[i]![name]) i += 1;
      if (i === views.length) return made;
    }
    const parts = views.map((each) => each[name]);
    const made = this.#made(parts);
    this.#known[this.#next] = { parts, made };
    this.#next = (this.#next + 1) % recentMax;
    return made;
  }
}

const recentOf = new WeakMap<object, readonly Recent[]>();

function recent(world: World): readonly Recent[] {
  let known = recentOf.get(world.model);
  if (known === undefined) {
    known = replicaVariables.map(() => new Recent(world.model.replicas));
    recentOf.set(world.model, known);
  }
  return known;
}

export function view(world: World): View {
  const v = views(world);
  const { replicas } = world.model;
  const each = replicas.map((r) => viewOfReplica(v, world.replicas[r]!, nowOf(world, r)));
  const [
    promised,
    logBallot,
    log,
    unsynced,
    phase,
    ballot,
    votes,
    barrier,
    acked,
    commit,
    waiting,
    grants,
    held,
    waits,
    relinquished,
  ] = recent(world).map((variable, i) => variable.of(each, replicaVariables[i]!));
  return {
    msgs: new Set(world.msgs.map((m) => v.message(world, m))),
    calls: v.calls(world.calls),
    lin: v.lin(world.lin),
    alive: v.alive(world.alive),
    crashes: world.crashes,
    missed: v.missed(world.missed),
    promised: promised!,
    logBallot: logBallot!,
    log: log!,
    unsynced: unsynced!,
    phase: phase!,
    ballot: ballot!,
    votes: votes!,
    barrier: barrier!,
    acked: acked!,
    commit: commit!,
    waiting: waiting!,
    grants: grants!,
    held: held!,
    waits: waits!,
    relinquished: relinquished!,
  };
}
