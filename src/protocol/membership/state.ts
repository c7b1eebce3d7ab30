/**
 * What one replica knows of its group across changes of the members. Spec:
 * specs/membership/Membership.tla; the fields are its variables, for one replica.
 *
 * A service runs this module and src/protocol/replication together. The state is
 * Replication's (log, ballots, lease) and two fields more; `members` and `storage`
 * are those of `group`. The actions here are Replication's with the guards of the
 * epoch before them, and the changes of the members: take them for whatever they
 * name. What they do not name (resend, persisted, reply, eventualRead, relinquish,
 * receiveRelinquish) concerns one epoch alone: call Replication's through `within`.
 *
 * Whoever hears of an older epoch than its own answers with `announce`, from where the
 * asker says it holds the chosen log; a new member copies that before it is proposed, so
 * that `start` is close to the end. Who is left out is told by the control plane.
 *
 * The configuration is durable because it stands in the log: `promised` tells the
 * epoch, and the stop sign of the one before tells its members and its first slot.
 * So an fsync makes both durable or neither, and a crash before it forgets both.
 */
import type { Ballot, ReplicaId } from '../replication/ballot.ts';
import type { Command } from '../replication/commandLog.ts';
import type * as replication from '../replication/state.ts';
import { init as initReplication } from '../replication/state.ts';

/** The members of an epoch, and those of them that apply the log and may lead. */
export interface Configuration {
  /** 0: in no epoch yet, as a replica that waits to be a member. */
  readonly epoch: number;
  readonly members: readonly ReplicaId[];
  readonly storage: readonly ReplicaId[];
}

/** A configuration, and the slot of the change that began its epoch; 0 for the first. */
export interface Opening extends Configuration {
  readonly opened: number;
}

export interface State extends replication.State {
  readonly epoch: number;
  /** The slot of the change that began the epoch; 0 for the first. */
  readonly opened: number;
}

/** How an epoch began, for a member that is not in it yet. */
export interface EpochMessage extends Configuration {
  readonly type: 'epoch';
  /** The receiver must know these slots to be chosen; `entries` are those after them. */
  readonly start: number;
  readonly entries: readonly Command[];
}

export type Message = replication.Message | EpochMessage;

export type Output =
  | replication.Output
  | { readonly kind: 'send'; readonly to: readonly ReplicaId[]; readonly message: EpochMessage };

export interface Step {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** What a replica is given once and keeps. */
export interface Identity {
  readonly id: ReplicaId;
  /** 0 switches leases off. */
  readonly leaseMs: number;
  readonly driftMs: number;
}

/** The least ballot of an epoch: nobody leads under it. */
export function base(epoch: number): Ballot {
  return { epoch, round: 0, replica: '' };
}

/** A replica of a new group, or one that waits to become a member. */
export function init(identity: Identity, first?: Configuration): State {
  const { epoch, members, storage } = first ?? { epoch: 0, members: [], storage: [] };
  // Written out: an object that is copied by `...` and given more fields shares its shape with none.
  const { id, leaseMs, driftMs } = identity;
  const state = initReplication({ id, members, storage, leaseMs, driftMs });
  return { ...state, promised: base(epoch), logBallot: base(epoch), epoch, opened: 0 };
}
