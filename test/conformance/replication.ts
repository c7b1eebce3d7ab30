/**
 * Binds specs/replication/Replication.tla to src/protocol/replication: every
 * action of the spec, by name, as what the code does in the spec's environment.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import * as append from '../../src/protocol/replication/append.ts';
import * as callsOf from '../../src/protocol/replication/calls.ts';
import * as election from '../../src/protocol/replication/election.ts';
import * as lease from '../../src/protocol/replication/lease.ts';
import type { Message, State, Step } from '../../src/protocol/replication/state.ts';
import * as environment from './environment.ts';
import * as actions from './replication/actions.ts';
import { decode } from './replication/decode.ts';
import { historyEvent } from './replication/history.ts';
import { deliverable } from './replication/network.ts';
import { view } from './replication/view.ts';
import type { World } from './replication/world.ts';
import { ballotOf, callOf, modelOf, none, replicaOf } from './replication/world.ts';
import type { TlaValue } from '../../conformance/value/value.ts';

type Args = Readonly<Record<string, TlaValue>>;

function replica(args: Args): string {
  return args['r'] as string;
}

function call(args: Args): string {
  return args['c'] as string;
}

/** An action that one message triggers; which one is a choice. */
function receives<T extends Message['type']>(
  act: (state: State, args: { message: Message & { type: T }; nowMs: number }) => Step | undefined,
) {
  return (world: World, args: Args, message: unknown) =>
    actions.perform(world, replica(args), (state, nowMs) =>
      act(state, { message: message as Message & { type: T }, nowMs }),
    );
}

function messages(type: Message['type']) {
  return (world: World, args: Args) => deliverable(world, replica(args), type);
}

/** The client's side of a call: it must have been made, and be of this kind. */
function asked(world: World, c: string, kinds: readonly string[]): boolean {
  return callOf(world, c).status === 'invoked' && kinds.includes(world.model.ops[c]?.kind ?? '');
}

function put(world: World, args: Args): World | undefined {
  const c = call(args);
  if (!asked(world, c, ['put', 'cas'])) return undefined;
  const { kind, key, expected } = world.model.ops[c]!;
  const condition = { expected: expected === none ? null : expected };
  const next = actions.perform(world, replica(args), (state) =>
    callsOf.put(state, {
      call: c,
      key,
      value: c,
      ...(kind === 'cas' && { condition }),
      applied: actions.appliedOf(state),
    }),
  );
  return actions.taken(next, c);
}

function strongRead(world: World, args: Args): World | undefined {
  const c = call(args);
  if (!asked(world, c, ['read'])) return undefined;
  const { key } = world.model.ops[c]!;
  return actions.perform(world, replica(args), (state, nowMs) =>
    callsOf.strongRead(state, { call: c, key, applied: actions.appliedOf(state), nowMs }),
  );
}

function eventualRead(world: World, args: Args): World | undefined {
  const c = call(args);
  if (!asked(world, c, ['eventual'])) return undefined;
  const { key } = world.model.ops[c]!;
  return actions.perform(world, replica(args), (state) =>
    callsOf.eventualRead(state, { call: c, key, applied: actions.appliedOf(state) }),
  );
}

function relinquish(world: World, args: Args): World | undefined {
  if (!world.model.yielding.has(replica(args))) return undefined;
  return actions.perform(world, replica(args), lease.relinquish);
}

export const binding = defineBinding<World>({
  name: 'replication',
  spec: 'specs/replication/Replication.tla',
  init: (constants) => actions.init(modelOf(constants)),
  decode: (model, constants) => decode(modelOf(constants), model),
  view,
  choices: {
    Promise: messages('prepare'),
    ReceivePromise: messages('promise'),
    Join: messages('join'),
    Accept: messages('accept'),
    ReceiveAccepted: messages('accepted'),
    LearnCommit: messages('commit'),
    Grant: messages('renew'),
    ReceiveGrant: messages('grant'),
    ReceiveRelinquish: messages('relinquish'),
    Crash: (world, args) => environment.keptBy(world, replica(args)),
    Persisted: (world, args) =>
      [...replicaOf(world, replica(args)).unsynced.keys(), -1].map((index) => index + 1),
  },
  actions: {
    StartElection: (world, args) =>
      actions.perform(world, replica(args), (state) =>
        election.startElection(state, { ballot: ballotOf(world.model, args['b'] as number) }),
      ),
    Promise: receives<'prepare'>(election.promise),
    ReceivePromise: receives<'promise'>(election.receivePromise),
    Join: receives<'join'>(election.join),
    Accept: receives<'accept'>(append.accept),
    ReceiveAccepted: receives<'accepted'>(append.receiveAccepted),
    Commit: (world, args) =>
      actions.perform(world, replica(args), (state, nowMs) => append.commit(state, { nowMs })),
    LearnCommit: receives<'commit'>(append.learnCommit),
    Resend: (world, args) => actions.perform(world, replica(args), (state) => append.resend(state)),
    Persisted: (world, args, writes) =>
      actions.perform(world, replica(args), (state) =>
        append.persisted(state, { writes: writes as number }),
      ),
    Renew: (world, args) =>
      actions.perform(world, replica(args), (state, nowMs) => lease.renew(state, { nowMs })),
    Grant: receives<'renew'>(lease.grant),
    ReceiveGrant: receives<'grant'>(lease.receiveGrant),
    Relinquish: relinquish,
    ReceiveRelinquish: receives<'relinquish'>(lease.receiveRelinquish),
    Advance: (world, args) => environment.advance(world, args['slow'] as string),
    Invoke: (world, args) => environment.invoke(world, call(args)),
    Put: put,
    Reply: (world, args) =>
      actions.perform(world, replica(args), (state, nowMs) =>
        callsOf.reply(state, { call: call(args), nowMs }),
      ),
    StrongRead: strongRead,
    EventualRead: eventualRead,
    GiveUp: (world, args) => environment.giveUp(world, call(args)),
    Crash: (world, args, kept) => environment.crash(world, replica(args), kept as number),
    Restart: (world, args) => environment.restarted(world, replica(args)),
  },
  history: (_action, _args, before, after) => historyEvent(before, after),
});
