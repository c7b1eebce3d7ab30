/**
 * The invariants of specs/replication/Replication.tla as checks at run time,
 * under the spec's names, over a whole group as an observer sees it.
 */
import { sameBallot } from './ballot.ts';
import { sameCommand } from './commandLog.ts';
import type { Command } from './commandLog.ts';
import { durable, isQuorum, serving } from './operators.ts';
import type { Image, State } from './state.ts';

export interface ObservedCall {
  readonly call: string;
  readonly kind: 'put' | 'cas' | 'read' | 'eventual';
  readonly key: string;
  /** What a conditional write expected; null: no value. */
  readonly expected: string | null;
  readonly status: string;
  /** What the client was told, null for nothing. */
  readonly value: string | null;
}

export interface Observed {
  readonly members: readonly {
    readonly state: State;
    readonly alive: boolean;
    readonly nowMs: number;
  }[];
  /** The commands in the order in which they were first seen. */
  readonly lin: readonly Command[];
  readonly calls: readonly ObservedCall[];
}

function servingMembers(group: Observed): readonly State[] {
  return group.members
    .filter((member) => member.alive && serving(member.state, member.nowMs))
    .map((member) => member.state);
}

function startsWith(commands: readonly Command[], prefix: readonly Command[]): boolean {
  return prefix.every((command, index) => sameCommand(command, commands[index]));
}

/** Of one ballot they are one log; dropped slots are not compared. */
export function agreeing(a: Image, b: Image): boolean {
  if (!sameBallot(a.logBallot, b.logBallot)) return true;
  const last = Math.min(a.log.length, b.log.length);
  let slot = Math.max(a.log.base, b.log.base) + 1;
  while (slot <= last && sameCommand(a.log.at(slot), b.log.at(slot))) slot += 1;
  return slot > last;
}

function valueIn(commands: readonly Command[], key: string): string | null {
  for (let i = commands.length - 1; i >= 0; i -= 1) {
    const command = commands[i];
    if (command?.kind === 'write' && command.key === key) return command.value;
  }
  return null;
}

function places(commands: readonly Command[], call: string): readonly number[] {
  return commands.flatMap((command, index) =>
    command.kind === 'write' && command.call === call ? [index] : [],
  );
}

function isWrite(call: ObservedCall): boolean {
  return call.kind === 'put' || call.kind === 'cas';
}

type Invariant = (group: Observed) => boolean;

export const invariants: Readonly<Record<string, Invariant>> = {
  /** Of all leaders at most one serves. */
  OneServingLeaderInv: (group) => servingMembers(group).length <= 1,

  /** A serving leader knows everything that anybody has seen. */
  FreshLeaderInv: (group) =>
    servingMembers(group).every((state) => state.commit >= group.lin.length),

  /** A log replica never leads or serves. */
  LogReplicaInv: (group) =>
    group.members.every(
      ({ state }) =>
        state.group.storage.includes(state.group.id) ||
        (state.phase === 'follower' && state.waiting.length === 0),
    ),

  /** What a replica takes for chosen is what was seen, in that order. */
  AgreementInv: (group) =>
    group.members.every(
      ({ state }) =>
        state.commit <= group.lin.length && startsWith(group.lin, state.log.slice(1, state.commit)),
    ),

  /** What was seen survives on a quorum of disks. */
  DurableInv: (group) => {
    const holding = group.members.filter(({ state }) => {
      const { log } = durable(state);
      return log.length >= group.lin.length && startsWith(log.slice(1), group.lin);
    });
    return isQuorum(holding.length, group.members.length);
  },

  /** An acknowledged write was seen, and no write twice. */
  AcknowledgedInv: (group) =>
    group.calls.filter(isWrite).every((call) => {
      const count = places(group.lin, call.call).length;
      return count <= 1 && (call.status !== 'ok' || count === 1);
    }),

  /** A conditional write stands, in every log, on the value its condition held for. */
  PremiseInv: (group) => {
    const logs = [group.lin, ...group.members.map(({ state }) => state.log.slice(1))];
    return group.calls
      .filter((call) => call.kind === 'cas')
      .every((call) =>
        logs.every((log) =>
          places(log, call.call).every(
            (index) => valueIn(log.slice(0, index), call.key) === call.expected,
          ),
        ),
      );
  },

  /** What a member of a ballot holds is what its leader holds, or less. */
  LeaderLogInv: (group) =>
    group.members.every(
      ({ state: leader }) =>
        leader.phase !== 'leader' ||
        group.members.every(
          ({ state }) =>
            !sameBallot(state.logBallot, leader.ballot) ||
            startsWith(leader.log.slice(1), state.log.slice(1)),
        ),
    ),

  /** Logs of one ballot are one log, each as far as it goes. */
  OneLogInv: (group) => {
    const states = group.members.map(({ state }) => state);
    return states.every((a, i) => states.slice(i + 1).every((b) => agreeing(a, b)));
  },

  /** A value that a client was told is one that nobody can take back. */
  SeenInv: (group) =>
    group.calls.every(
      (call) =>
        call.value === null ||
        group.lin.some((command) => command.kind === 'write' && command.value === call.value),
    ),
};
