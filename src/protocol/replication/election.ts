/**
 * Elections: how a storage replica becomes the leader of a ballot, and how the
 * members join it. Spec: specs/replication/Replication.tla, "Elections".
 *
 * A leader inherits the best log whole, and a member joins by replacing its
 * whole unchosen suffix in one durable step. What is inherited or joined slot
 * by slot can keep a conditional write and lose what it was evaluated on.
 */
import type { Ballot } from './ballot.ts';
import { compareBallots, sameBallot } from './ballot.ts';
import type { CommandLog } from './commandLog.ts';
import { noop } from './commandLog.ts';
import {
  abandoned,
  better,
  durable,
  follow,
  isQuorum,
  isStorage,
  lead,
  others,
  owns,
  write,
} from './operators.ts';
import type {
  Accepted,
  Grant,
  Join,
  Output,
  Prepare,
  PromiseMessage,
  SendOutput,
  State,
  Step,
} from './state.ts';

function sendTo(to: readonly string[], message: SendOutput['message']): SendOutput {
  return { kind: 'send', to, message };
}

/** Asks for promises, once this replica's own is durable. */
export function startElection(state: State, args: { ballot: Ballot }): Step | undefined {
  const { ballot } = args;
  if (!isStorage(state)) return undefined;
  if (!owns(state, ballot) || compareBallots(ballot, state.promised) <= 0) return undefined;
  const candidate = lead(state, { phase: 'candidate', ballot, barrier: 0, waits: [] });
  const ask = sendTo(others(state), { type: 'prepare', ballot, commit: state.commit });
  return write(candidate, { promised: ballot }, [ask], abandoned(state));
}

/**
 * Promises to answer nothing below the ballot. One that has promised already
 * and not joined answers again: the first answer may be lost. It leaves out
 * what both know to be chosen; another command may stand in the candidate's log
 * at a slot that only this replica knows to be chosen. What it has dropped itself
 * every member knew to be chosen (Membership, `NeededInv`).
 */
export function promise(state: State, args: { message: Prepare; nowMs: number }): Step | undefined {
  const { ballot } = args.message;
  const order = compareBallots(ballot, state.promised);
  if (owns(state, ballot) || order < 0) return undefined;
  if (compareBallots(state.logBallot, ballot) >= 0) return undefined;
  if (order === 0 && state.unsynced.length > 0) return undefined;
  const start = Math.max(Math.min(args.message.commit, state.commit), state.log.base);
  const answer = sendTo([ballot.replica], {
    type: 'promise',
    ballot,
    from: state.group.id,
    logBallot: state.logBallot,
    start,
    entries: state.log.slice(start + 1),
    grants: state.grants
      .filter((grant) => grant.untilMs > args.nowMs && !sameBallot(grant.ballot, ballot))
      .map((grant) => ({ ballot: grant.ballot, leftMs: grant.untilMs - args.nowMs })),
  });
  const next = state.phase === 'candidate' ? follow(state) : state;
  if (order === 0) return { state: next, outputs: [answer] };
  return write(next, { promised: ballot }, [answer]);
}

/** Begins after what the member knew to be chosen when it promised, or has had to know since. */
function joinMessage(ballot: Ballot, member: string, known: number, log: CommandLog): SendOutput {
  const start = Math.max(known, log.base);
  const message: Join = {
    type: 'join',
    ballot,
    to: member,
    start,
    entries: log.slice(start + 1),
  };
  return sendTo([member], message);
}

/**
 * Counts a promise. With a quorum the candidate leads; a leader lets one more
 * member join. It must know to be chosen what the promise leaves out.
 */
export function receivePromise(
  state: State,
  args: { message: PromiseMessage; nowMs: number },
): Step | undefined {
  const { message } = args;
  if (state.phase === 'follower' || !sameBallot(message.ballot, state.ballot)) return undefined;
  if (message.start > state.commit) return undefined;
  if (state.phase === 'leader') {
    if ((state.acked[message.from] ?? 0) > 0) return undefined;
    const join = joinMessage(state.ballot, message.from, message.start, state.log);
    return { state, outputs: [join] };
  }
  if (state.votes.some((vote) => samePromise(vote, message))) return undefined;
  const votes = [...state.votes, message];
  const voters = new Set([state.group.id, ...votes.map((vote) => vote.from)]);
  if (!isQuorum(voters.size, state.group.members.length)) {
    return { state: { ...state, votes }, outputs: [] };
  }
  return win(state, votes, args.nowMs);
}

/**
 * Takes over the best log whole, and adds the barrier: a no-op, unless the log
 * ends with the stop sign of the epoch, which is the barrier itself (Membership).
 */
function win(state: State, votes: readonly PromiseMessage[], nowMs: number): Step {
  const { base } = state.log;
  const own = { logBallot: state.logBallot, start: base, entries: state.log.slice(base + 1) };
  const best = votes.reduce((a, b) => (better(b, a) ? b : a));
  let inherited = state.log;
  if (better(best, own)) {
    inherited = state.log.replaceAfter(best.start, best.entries);
  }
  const { ballot } = state;
  const log = inherited.endsEpoch(ballot.epoch) ? inherited : inherited.append(noop);
  const waits = leasesToWaitOut(state, votes, nowMs);
  const leader = lead(state, { phase: 'leader', ballot, barrier: log.length, waits });
  const joins = votes.map((vote) => joinMessage(ballot, vote.from, vote.start, log));
  return write(leader, { logBallot: ballot, log }, [], joins);
}

/**
 * The leases that members, this replica included, gave to other ballots. One
 * whose leader gave it up for good need not be waited out.
 */
function leasesToWaitOut(
  state: State,
  votes: readonly PromiseMessage[],
  nowMs: number,
): readonly Grant[] {
  const given: Grant[] = state.grants.filter((grant) => grant.untilMs > nowMs);
  for (const vote of votes) {
    for (const grant of vote.grants) {
      given.push({ ballot: grant.ballot, untilMs: nowMs + grant.leftMs });
    }
  }
  return given.filter(
    (grant) => !sameBallot(grant.ballot, state.ballot) && !isRelinquished(state, grant.ballot),
  );
}

/** A lease given before a restart is known to nobody, and so to no ballot. */
function isRelinquished(state: State, ballot: Ballot): boolean {
  return ballot.replica !== '' && sameBallot(ballot, state.relinquished);
}

function samePromise(a: PromiseMessage, b: PromiseMessage): boolean {
  return a.from === b.from && a.start === b.start && sameGrants(a.grants, b.grants);
}

function sameGrants(a: PromiseMessage['grants'], b: PromiseMessage['grants']): boolean {
  if (a.length !== b.length) return false;
  return a.every((grant) =>
    b.some((other) => sameBallot(grant.ballot, other.ballot) && grant.leftMs === other.leftMs),
  );
}

export function acceptedMessage(state: State, ballot: Ballot, length: number): SendOutput {
  const message: Accepted = { type: 'accepted', ballot, from: state.group.id, length };
  return sendTo([ballot.replica], message);
}

/**
 * Joins the ballot it promised. It must know the slots before the message's
 * first entry to be chosen. One that has joined answers again.
 */
export function join(state: State, args: { message: Join }): Step | undefined {
  const { ballot, to, start, entries } = args.message;
  if (to !== state.group.id || !sameBallot(state.promised, ballot)) return undefined;
  if (sameBallot(state.logBallot, ballot)) {
    if (state.unsynced.length > 0) return undefined;
    return { state, outputs: [acceptedMessage(state, ballot, state.log.length)] };
  }
  if (start > state.commit) return undefined;
  const log = state.log.replaceAfter(start, entries);
  const left: readonly Output[] = abandoned(state);
  const accepted = acceptedMessage(state, ballot, log.length);
  return write(follow(state), { logBallot: ballot, log }, [accepted], left);
}

/** The candidate's or leader's own promise, where it is durable. */
export function promisedDurably(state: State): boolean {
  return compareBallots(durable(state).promised, state.ballot) >= 0;
}
