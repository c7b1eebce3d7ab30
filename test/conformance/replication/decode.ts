/**
 * The code's state for a state of specs/replication/Replication.tla, with all
 * clocks at 0: a deadline is then what is left of it.
 */
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import type {
  Grant,
  Image,
  Message,
  PromiseMessage,
  State,
  Unsynced,
  Waiting,
} from '../../../src/protocol/replication/state.ts';
import type { CallState, Model, World } from './world.ts';
import { ballotOf, commandOf, each, none } from './world.ts';

type Values = Readonly<Record<string, TlaValue>>;
type Records = readonly Values[];

/** The decoded form of each value of the model, kept by the value's identity. */
function kept<A extends object, R>(make: (value: A) => R): (value: A) => R {
  const known = new WeakMap<A, R>();
  return (value) => {
    let result = known.get(value);
    if (result === undefined) {
      result = make(value);
      known.set(value, result);
    }
    return result;
  };
}

function all(set: TlaValue): Records {
  return [...(set as ReadonlySet<Values>)];
}

function decoders(model: Model) {
  const ballot = (value: TlaValue | undefined) => ballotOf(model, value as number);
  const value = (v: TlaValue | undefined) => (v === none ? null : (v as string));
  const commands = (names: TlaValue | undefined): readonly Command[] =>
    (names as readonly string[]).map((name) => commandOf(model, name));
  const log = kept((names: object) => CommandLog.of(commands(names as readonly string[])));
  const grants = kept((set: object): readonly Grant[] =>
    all(set as ReadonlySet<Values>).map((g) => ({
      ballot: ballot(g['bal']),
      untilMs: g['left'] as number,
    })),
  );
  const sentAt = (left: TlaValue | undefined) => (left as number) - model.lease;
  const message = kept((m: Values): Message => {
    const common = { ballot: ballot(m['bal']) };
    const from = m['from'] as string;
    switch (m['type'] as Message['type']) {
      case 'prepare':
        return { type: 'prepare', ...common, commit: m['commit'] as number };
      case 'promise':
        return {
          type: 'promise',
          ...common,
          from,
          logBallot: ballot(m['logBallot']),
          start: m['start'] as number,
          entries: commands(m['entries']),
          grants: all(m['grants'] as TlaValue).map((g) => ({
            ballot: ballot(g['bal']),
            leftMs: g['left'] as number,
          })),
        };
      case 'join':
        return {
          type: 'join',
          ...common,
          to: m['to'] as string,
          start: m['start'] as number,
          entries: commands(m['entries']),
        };
      case 'accept':
        return {
          type: 'accept',
          ...common,
          slot: m['slot'] as number,
          command: commandOf(model, m['cmd'] as string),
        };
      case 'accepted':
        return { type: 'accepted', ...common, from, length: m['length'] as number };
      case 'commit':
        return { type: 'commit', ...common, slot: m['slot'] as number };
      case 'renew':
        return { type: 'renew', ...common, sentAtMs: sentAt(m['left']) };
      case 'grant':
        return { type: 'grant', ...common, from, sentAtMs: sentAt(m['left']) };
      case 'relinquish':
        return { type: 'relinquish', ...common };
    }
  });
  const messages = kept((set: object) => all(set as ReadonlySet<Values>).map(message));
  const image = (i: Values): Image => ({
    promised: ballot(i['promised']),
    logBallot: ballot(i['logBallot']),
    log: log(i['log'] as object),
  });
  const unsynced = kept((writes: object): readonly Unsynced[] =>
    (writes as Records).map((write) => ({
      was: image(write['was'] as Values),
      send: all(write['send'] as TlaValue).map((m) => ({
        kind: 'send',
        to: addressees(model, message(m)),
        message: message(m),
      })),
    })),
  );
  const waiting = kept((set: object): readonly Waiting[] =>
    all(set as ReadonlySet<Values>).map((w) => ({
      call: w['call'] as string,
      slot: w['slot'] as number,
      ok: w['ok'] as boolean,
      value: value(w['value']),
    })),
  );
  const linear = kept((names: object) => commands(names as readonly string[]));
  return { ballot, log, grants, messages, unsynced, waiting, linear };
}

function addressees(model: Model, message: Message): readonly string[] {
  if (message.type === 'join') return [message.to];
  if ('from' in message) return [message.ballot.replica];
  return model.replicas.filter((q) => q !== message.ballot.replica);
}

const decodersOf = kept(decoders);

export function decode(model: Model, vars: Values): World {
  const d = decodersOf(model);
  const of = (name: string, r: string) => (vars[name] as Values)[r]!;
  const replica = (r: string): State => ({
    group: model.groups[r]!,
    promised: d.ballot(of('promised', r)),
    logBallot: d.ballot(of('logBallot', r)),
    log: d.log(of('log', r) as object),
    unsynced: d.unsynced(of('unsynced', r) as object),
    phase: of('phase', r) as State['phase'],
    ballot: d.ballot(of('ballot', r)),
    votes: d.messages(of('votes', r) as object) as readonly PromiseMessage[],
    barrier: of('barrier', r) as number,
    acked: of('acked', r) as unknown as Readonly<Record<string, number>>,
    commit: of('commit', r) as number,
    waiting: d.waiting(of('waiting', r) as object),
    grants: d.grants(of('grants', r) as object),
    held: of('held', r) as unknown as Readonly<Record<string, number>>,
    waits: d.grants(of('waits', r) as object),
    relinquished: d.ballot(of('relinquished', r)),
  });
  return {
    model,
    msgs: d.messages(vars['msgs'] as object),
    calls: callsOf(vars['calls']),
    lin: d.linear(vars['lin'] as object),
    alive: vars['alive'] as Readonly<Record<string, boolean>>,
    crashes: vars['crashes'] as number,
    missed: vars['missed'] as Readonly<Record<string, number>>,
    now: each(model.replicas, () => 0),
    replicas: each(model.replicas, replica),
  };
}

/** A function with an empty domain is the empty sequence. */
function callsOf(calls: TlaValue | undefined): Readonly<Record<string, CallState>> {
  return (Array.isArray(calls) ? {} : calls) as unknown as Readonly<Record<string, CallState>>;
}
