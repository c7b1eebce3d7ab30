/**
 * The operators of specs/membership/Membership.tla over one replica's state, and how
 * a replica enters an epoch. Composition with src/protocol/replication: see state.ts.
 */
import type { Ballot } from '../replication/ballot.ts';
import type { CommandLog } from '../replication/commandLog.ts';
import { abandoned, follow, hasLease, waited, write } from '../replication/operators.ts';
import type * as replication from '../replication/state.ts';
import { base } from './state.ts';
import type { Opening, State, Step } from './state.ts';

/** Whether something may still be proposed in this epoch, and be served. */
export function open(state: State): boolean {
  return !state.log.endsEpoch(state.epoch);
}

/** A leader whose own entries are chosen and whose older leases are over. */
export function settled(state: State, nowMs: number): boolean {
  return state.phase === 'leader' && waited(state, nowMs) && state.commit >= state.barrier;
}

/** Whether this replica may answer from its own state: not once its epoch ends. */
export function serving(state: State, nowMs: number): boolean {
  return settled(state, nowMs) && hasLease(state, nowMs) && open(state);
}

/** Whether this replica takes part in the epoch of a ballot. */
export function takes(state: State, ballot: Ballot): boolean {
  return ballot.epoch === state.epoch && state.group.members.includes(state.group.id);
}

/**
 * An action of Replication: it changes nothing of the epoch. Every action of a member comes by here,
 * so the fields are written out: copied by `...` they cost twenty times as much.
 */
export function within(state: State, step: replication.Step | undefined): Step | undefined {
  if (step === undefined) return undefined;
  const { state: after, outputs } = step;
  const copied: State = {
    group: after.group,
    promised: after.promised,
    logBallot: after.logBallot,
    log: after.log,
    unsynced: after.unsynced,
    phase: after.phase,
    ballot: after.ballot,
    votes: after.votes,
    barrier: after.barrier,
    acked: after.acked,
    commit: after.commit,
    waiting: after.waiting,
    grants: after.grants,
    held: after.held,
    waits: after.waits,
    relinquished: after.relinquished,
    epoch: state.epoch,
    opened: state.opened,
  };
  return { state: copied, outputs };
}

/**
 * Enters an epoch with this log, chosen whole, in one durable write. Its least
 * ballot is promised, so that nothing of an older epoch is answered any more; the
 * grants given there are forgotten, since nobody serves in it any more.
 */
export function enter(state: State, next: Opening, log: CommandLog): Step {
  const { epoch, members, storage, opened } = next;
  const cleared: replication.State = {
    ...follow(state),
    group: { ...state.group, members, storage },
    commit: log.length,
    grants: [],
  };
  const ballot = base(epoch);
  const image = { promised: ballot, logBallot: ballot, log };
  const step = write(cleared, image, [], abandoned(state));
  return { state: { ...step.state, epoch, opened }, outputs: step.outputs };
}
