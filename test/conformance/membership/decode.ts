/**
 * The code's state for a state of specs/membership/Membership.tla, with the clock at
 * 0: a deadline is then what is left of it.
 */
import type { TlaValue } from '../../../conformance/value/value.ts';
import { init } from '../../../src/protocol/membership/state.ts';
import type { Message, State } from '../../../src/protocol/membership/state.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';
import type { Grant, PromiseMessage } from '../../../src/protocol/replication/state.ts';
import type { Constants, Model, World } from './world.ts';
import { ballotOf, commandOf, each, sorted, storageOf } from './world.ts';

function kept<A extends object, R>(make: (value: A) => R): (value: A) => R {
  const known = new WeakMap<A, R>();
  return (value) => {
    let result = known.get(value);
    if (result === undefined) known.set(value, (result = make(value)));
    return result;
  };
}

const all = (set: TlaValue | undefined): readonly Constants[] => [
  ...(set as unknown as ReadonlySet<Constants>),
];

function decoders(model: Model) {
  const ballot = (value: TlaValue | undefined) => ballotOf(model, value as number);
  const commands = (names: TlaValue | undefined): readonly Command[] =>
    (names as readonly string[]).map((name) => commandOf(model, name));
  const log = kept((names: object) => CommandLog.of(commands(names as readonly string[])));
  const grants = (set: TlaValue | undefined): readonly Grant[] =>
    all(set).map((g) => ({ ballot: ballot(g['bal']), untilMs: g['left'] as number }));
  const message = kept((m: Constants): Message => {
    const number = (name: string): number => m[name] as number;
    const type = m['type'] as Message['type'];
    if (type === 'epoch') {
      const members = sorted(m['members']);
      const [epoch, start] = [number('epoch'), number('start')];
      const storage = storageOf(model, members);
      return { type, epoch, members, storage, start, entries: commands(m['entries']) };
    }
    const common = { ballot: ballot(m['bal']), from: m['from'] as string };
    switch (type) {
      case 'prepare':
        return { type, ballot: common.ballot, commit: number('commit') };
      case 'promise': {
        const told = grants(m['grants']).map((g) => ({ ballot: g.ballot, leftMs: g.untilMs }));
        const entries = commands(m['entries']);
        const logBallot = ballot(m['logBallot']);
        return { type, ...common, logBallot, start: number('start'), entries, grants: told };
      }
      case 'join': {
        const { ballot: b } = common;
        const entries = commands(m['entries']);
        return { type, ballot: b, to: m['to'] as string, start: number('start'), entries };
      }
      case 'accept': {
        const command = commandOf(model, m['cmd'] as string);
        return { type, ballot: common.ballot, slot: number('slot'), command };
      }
      case 'accepted':
        return { type, ...common, length: number('length') };
      case 'commit':
        return { type, ballot: common.ballot, slot: number('slot') };
      case 'renew':
        return { type, ballot: common.ballot, sentAtMs: number('left') - model.lease };
      case 'grant':
        return { type, ...common, sentAtMs: number('left') - model.lease };
      default:
        throw new TypeError(`${type} is no message of Membership`);
    }
  });
  return { ballot, commands, log, grants, message };
}

const decodersOf = kept(decoders);

export function decode(model: Model, vars: Constants): World {
  const d = decodersOf(model);
  const of = (name: string, r: string): TlaValue => (vars[name] as Constants)[r]!;
  const replica = (id: string): State => {
    const members = sorted(of('members', id));
    const fresh = init({ id, leaseMs: model.lease, driftMs: 0 });
    return {
      ...fresh,
      group: { ...fresh.group, members, storage: storageOf(model, members) },
      epoch: of('epoch', id) as number,
      opened: of('opened', id) as number,
      promised: d.ballot(of('promised', id)),
      logBallot: d.ballot(of('logBallot', id)),
      log: d.log(of('log', id) as object).truncate(of('first', id) as number),
      phase: of('phase', id) as State['phase'],
      ballot: d.ballot(of('ballot', id)),
      votes: all(of('votes', id)).map((vote) => d.message(vote) as PromiseMessage),
      barrier: of('barrier', id) as number,
      acked: of('acked', id) as unknown as State['acked'],
      commit: of('commit', id) as number,
      grants: d.grants(of('grants', id)),
      held: of('held', id) as unknown as State['held'],
      waits: d.grants(of('waits', id)),
    };
  };
  /** What the log tells by itself is not stored beside it. */
  const stored = (id: string): number => {
    const [kept, opened] = [of('kept', id), of('opened', id)];
    return (kept === opened ? of('first', id) : kept) as number;
  };
  return {
    model,
    msgs: all(vars['msgs']).map(d.message),
    made: sorted(vars['made']),
    lin: d.commands(vars['lin']),
    alive: vars['alive'] as Readonly<Record<string, boolean>>,
    crashes: vars['crashes'] as number,
    now: 0,
    replicas: each(model.replicas, replica),
    stored: each(model.replicas, stored),
  };
}
