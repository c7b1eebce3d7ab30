/**
 * Binds specs/membership/Membership.tla to src/protocol/membership: every action of
 * the spec, by name, as what the code does in the spec's environment.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import * as change from '../../src/protocol/membership/change.ts';
import * as epoch from '../../src/protocol/membership/epoch.ts';
import type { EpochMessage, Message, State, Step } from '../../src/protocol/membership/state.ts';
import * as actions from './membership/actions.ts';
import { decode } from './membership/decode.ts';
import * as environment from './membership/environment.ts';
import { deliverable } from './membership/network.ts';
import { view } from './membership/view.ts';
import type { World } from './membership/world.ts';
import { at, ballotOf, modelOf, storageOf } from './membership/world.ts';

type Args = Readonly<Record<string, TlaValue>>;

const replica = (args: Args): string => args['r'] as string;

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

function reconfigure(world: World, args: Args): World | undefined {
  const plan = world.model.plans[args['p'] as string];
  if (plan === undefined) throw new Error(`no plan ${String(args['p'])}`);
  const { epoch: made, members } = plan;
  const storage = storageOf(world.model, members);
  return actions.perform(world, replica(args), (state, nowMs) =>
    change.reconfigure(state, { epoch: made, members, storage, nowMs }),
  );
}

function put(world: World, args: Args): World | undefined {
  const call = args['c'] as string;
  if (world.made.includes(call)) return undefined;
  const next = actions.perform(world, replica(args), (state) =>
    epoch.put(state, { call, key: 'k', value: call, applied: () => null }),
  );
  return next && { ...next, made: [...next.made, call] };
}

function commit(world: World, args: Args): World | undefined {
  const r = replica(args);
  const next = actions.perform(world, r, (state, nowMs) => epoch.commit(state, { nowMs }));
  return actions.seen(world, next, r);
}

function renew(world: World, args: Args): World | undefined {
  if (!world.model.renewing.has(replica(args))) return undefined;
  return actions.perform(world, replica(args), (state, nowMs) => epoch.renew(state, { nowMs }));
}

function strongRead(world: World, args: Args): World | undefined {
  const before = at(world.replicas, replica(args));
  const read = { call: 'read', key: 'k', applied: () => null };
  const step = epoch.strongRead(before, { ...read, nowMs: world.now });
  return step && world.alive[replica(args)] === true ? world : undefined;
}

export const binding = defineBinding<World>({
  name: 'membership',
  spec: 'specs/membership/Membership.tla',
  init: (constants) => actions.init(modelOf(constants)),
  decode: (values, constants) => decode(modelOf(constants), values),
  view,
  choices: {
    Install: messages('epoch'),
    Promise: messages('prepare'),
    ReceivePromise: messages('promise'),
    Join: messages('join'),
    Accept: messages('accept'),
    ReceiveAccepted: messages('accepted'),
    LearnCommit: messages('commit'),
    Grant: messages('renew'),
    ReceiveGrant: messages('grant'),
  },
  actions: {
    Reconfigure: reconfigure,
    Announce: (world, args) =>
      actions.perform(world, replica(args), (state) =>
        change.announce(state, { start: args['n'] as number }),
      ),
    Install: (world, args, message) =>
      actions.perform(world, replica(args), (state) =>
        change.install(state, { message: message as EpochMessage }),
      ),
    StartElection: (world, args) =>
      actions.perform(world, replica(args), (state) =>
        epoch.startElection(state, { ballot: ballotOf(world.model, args['b'] as number) }),
      ),
    Promise: receives<'prepare'>(epoch.promise),
    ReceivePromise: receives<'promise'>(epoch.receivePromise),
    Join: receives<'join'>(epoch.join),
    Put: put,
    Accept: receives<'accept'>(epoch.accept),
    ReceiveAccepted: receives<'accepted'>(epoch.receiveAccepted),
    Commit: commit,
    LearnCommit: receives<'commit'>(epoch.learnCommit),
    Renew: renew,
    Grant: receives<'renew'>(epoch.grant),
    ReceiveGrant: receives<'grant'>(epoch.receiveGrant),
    StrongRead: strongRead,
    Advance: (world) => environment.advance(world),
    Crash: (world, args) => environment.crash(world, replica(args)),
    Restart: (world, args) => environment.restarted(world, replica(args)),
  },
});
