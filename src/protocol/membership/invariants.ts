/**
 * The invariants of specs/membership/Membership.tla as checks at run time, under the
 * spec's names, over all replicas of a group as an observer sees them.
 */
import { sameCommand } from '../replication/commandLog.ts';
import type { Command } from '../replication/commandLog.ts';
import { agreeing } from '../replication/invariants.ts';
import { durable, isQuorum } from '../replication/operators.ts';
import type { Image } from '../replication/state.ts';
import { serving } from './operators.ts';
import { base } from './state.ts';
import type { State } from './state.ts';

export interface Observed {
  readonly replicas: readonly {
    readonly state: State;
    readonly alive: boolean;
    readonly nowMs: number;
    /** The slots that it durably knows to be chosen. */
    readonly kept: number;
  }[];
  /** The commands in the order in which they were first seen. */
  readonly lin: readonly Command[];
  /** The members of the first epoch. */
  readonly first: readonly string[];
}

type Invariant = (group: Observed) => boolean;

function servingLeaders(group: Observed): readonly State[] {
  return group.replicas
    .filter(({ alive, state, nowMs }) => alive && serving(state, nowMs))
    .map(({ state }) => state);
}

const every = (group: Observed, holds: (state: State) => boolean): boolean =>
  group.replicas.every(({ state }) => holds(state));

/** The first `length` slots of a log are those of what was seen; dropped ones were. */
function agrees({ log }: Image, lin: readonly Command[], length: number): boolean {
  if (length > log.length || length > lin.length) return false;
  for (let slot = log.base + 1; slot <= length; slot += 1) {
    if (!sameCommand(log.at(slot), lin[slot - 1])) return false;
  }
  return true;
}

/** The members of the epoch in which the last of these commands was chosen. */
function membersFor(lin: readonly Command[], first: readonly string[]): readonly string[] {
  for (let i = lin.length - 2; i >= 0; i -= 1) {
    const command = lin[i];
    if (command?.kind === 'reconfigure') return command.members;
  }
  return first;
}

function changes(commands: readonly Command[]): readonly number[] {
  return commands.flatMap((command, i) => (command.kind === 'reconfigure' ? [i + 1] : []));
}

/** Whether it takes part durably: one that would wait again after a crash would copy anew. */
function entered(state: State): boolean {
  return durable(state).promised.epoch > 0;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  /** Of all leaders of all epochs at most one serves. */
  OneServingLeaderInv: (group) => servingLeaders(group).length <= 1,
  /** A serving leader knows everything that anybody has seen. */
  FreshLeaderInv: (group) =>
    servingLeaders(group).every((state) => state.commit >= group.lin.length),
  LogReplicaInv: (group) =>
    every(
      group,
      ({ group: { id, storage }, phase }) => storage.includes(id) || phase === 'follower',
    ),
  /** What a replica takes for chosen is what was seen, in the order it was seen. */
  AgreementInv: (group) => every(group, (state) => agrees(state, group.lin, state.commit)),
  /** What was seen is held by a quorum of those that chose it. */
  DurableInv: ({ replicas, lin, first }) => {
    const members = membersFor(lin, first);
    const holding = replicas.filter(
      ({ state }) => members.includes(state.group.id) && agrees(durable(state), lin, lin.length),
    );
    return isQuorum(holding.length, members.length);
  },
  /** Logs of one ballot are one log, each as far as it goes. */
  OneLogInv: ({ replicas }) =>
    replicas.every(({ state }, i) =>
      replicas.slice(i + 1).every((other) => agreeing(state, other.state)),
    ),
  /** An epoch ends with its change: nothing in a log of it follows that. */
  LastEntryInv: (group) =>
    every(group, ({ epoch, log, opened }) => {
      const slots = changes(log.slice(log.base + 1)).map((slot) => log.base + slot);
      return epoch === 0 || slots.every((slot) => slot <= opened || slot === log.length);
    }),
  /** A replica promises and holds ballots of the epoch it is in, no other. */
  SealedInv: (group) =>
    every(
      group,
      ({ epoch, promised, logBallot }) => promised.epoch === epoch && logBallot.epoch === epoch,
    ),
  /** Who takes part in no epoch answers nothing. */
  RetiredInv: (group) =>
    every(
      group,
      ({ group: { id, members }, epoch, promised }) =>
        members.includes(id) || promised.round === base(epoch).round,
    ),
  /** Who takes part in an epoch holds all that was chosen before it. */
  CaughtUpInv: (group) =>
    every(group, (state) => {
      const { epoch, opened, log } = state;
      const dropped = Math.min(log.base, opened);
      const before = [...group.lin.slice(0, dropped), ...log.slice(dropped + 1, opened)];
      const ends = changes(before).length;
      return agrees(state, group.lin, opened) && (epoch === 0 || ends === epoch - 1);
    }),
  /** A replica drops only what it has kept, and keeps only what it knows. */
  DroppedInv: ({ replicas }) =>
    replicas.every(({ state, kept }) => state.log.base <= kept && kept <= state.commit),
  /** No member of an epoch needs a slot that a fellow member has dropped. */
  NeededInv: ({ replicas }) =>
    replicas.every(({ state: { log, group } }) =>
      replicas
        .filter(({ state }) => group.members.includes(state.group.id) && entered(state))
        .every(({ kept }) => log.base <= kept),
    ),
  /** A change replaces one member of the configuration it was made for. */
  OneByOneInv: ({ lin, first }) =>
    changes(lin).every((slot) => {
      const before = membersFor(lin.slice(0, slot), first);
      const change = lin[slot - 1];
      const after = change?.kind === 'reconfigure' ? change.members : [];
      return before.filter((member) => !after.includes(member)).length <= 1;
    }),
};
