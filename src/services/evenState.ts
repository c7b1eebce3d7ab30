/**
 * A replica's state with its fields in the one order that all its states have. What must hold:
 * nothing but that. Code that sees states of several orders looks each field up, and a field copied
 * by `...` costs twenty times as much as one written out.
 */
import type { State } from '../protocol/membership/state.ts';
import type { State as ReplicationState } from '../protocol/replication/state.ts';

export function evenState(
  state: ReplicationState,
  { epoch, opened }: Pick<State, 'epoch' | 'opened'>,
): State {
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
    grants: state.grants,
    held: state.held,
    waits: state.waits,
    relinquished: state.relinquished,
    epoch,
    opened,
  };
}
