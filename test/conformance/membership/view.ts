/** The world as the variables of specs/membership/Membership.tla. */
import { memo } from '../../../conformance/value/value.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { Message, State } from '../../../src/protocol/membership/state.ts';
import type { Command, CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import type { Grant } from '../../../src/protocol/replication/state.ts';
import { leftOf } from './network.ts';
import type { Model, World } from './world.ts';
import { at, each, keptOf, left, nameOf, numberOf } from './world.ts';

type View = Readonly<Record<string, TlaValue>>;

function viewsOf(model: Model) {
  const names = (commands: readonly Command[]): TlaValue[] =>
    commands.map((command) => nameOf(model, command));
  const timeless = memo((m: Message): TlaValue => {
    if (m.type === 'epoch') {
      const { type, epoch, members, start } = m;
      return { type, epoch, members: new Set(members), start, entries: names(m.entries) };
    }
    const { type } = m;
    const bal = numberOf(model, m.ballot);
    switch (m.type) {
      case 'prepare':
        return { type, bal, commit: m.commit };
      case 'promise': {
        const { from, start } = m;
        const grants = m.grants.map((g) => ({ bal: numberOf(model, g.ballot), left: g.leftMs }));
        const logBallot = numberOf(model, m.logBallot);
        const entries = names(m.entries);
        return { type, bal, from, logBallot, start, entries, grants: new Set(grants) };
      }
      case 'join':
        return { type, bal, to: m.to, start: m.start, entries: names(m.entries) };
      case 'accept':
        return { type, bal, slot: m.slot, cmd: nameOf(model, m.command) };
      case 'accepted':
        return { type, bal, from: m.from, length: m.length };
      case 'commit':
        return { type, bal, slot: m.slot };
      default:
        throw new TypeError(`${m.type} is no message of Membership`);
    }
  });
  const message = (world: World, m: Message): TlaValue => {
    if (m.type === 'renew') {
      return { type: m.type, bal: numberOf(model, m.ballot), left: leftOf(world, m) };
    }
    if (m.type !== 'grant') return timeless(m);
    const bal = numberOf(model, m.ballot);
    return { type: m.type, bal, from: m.from, left: leftOf(world, m) };
  };
  const rest = memo((l: CommandLog): readonly TlaValue[] => names(l.slice(l.base + 1)));
  // What was dropped is what was chosen there.
  const log = (lin: readonly Command[], l: CommandLog): TlaValue => {
    return l.base === 0 ? [...rest(l)] : [...names(lin.slice(0, l.base)), ...rest(l)];
  };
  return { names, message, timeless, log };
}

const views = new WeakMap<Model, ReturnType<typeof viewsOf>>();

function viewsFor(model: Model): ReturnType<typeof viewsOf> {
  let known = views.get(model);
  if (known === undefined) views.set(model, (known = viewsOf(model)));
  return known;
}

/** Equal for equal messages: the network is a set of them. */
export function keyOf(world: World, message: Message): string {
  const plain = (_: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
  return JSON.stringify(viewsFor(world.model).message(world, message), plain);
}

export function view(world: World): View {
  const { model, now } = world;
  const v = viewsFor(model);
  const of = (value: (state: State) => TlaValue): TlaValue =>
    each(model.replicas, (r) => value(at(world.replicas, r)));
  const grants = (given: readonly Grant[]): TlaValue =>
    new Set(
      given
        .filter(({ untilMs }) => untilMs > now)
        .map(({ ballot, untilMs }) => ({ bal: numberOf(model, ballot), left: untilMs - now })),
    );
  const counts = (values: Readonly<Record<string, number>>, less: number): TlaValue =>
    each(model.replicas, (q) => left(values[q] ?? 0, less));
  return {
    msgs: new Set(world.msgs.map((m) => v.message(world, m))),
    made: new Set(world.made),
    lin: v.names(world.lin),
    alive: { ...world.alive },
    crashes: world.crashes,
    epoch: of(({ epoch }) => epoch),
    members: of(({ group }) => new Set(group.members)),
    opened: of(({ opened }) => opened),
    promised: of(({ promised }) => numberOf(model, promised)),
    logBallot: of(({ logBallot }) => numberOf(model, logBallot)),
    log: of(({ log }) => v.log(world.lin, log)),
    phase: of(({ phase }) => phase),
    ballot: of(({ ballot }) => numberOf(model, ballot)),
    votes: of(({ votes }) => new Set(votes.map(v.timeless))),
    barrier: of(({ barrier }) => barrier),
    acked: of(({ acked }) => counts(acked, 0)),
    commit: of(({ commit }) => commit),
    kept: each(model.replicas, (r) => keptOf(world, r)),
    first: of(({ log }) => log.base),
    grants: of((state) => grants(state.grants)),
    held: of(({ held }) => counts(held, now)),
    waits: of(({ waits }) => grants(waits)),
  };
}
