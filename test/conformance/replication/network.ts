/**
 * The network of specs/replication/Replication.tla: a set from which a message
 * may be received at any time, any number of times, or never. A message that
 * can change no receiver's state any more is dropped (`Useful`).
 */
import type { Ballot, ReplicaId } from '../../../src/protocol/replication/ballot.ts';
import { compareBallots, sameBallot } from '../../../src/protocol/replication/ballot.ts';
import { durable } from '../../../src/protocol/replication/operators.ts';
import type { Message, SendOutput } from '../../../src/protocol/replication/state.ts';
import type { World } from './world.ts';
import { nowOf, replicaOf } from './world.ts';

/** What is left of a renewal, by the clock of the leader that sent it. */
export function leftOf(world: World, message: Message & { type: 'renew' | 'grant' }): number {
  const elapsed = nowOf(world, message.ballot.replica) - message.sentAtMs;
  return Math.max(0, world.model.lease - elapsed);
}

/** Whom the leader of a ballot reaches. */
export function reach(world: World, ballot: Ballot): readonly ReplicaId[] {
  return world.model.reached[ballot.replica] ?? [];
}

function reachable(world: World, ballot: Ballot, q: ReplicaId): boolean {
  return reach(world, ballot).includes(q);
}

function reaches(world: World, from: ReplicaId, to: ReplicaId): boolean {
  return world.model.reached[from]?.includes(to) === true;
}

/** The messages of a type that may reach replica r. */
export function deliverable<T extends Message['type']>(
  world: World,
  r: ReplicaId,
  type: T,
): readonly (Message & { type: T })[] {
  return world.msgs.filter(
    (message): message is Message & { type: T } =>
      message.type === type && mayReach(world, message, r),
  );
}

function mayReach(world: World, message: Message, r: ReplicaId): boolean {
  switch (message.type) {
    case 'promise':
    case 'accepted':
    case 'grant':
      return reaches(world, message.from, r);
    case 'join':
      return reachable(world, message.ballot, message.to);
    default:
      return reachable(world, message.ballot, r);
  }
}

function leads(world: World, ballot: Ballot): boolean {
  const owner = replicaOf(world, ballot.replica);
  return owner.phase === 'leader' && sameBallot(owner.ballot, ballot);
}

function wants(world: World, ballot: Ballot): boolean {
  const owner = replicaOf(world, ballot.replica);
  return owner.phase !== 'follower' && sameBallot(owner.ballot, ballot);
}

function ackedBy(world: World, ballot: Ballot, from: ReplicaId): number {
  return replicaOf(world, ballot.replica).acked[from] ?? 0;
}

export function useful(world: World, message: Message): boolean {
  const { ballot } = message;
  switch (message.type) {
    case 'prepare':
      return wants(world, ballot) && reach(world, ballot).some((q) => mayJoin(world, q, ballot));
    case 'promise':
      return (
        wants(world, ballot) &&
        reaches(world, message.from, ballot.replica) &&
        ackedBy(world, ballot, message.from) === 0
      );
    case 'join':
      return reachable(world, ballot, message.to) && mayJoin(world, message.to, ballot);
    case 'accepted':
      return (
        leads(world, ballot) &&
        reaches(world, message.from, ballot.replica) &&
        ackedBy(world, ballot, message.from) < message.length
      );
    case 'grant':
      return (
        leads(world, ballot) &&
        reaches(world, message.from, ballot.replica) &&
        usefulGrant(world, message)
      );
    case 'renew':
      return (
        leftOf(world, message) > 0 &&
        reach(world, ballot).some((q) => atMost(durableOf(world, q).promised, ballot))
      );
    default:
      return reach(world, ballot).some((q) => usefulTo(world, message, q));
  }
}

function durableOf(world: World, q: ReplicaId) {
  return durable(replicaOf(world, q));
}

function atMost(a: Ballot, b: Ballot): boolean {
  return compareBallots(a, b) <= 0;
}

function mayJoin(world: World, q: ReplicaId, ballot: Ballot): boolean {
  const own = durableOf(world, q);
  return atMost(own.promised, ballot) && compareBallots(own.logBallot, ballot) < 0;
}

function usefulGrant(world: World, message: Message & { type: 'grant' }): boolean {
  const owner = message.ballot.replica;
  const held = (replicaOf(world, owner).held[message.from] ?? 0) - nowOf(world, owner);
  return leftOf(world, message) > Math.max(0, held);
}

function usefulTo(
  world: World,
  message: Message & { type: 'accept' | 'commit' | 'relinquish' },
  q: ReplicaId,
): boolean {
  const { ballot } = message;
  const state = replicaOf(world, q);
  const own = durable(state);
  switch (message.type) {
    case 'accept':
      return (
        atMost(own.promised, ballot) &&
        (compareBallots(own.logBallot, ballot) < 0 || own.log.length < message.slot)
      );
    case 'commit':
      return (
        state.commit < message.slot &&
        atMost(own.logBallot, ballot) &&
        (atMost(own.promised, ballot) || sameBallot(state.logBallot, ballot))
      );
    case 'relinquish':
      return state.group.storage.includes(q) && compareBallots(state.relinquished, ballot) < 0;
  }
}

/** A message must be addressed to those that the protocol means it for. */
export function checkAddress(world: World, sender: ReplicaId, output: SendOutput): void {
  const { message, to } = output;
  const direct =
    message.type === 'join'
      ? [message.to]
      : 'from' in message
        ? [message.ballot.replica]
        : undefined;
  const right =
    direct === undefined
      ? to.length > 0 && to.every((q) => q !== sender && world.model.replicas.includes(q))
      : to.length === 1 && to[0] === direct[0];
  if (!right) throw new Error(`${message.type} of ${sender} is addressed to ${to.join(', ')}`);
}
