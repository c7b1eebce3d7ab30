/**
 * The leader's lease. The leader counts from sending the renewal that a quorum
 * granted, a grantor from receiving it and with the drift of clocks on top: so
 * the leader's end comes first. Spec: specs/replication/Replication.tla, "The
 * lease".
 */
import type { Ballot } from './ballot.ts';
import { compareBallots, sameBallot } from './ballot.ts';
import { abandoned, follow, isStorage, others, ownPromise, owns } from './operators.ts';
import type { Grant, GrantMessage, Relinquish, Renew, State, Step } from './state.ts';

/** The grants that still hold, with one to this ballot that is counted from now. */
function granted(state: State, ballot: Ballot, nowMs: number): readonly Grant[] {
  const kept = state.grants.filter(
    (grant) => grant.untilMs > nowMs && !sameBallot(grant.ballot, ballot),
  );
  const { leaseMs, driftMs } = state.group;
  return [...kept, { ballot, untilMs: nowMs + leaseMs + driftMs }];
}

/**
 * The state with other leases, its fields written out: copied by `...` they cost twenty times as
 * much, and a node of thousands of groups renews all their leases three times in each.
 */
function withLeases(state: State, held: State['held'], grants: State['grants']): State {
  return {
    group: state.group,
    promised: state.promised,
    logBallot: state.logBallot,
    log: state.log,
    unsynced: state.unsynced,
    phase: state.phase,
    ballot: state.ballot,
    votes: state.votes,
    barrier: state.barrier,
    acked: state.acked,
    commit: state.commit,
    waiting: state.waiting,
    grants,
    held,
    waits: state.waits,
    relinquished: state.relinquished,
  };
}

/** Asks for the lease, and grants it to itself. */
export function renew(state: State, args: { nowMs: number }): Step | undefined {
  const { nowMs } = args;
  const { id, leaseMs } = state.group;
  if (leaseMs === 0 || state.phase !== 'leader' || !ownPromise(state)) return undefined;
  if ((state.held[id] ?? 0) >= nowMs + leaseMs) return undefined;
  const message: Renew = { type: 'renew', ballot: state.ballot, sentAtMs: nowMs };
  const held = { ...state.held, [id]: nowMs + leaseMs };
  return {
    state: withLeases(state, held, granted(state, state.ballot, nowMs)),
    outputs: [{ kind: 'send', to: others(state), message }],
  };
}

/** Grants the lease, to the ballot it has promised only. */
export function grant(state: State, args: { message: Renew; nowMs: number }): Step | undefined {
  const { ballot, sentAtMs } = args.message;
  if (owns(state, ballot) || !sameBallot(state.promised, ballot)) return undefined;
  const message: GrantMessage = { type: 'grant', ballot, from: state.group.id, sentAtMs };
  return {
    state: withLeases(state, state.held, granted(state, ballot, args.nowMs)),
    outputs: [{ kind: 'send', to: [ballot.replica], message }],
  };
}

/** The leader may count on a grant for a lease's time since it asked. */
export function receiveGrant(
  state: State,
  args: { message: GrantMessage; nowMs: number },
): Step | undefined {
  const { ballot, from, sentAtMs } = args.message;
  if (state.phase !== 'leader' || !sameBallot(ballot, state.ballot)) return undefined;
  const untilMs = sentAtMs + state.group.leaseMs;
  if (untilMs <= args.nowMs || untilMs <= (state.held[from] ?? 0)) return undefined;
  const held = { ...state.held, [from]: untilMs };
  return { state: withLeases(state, held, state.grants), outputs: [] };
}

/** Gives the ballot up for good, for a planned hand-off. */
export function relinquish(state: State): Step | undefined {
  if (state.phase !== 'leader') return undefined;
  const message: Relinquish = { type: 'relinquish', ballot: state.ballot };
  return {
    state: follow(state),
    outputs: [...abandoned(state), { kind: 'send', to: others(state), message }],
  };
}

/** Leases given to a ballot that was given up need not be waited out. */
export function receiveRelinquish(state: State, args: { message: Relinquish }): Step | undefined {
  const { ballot } = args.message;
  if (!isStorage(state) || owns(state, ballot)) return undefined;
  if (compareBallots(state.relinquished, ballot) >= 0) return undefined;
  const waits = state.waits.filter((wait) => !sameBallot(wait.ballot, ballot));
  return { state: { ...state, relinquished: ballot, waits }, outputs: [] };
}
