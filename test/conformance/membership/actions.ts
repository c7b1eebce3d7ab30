/**
 * The actions of specs/membership/Membership.tla that are calls of the code: the
 * environment carries out what each puts out, and makes each write durable at once, or
 * later where the model says so.
 */
import { within } from '../../../src/protocol/membership/operators.ts';
import { init as initReplica } from '../../../src/protocol/membership/state.ts';
import type { Message, Output, State, Step } from '../../../src/protocol/membership/state.ts';
import { persisted } from '../../../src/protocol/replication/append.ts';
import { others } from '../../../src/protocol/replication/operators.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';
import { useful } from './network.ts';
import { keyOf } from './view.ts';
import type { Model, World } from './world.ts';
import { at, ballotOf, each, storageOf } from './world.ts';

/** Carries out a step of replica r; undefined where the code refuses it. */
export function perform(
  world: World,
  r: string,
  act: (state: State, nowMs: number) => Step | undefined,
): World | undefined {
  if (world.alive[r] !== true) return undefined;
  const before = at(world.replicas, r);
  const step = act(before, world.now);
  if (step === undefined) return undefined;
  const { state, outputs } = world.model.atomicFsync ? fsynced(step, allWrites(step)) : step;
  const { atomicFsync } = world.model;
  const sent = outputs.flatMap((output) => sentBy(output, atomicFsync ? before : undefined));
  const replicas = { ...world.replicas, [r]: { ...state, waiting: [] } };
  return settle(withSent({ ...world, replicas }, sent));
}

const allWrites = ({ state }: Step): number => state.unsynced.length;

/** The oldest writes are durable. */
export function fsynced(step: Step, writes: number): Step {
  if (writes === 0) return step;
  const after = within(step.state, persisted(step.state, { writes }));
  if (after === undefined) throw new Error('an fsync was refused');
  return { state: after.state, outputs: [...step.outputs, ...after.outputs] };
}

/**
 * What goes to all goes to the other members of the epoch that the sender was in; not to be
 * checked where it waited for an fsync while the sender went on to the next.
 */
function sentBy(output: Output, before: State | undefined): readonly Message[] {
  if (output.kind !== 'send') return [];
  const { message, to } = output;
  if (before === undefined) return [message];
  const receivers = receiversOf(message, before);
  if (to.join() !== receivers.join()) throw new Error(`${message.type} is sent to ${to.join()}`);
  return [message];
}

function receiversOf(message: Message, before: State): readonly string[] {
  if (message.type === 'join') return [message.to];
  if ('from' in message) return [message.ballot.replica];
  return others(before);
}

function withSent(world: World, sent: readonly Message[]): World {
  if (sent.length === 0) return world;
  const keys = new Set(world.msgs.map((message) => keyOf(world, message)));
  const fresh = sent.filter((message) => !keys.has(keyOf(world, message)));
  return { ...world, msgs: [...world.msgs, ...fresh] };
}

/** Drops the messages that can change nobody's state any more. */
export function settle(world: World): World {
  return { ...world, msgs: world.msgs.filter((message) => useful(world, message)) };
}

/** A leader shows what is chosen: the first to show a slot puts it in `lin`. */
export function seen(before: World, after: World | undefined, r: string): World | undefined {
  if (after === undefined) return undefined;
  const { log, commit } = at(after.replicas, r);
  const known = before.lin.length;
  if (commit <= known) return after;
  const from = Math.min(known, at(before.replicas, r).commit);
  const shown: readonly Command[] = log.slice(from + 1, commit);
  return { ...after, lin: [...before.lin.slice(0, from), ...shown] };
}

export function init(model: Model): World {
  const { first, leader, lease } = model;
  const least = ballotOf(model, Math.min(...model.owners.keys()));
  const replica = (id: string): State => {
    const identity = { id, leaseMs: lease, driftMs: 0 };
    if (!first.includes(id)) return initReplica(identity);
    const storage = storageOf(model, first);
    const member = initReplica(identity, { epoch: least.epoch, members: first, storage });
    const grants = lease > 0 ? [{ ballot: least, untilMs: lease }] : [];
    const joined = { ...member, promised: least, logBallot: least, grants };
    if (id !== leader) return joined;
    return { ...joined, phase: 'leader', ballot: least, held: each(first, () => lease) };
  };
  return {
    model,
    msgs: [],
    made: [],
    lin: [],
    alive: each(model.replicas, () => true),
    crashes: 0,
    now: 0,
    replicas: each(model.replicas, replica),
    stored: each(model.replicas, () => 0),
  };
}
