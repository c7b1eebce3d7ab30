/**
 * The actions of src/protocol/membership and src/protocol/replication as a replica takes them, each
 * under its name in the specs. What must hold: what Membership names is Membership's; the rest is
 * Replication's within one epoch.
 */
import { announce, install, reconfigure } from '../protocol/membership/change.ts';
import * as epoch from '../protocol/membership/epoch.ts';
import { copy, truncate } from '../protocol/membership/truncation.ts';
import type { Output, State, Step } from '../protocol/membership/state.ts';
import * as append from '../protocol/replication/append.ts';
import * as calls from '../protocol/replication/calls.ts';
import * as lease from '../protocol/replication/lease.ts';
import type { Message, State as ReplicationState } from '../protocol/replication/state.ts';
import type { Step as ReplicationStep } from '../protocol/replication/state.ts';
import { evenState } from './evenState.ts';

export type Action<A> = (
  state: State,
  args: A,
) => { state: State; outputs: readonly Output[] } | undefined;

/** An action of Replication: it changes nothing of the epoch. */
function inEpoch<A>(
  action: (state: ReplicationState, args: A) => ReplicationStep | undefined,
): (state: State, args: A) => Step | undefined {
  return (state, args) => {
    const step = action(state, args);
    return step && { state: evenState(step.state, state), outputs: step.outputs };
  };
}

/** An action of Membership that makes its state in a way of its own. */
function even<A>(
  action: (state: State, args: A) => Step | undefined,
): (state: State, args: A) => Step | undefined {
  return (state, args) => {
    const step = action(state, args);
    return step && { state: evenState(step.state, step.state), outputs: step.outputs };
  };
}

export const actions = {
  Reconfigure: reconfigure,
  Announce: announce,
  Install: even(install),
  Copy: even(copy),
  Truncate: even(truncate),
  StartElection: epoch.startElection,
  Put: epoch.put,
  Commit: epoch.commit,
  Renew: epoch.renew,
  StrongRead: epoch.strongRead,
  EventualRead: inEpoch(calls.eventualRead),
  Reply: inEpoch(calls.reply),
  Resend: inEpoch(append.resend),
  Persisted: inEpoch(append.persisted),
  Relinquish: inEpoch(lease.relinquish),
} as const;

type Received = {
  readonly [T in Message['type']]: readonly [
    string,
    Action<{ message: Extract<Message, { type: T }>; nowMs: number }>,
  ];
};

/** What a message between the members of an epoch makes a replica do. */
export const received: Received = {
  prepare: ['Promise', epoch.promise],
  promise: ['ReceivePromise', epoch.receivePromise],
  join: ['Join', epoch.join],
  accept: ['Accept', epoch.accept],
  accepted: ['ReceiveAccepted', epoch.receiveAccepted],
  commit: ['LearnCommit', epoch.learnCommit],
  renew: ['Grant', epoch.grant],
  grant: ['ReceiveGrant', epoch.receiveGrant],
  relinquish: ['ReceiveRelinquish', inEpoch(lease.receiveRelinquish)],
};

/** A step after which there is nothing to write, to say or to show. */
export function changesLeasesAlone(before: State, after: State): boolean {
  const changes = after.grants !== before.grants || after.held !== before.held;
  const same = after.unsynced === before.unsynced && after.phase === before.phase;
  return changes && same && after.waiting.length === 0;
}
