/**
 * Replication within an epoch: Replication's actions, for those that take part in
 * the epoch of the ballot. Spec: specs/membership/Membership.tla, "within an epoch".
 */
import * as append from '../replication/append.ts';
import type { Ballot } from '../replication/ballot.ts';
import * as calls from '../replication/calls.ts';
import * as election from '../replication/election.ts';
import * as lease from '../replication/lease.ts';
import type {
  Accept,
  Accepted,
  CommitMessage,
  GrantMessage,
  Join,
  Output as ReplicationOutput,
  Prepare,
  PromiseMessage,
  Renew,
  State as ReplicationState,
  Step as ReplicationStep,
} from '../replication/state.ts';
import { enter, open, serving, takes, within } from './operators.ts';
import type { State, Step } from './state.ts';

/** Asks for promises, in the epoch this replica is in. */
export function startElection(state: State, args: { ballot: Ballot }): Step | undefined {
  if (!takes(state, args.ballot)) return undefined;
  return within(state, election.startElection(state, args));
}

export function promise(state: State, args: { message: Prepare; nowMs: number }): Step | undefined {
  if (!takes(state, args.message.ballot)) return undefined;
  return within(state, election.promise(state, args));
}

/** Counts a promise. A log that ends with the stop sign gets no barrier after it. */
export function receivePromise(
  state: State,
  args: { message: PromiseMessage; nowMs: number },
): Step | undefined {
  return within(state, election.receivePromise(state, args));
}

export function join(state: State, args: { message: Join }): Step | undefined {
  if (!takes(state, args.message.ballot)) return undefined;
  return within(state, election.join(state, args));
}

/** The leader takes a write, unless its epoch ends. */
export function put(state: State, args: calls.PutArgs): Step | undefined {
  if (!open(state)) return undefined;
  return within(state, calls.put(state, args));
}

export function accept(state: State, args: { message: Accept }): Step | undefined {
  if (!takes(state, args.message.ballot)) return undefined;
  return within(state, append.accept(state, args));
}

export function receiveAccepted(state: State, args: { message: Accepted }): Step | undefined {
  return within(state, append.receiveAccepted(state, args));
}

/**
 * The leader shows what a quorum holds. It waits for all older leases first, unless
 * its log ends the epoch: then nobody serves in it any more. With the stop sign
 * chosen it enters the next epoch, and answers the writes that came before.
 */
export function commit(state: State, args: { nowMs: number }): Step | undefined {
  const free: ReplicationState = open(state) ? state : { ...state, waits: [] };
  const step = append.commit(free, args);
  if (step === undefined) return undefined;
  const replies = ended(state, step) ? answers(step.state) : [];
  const waiting = replies.length > 0 ? [] : step.state.waiting;
  const { waits } = state;
  return learned(state, {
    state: { ...step.state, waits, waiting },
    outputs: [...step.outputs, ...replies],
  });
}

/** A member of the ballot learns what is chosen, the end of its epoch included. */
export function learnCommit(state: State, args: { message: CommitMessage }): Step | undefined {
  if (!takes(state, args.message.ballot)) return undefined;
  const step = append.learnCommit(state, args);
  return step && learned(state, step);
}

/** Whether the last slot that a step shows as chosen is the stop sign. */
function ended(state: State, { state: after }: ReplicationStep): boolean {
  const last = after.log.at(after.commit);
  return last.kind === 'reconfigure' && last.epoch === state.epoch;
}

function learned(state: State, step: ReplicationStep): Step {
  const { commit, log } = step.state;
  const last = log.at(commit);
  const { epoch, opened } = state;
  const known = { state: { ...step.state, epoch, opened }, outputs: step.outputs };
  if (last.kind !== 'reconfigure' || last.epoch !== epoch) return known;
  const { members, storage } = last;
  const next = { epoch: epoch + 1, members, storage, opened: log.length };
  const entered = enter(known.state, next, log);
  return { ...entered, outputs: [...step.outputs, ...entered.outputs] };
}

/** The answers to everything that waits: the stop sign comes after it, and is chosen. */
function answers({ waiting }: ReplicationState): readonly ReplicationOutput[] {
  const inOrder = [...waiting].sort((a, b) => a.slot - b.slot);
  return inOrder.map(({ call, ok, value }) => ({
    kind: 'reply',
    call,
    status: ok ? 'ok' : 'unknown',
    value: ok ? value : null,
  }));
}

export function renew(state: State, args: { nowMs: number }): Step | undefined {
  return within(state, lease.renew(state, args));
}

export function grant(state: State, args: { message: Renew; nowMs: number }): Step | undefined {
  if (!takes(state, args.message.ballot)) return undefined;
  return within(state, lease.grant(state, args));
}

export function receiveGrant(
  state: State,
  args: { message: GrantMessage; nowMs: number },
): Step | undefined {
  return within(state, lease.receiveGrant(state, args));
}

/** The serving leader answers from what it knows to be chosen. */
export function strongRead(
  state: State,
  args: calls.ReadArgs & { nowMs: number },
): Step | undefined {
  if (!serving(state, args.nowMs)) return undefined;
  return within(state, calls.strongRead(state, args));
}
