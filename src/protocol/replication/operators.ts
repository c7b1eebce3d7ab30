/**
 * The operators of specs/replication/Replication.tla over one replica's state,
 * under the spec's names, and the two ways in which its actions change it:
 * `write` for what must survive a crash, `lead` and `follow` for what need not.
 */
import type { Ballot, ReplicaId } from './ballot.ts';
import { compareBallots, noBallot, sameBallot } from './ballot.ts';
import { sameCommand } from './commandLog.ts';
import type { Image, Output, PromiseMessage, SendOutput, State, Step, Unsynced } from './state.ts';

/** More than half of the members. */
export function isQuorum(count: number, members: number): boolean {
  return 2 * count > members;
}

export function image(state: State): Image {
  return { promised: state.promised, logBallot: state.logBallot, log: state.log };
}

/** What the disk is sure to hold. */
export function durable(state: State): Image {
  return state.unsynced[0]?.was ?? state;
}

/**
 * How much of its commit a replica may keep beyond a crash: as far as its durable log agrees with
 * its log. Others may have chosen a slot that it has not made durable itself.
 */
export function keepable(state: State): number {
  const { log, commit } = state;
  const own = durable(state).log;
  const most = Math.min(commit, own.length);
  if (log.extends(own)) return most;
  let kept = Math.max(log.base, own.base);
  while (kept < most && sameCommand(log.at(kept + 1), own.at(kept + 1))) kept += 1;
  return kept;
}

/** Whether enough members' grants hold at `nowMs`. */
export function hasLease(state: State, nowMs: number): boolean {
  let holding = 0;
  for (const member of state.group.members) {
    if ((state.held[member] ?? 0) > nowMs) holding += 1;
  }
  return isQuorum(holding, state.group.members.length);
}

/** Whether all leases given to other ballots have run out. */
export function waited(state: State, nowMs: number): boolean {
  return state.waits.every((grant) => grant.untilMs <= nowMs);
}

/** Whether this replica may answer from its own state. */
export function serving(state: State, nowMs: number): boolean {
  return (
    state.phase === 'leader' &&
    waited(state, nowMs) &&
    state.commit >= state.barrier &&
    hasLease(state, nowMs)
  );
}

/** How many members hold the first n slots of this leader's log durably. */
export function holders(state: State, n: number): number {
  return state.group.members.filter((member) => heldBy(state, member) >= n).length;
}

/** How much of this leader's log a member is known to hold durably. */
function heldBy(state: State, member: ReplicaId): number {
  if (member !== state.group.id) return state.acked[member] ?? 0;
  const own = durable(state);
  return sameBallot(own.logBallot, state.ballot) ? own.log.length : 0;
}

/** How far this leader's log is chosen: as far as some member holds it, and a quorum does. */
export function chosen(state: State): number {
  const { members } = state.group;
  let longest = 0;
  for (const member of members) {
    const n = Math.min(heldBy(state, member), state.log.length);
    if (n > longest && isQuorum(holders(state, n), members.length)) longest = n;
  }
  return longest;
}

/** The end of the log that a promise tells of. */
export function end(promise: Pick<PromiseMessage, 'start' | 'entries'>): number {
  return promise.start + promise.entries.length;
}

type Inheritable = Pick<PromiseMessage, 'logBallot' | 'start' | 'entries'>;

/** Whether a promises a better log to inherit than b. */
export function better(a: Inheritable, b: Inheritable): boolean {
  const order = compareBallots(a.logBallot, b.logBallot) || end(a) - end(b) || b.start - a.start;
  return order > 0;
}

/**
 * The newest value of a key, pending writes included: `applied` tells it for
 * the slots up to `commit`.
 */
export function valueAt(
  state: State,
  key: string,
  applied: (key: string) => string | null,
): string | null {
  for (let slot = state.log.length; slot > state.commit; slot -= 1) {
    const command = state.log.at(slot);
    if (command.kind === 'write' && command.key === key) return command.value;
  }
  return applied(key);
}

/** The other members of the group. */
export function others(state: State): readonly ReplicaId[] {
  return state.group.members.filter((member) => member !== state.group.id);
}

export function isStorage(state: State): boolean {
  return state.group.storage.includes(state.group.id);
}

/** The acceptor writes; `send` goes out when the write is durable, `now` at once. */
export function write(
  state: State,
  changed: Partial<Image>,
  send: readonly SendOutput[],
  now: readonly Output[] = [],
): Step {
  const pending: Unsynced = { was: image(state), send };
  return {
    state: { ...state, ...changed, unsynced: [...state.unsynced, pending] },
    outputs: [{ kind: 'persist' }, ...now],
  };
}

/** What a replica knows as candidate or leader. */
export type Leadership = Pick<State, 'phase' | 'ballot' | 'barrier' | 'waits'>;

/** Takes up a phase with nothing counted yet. */
export function lead(state: State, leadership: Leadership): State {
  return { ...state, ...leadership, votes: [], acked: {}, held: {}, waiting: [] };
}

const follower: Leadership = { phase: 'follower', ballot: noBallot, barrier: 0, waits: [] };

/** Forgets the candidate or leader. */
export function follow(state: State): State {
  return state.phase === 'follower' ? state : lead(state, follower);
}

/** Tells the clients of a leader that steps down that it will not answer them. */
export function abandoned(state: State): readonly Output[] {
  return state.waiting.map((waiting) => ({
    kind: 'reply',
    call: waiting.call,
    status: 'unknown',
    value: null,
  }));
}

/** Whether this replica's own promise is still its ballot. */
export function ownPromise(state: State): boolean {
  return sameBallot(state.promised, state.ballot);
}

/** Whether this replica is the one that leads, or wants to lead, under a ballot. */
export function owns(state: State, ballot: Ballot): boolean {
  return ballot.replica === state.group.id;
}
