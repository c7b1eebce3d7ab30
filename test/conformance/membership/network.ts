/**
 * The network of specs/membership/Membership.tla: a set from which a message may be
 * received at any time, any number of times, or never. A message that can change no
 * receiver's state any more is dropped (`Useful`).
 */
import type { EpochMessage, Message, State } from '../../../src/protocol/membership/state.ts';
import { takes } from '../../../src/protocol/membership/operators.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import { compareBallots, sameBallot } from '../../../src/protocol/replication/ballot.ts';
import type { Message as BallotMessage } from '../../../src/protocol/replication/state.ts';
import type { World } from './world.ts';
import { at, left } from './world.ts';

/** What is left of a renewal. */
export function leftOf(world: World, { sentAtMs }: { readonly sentAtMs: number }): number {
  return left(sentAtMs + world.model.lease, world.now);
}

function reach({ model }: World, ballot: Ballot): readonly string[] {
  const from = ballot.replica;
  return model.replicas.filter((q) => q !== from && !model.cut.has(`${from}>${q}`));
}

function reaches({ model }: World, from: string, ballot: Ballot): boolean {
  return !model.cut.has(`${from}>${ballot.replica}`);
}

/** The messages of a type that may reach replica r: nothing else is decided here. */
export function deliverable<T extends Message['type']>(
  world: World,
  r: string,
  type: T,
): readonly (Message & { type: T })[] {
  return world.msgs.filter(
    (message): message is Message & { type: T } =>
      message.type === type && mayReach(world, message, r),
  );
}

function mayReach(world: World, message: Message, r: string): boolean {
  switch (message.type) {
    case 'epoch':
    case 'join':
      return true;
    case 'promise':
    case 'accepted':
    case 'grant':
      return message.ballot.replica === r;
    default:
      return reach(world, message.ballot).includes(r);
  }
}

/** Who takes part in a ballot now, or will when it has entered the epoch. */
function takers(world: World, ballot: Ballot): readonly State[] {
  const owner = at(world.replicas, ballot.replica);
  return reach(world, ballot)
    .map((q) => at(world.replicas, q))
    .filter(
      (q) =>
        takes(q, ballot) ||
        (q.epoch < ballot.epoch &&
          owner.epoch === ballot.epoch &&
          owner.group.members.includes(q.group.id)),
    );
}

const atMost = (a: Ballot, b: Ballot): boolean => compareBallots(a, b) <= 0;
const below = (a: Ballot, b: Ballot): boolean => compareBallots(a, b) < 0;

export function useful(world: World, message: Message): boolean {
  if (message.type === 'epoch') return usefulCopy(world, message);
  const { ballot } = message;
  const owner = at(world.replicas, ballot.replica);
  const wants = owner.phase !== 'follower' && sameBallot(owner.ballot, ballot);
  const leads = wants && owner.phase === 'leader';
  const acked = (from: string): number => owner.acked[from] ?? 0;
  switch (message.type) {
    case 'prepare':
      return wants && takers(world, ballot).some((q) => mayJoin(q, ballot));
    case 'promise':
      return wants && reaches(world, message.from, ballot) && acked(message.from) === 0;
    case 'accepted':
      return leads && reaches(world, message.from, ballot) && acked(message.from) < message.length;
    case 'grant':
      return (
        leads &&
        reaches(world, message.from, ballot) &&
        leftOf(world, message) > left(owner.held[message.from] ?? 0, world.now)
      );
    default:
      return takers(world, ballot).some((q) => usefulTo(world, message, q));
  }
}

function usefulCopy(world: World, message: EpochMessage): boolean {
  return message.members.some((q) => at(world.replicas, q).epoch < message.epoch);
}

function mayJoin(q: State, ballot: Ballot): boolean {
  return atMost(q.promised, ballot) && below(q.logBallot, ballot);
}

function usefulTo(world: World, message: BallotMessage, q: State): boolean {
  const { ballot } = message;
  switch (message.type) {
    case 'join':
      return message.to === q.group.id && mayJoin(q, ballot);
    case 'accept':
      return (
        atMost(q.promised, ballot) && (below(q.logBallot, ballot) || q.log.length < message.slot)
      );
    case 'commit':
      return (
        q.commit < message.slot &&
        atMost(q.logBallot, ballot) &&
        (atMost(q.promised, ballot) || sameBallot(q.logBallot, ballot))
      );
    case 'renew':
      return leftOf(world, message) > 0 && atMost(q.promised, ballot);
    default:
      throw new TypeError(`${message.type} has one receiver`);
  }
}
