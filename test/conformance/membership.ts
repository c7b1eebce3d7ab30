/**
 * Binds specs/membership/Membership.tla to src/protocol/membership: every action of
 * the spec, by name, as what the code does in the spec's environment.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import * as change from '../../src/protocol/membership/change.ts';
import * as epoch from '../../src/protocol/membership/epoch.ts';
import type { EpochMessage, Message, State, Step } from '../../src/protocol/membership/state.ts';
import { copy, truncate } from '../../src/protocol/membership/truncation.ts';
import * as actions from './membership/actions.ts';
import { decode } from './membership/decode.ts';
import * as environment from './membership/environment.ts';
import { deliverable } from './membership/network.ts';
import { view } from './membership/view.ts';
import type { World } from './membership/world.ts';
import { at, ballotOf, keptOf, modelOf, storageOf } from './membership/world.ts';

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

function withStored(world: World, r: string, kept: number): World {
  return { ...world, stored: { ...world.stored, [r]: kept } };
}

/**
 * The service knows how far each member of the epoch has kept its log; and what is dropped, the
 * items hold.
 */
function truncated(world: World, args: Args, through: unknown): World | undefined {
  const r = replica(args);
  const n = through as number;
  const { members } = at(world.replicas, r).group;
  const kept = [r, ...members].every((q) => keptOf(world, q) >= n);
  if (!world.model.keeping.has(r) || !kept) return undefined;
  const next = actions.perform(world, r, (state) => truncate(state, { through: n }));
  return next && withStored(next, r, Math.max(n, at(world.stored, r)));
}

/** What q gives of its log, up to slot n, and its items, which r's storage makes durable. */
function copied(world: World, args: Args, last: unknown): World | undefined {
  const [r, q, n] = [replica(args), args['q'] as string, last as number];
  if (world.alive[q] !== true || !world.model.keeping.has(q)) return undefined;
  const { log, epoch: number, opened, group } = at(world.replicas, q);
  const { members, storage } = group;
  const next = actions.perform(world, r, (state) =>
    copy(state, {
      start: log.base,
      entries: log.slice(log.base + 1, n),
      from: { epoch: number, members, storage, opened },
    }),
  );
  return next && withStored(next, r, n);
}

function slots(world: World, r: string): readonly number[] {
  const { log, commit } = at(world.replicas, r);
  return Array.from({ length: commit - log.base + 1 }, (_, i) => log.base + i);
}

export const binding = defineBinding<World>({
  name: 'membership',
  spec: 'specs/membership/Membership.tla',
  init: (constants) => actions.init(modelOf(constants)),
  decode: (values, constants) => decode(modelOf(constants), values),
  view,
  choices: {
    Install: messages('epoch'),
    Truncate: (world, args) => slots(world, replica(args)),
    Copy: (world, args) => slots(world, args['q'] as string),
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
    Keep: (world, args) => environment.keep(world, replica(args)),
    Truncate: truncated,
    Copy: copied,
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
