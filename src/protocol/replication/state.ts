/**
 * What one replica of a group knows, what it sends, and what it asks its
 * driver to do. The fields of State are the variables of
 * specs/replication/Replication.tla, for one replica; `group` is auxiliary:
 * the spec's constants as this replica knows them.
 *
 * Times are milliseconds of this replica's own monotonic clock, given to each
 * action that needs them as `nowMs`. The state keeps deadlines where the spec
 * counts down; what is left of one is `deadline - nowMs`, or nothing.
 */
import type { Ballot, ReplicaId } from './ballot.ts';
import { noBallot } from './ballot.ts';
import type { Command } from './commandLog.ts';
import { CommandLog } from './commandLog.ts';

export interface Group {
  readonly id: ReplicaId;
  readonly members: readonly ReplicaId[];
  /** Those that apply the log and may lead; the rest are log replicas. */
  readonly storage: readonly ReplicaId[];
  /** 0 switches leases off. */
  readonly leaseMs: number;
  /** By how much two clocks may drift apart during one lease. */
  readonly driftMs: number;
}

/** A lease this replica gave, or waits out. */
export interface Grant {
  readonly ballot: Ballot;
  readonly untilMs: number;
}

export interface Prepare {
  readonly type: 'prepare';
  readonly ballot: Ballot;
  /** The slots that the candidate knows to be chosen. */
  readonly commit: number;
}
export interface PromiseMessage {
  readonly type: 'promise';
  readonly ballot: Ballot;
  readonly from: ReplicaId;
  readonly logBallot: Ballot;
  /** The slots that both know to be chosen; `entries` are those after them. */
  readonly start: number;
  readonly entries: readonly Command[];
  /** Leases it gave to other ballots, as time that remains. */
  readonly grants: readonly { readonly ballot: Ballot; readonly leftMs: number }[];
}
export interface Join {
  readonly type: 'join';
  readonly ballot: Ballot;
  readonly to: ReplicaId;
  readonly start: number;
  readonly entries: readonly Command[];
}
export interface Accept {
  readonly type: 'accept';
  readonly ballot: Ballot;
  readonly slot: number;
  readonly command: Command;
}
export interface Accepted {
  readonly type: 'accepted';
  readonly ballot: Ballot;
  readonly from: ReplicaId;
  readonly length: number;
}
export interface CommitMessage {
  readonly type: 'commit';
  readonly ballot: Ballot;
  readonly slot: number;
}
/** `sentAtMs` is of the leader's clock; the grantor only sends it back. */
export interface Renew {
  readonly type: 'renew';
  readonly ballot: Ballot;
  readonly sentAtMs: number;
}
export interface GrantMessage {
  readonly type: 'grant';
  readonly ballot: Ballot;
  readonly from: ReplicaId;
  readonly sentAtMs: number;
}
export interface Relinquish {
  readonly type: 'relinquish';
  readonly ballot: Ballot;
}

export type Message =
  | Prepare
  | PromiseMessage
  | Join
  | Accept
  | Accepted
  | CommitMessage
  | Renew
  | GrantMessage
  | Relinquish;

export interface SendOutput {
  readonly kind: 'send';
  readonly to: readonly ReplicaId[];
  readonly message: Message;
}

/** The answer to a call; `value` is what a read or a failed condition saw. */
export interface ReplyOutput {
  readonly kind: 'reply';
  readonly call: string;
  readonly status: 'ok' | 'failed' | 'unknown';
  readonly value: string | null;
}

/** What the driver must do after a step, in this order. */
export type Output =
  /** Make the state's image durable, then call `persisted`. */
  | { readonly kind: 'persist' }
  /** Apply the commands of slots `first` and on, before any later reply. */
  | { readonly kind: 'apply'; readonly first: number; readonly commands: readonly Command[] }
  | SendOutput
  | ReplyOutput;

export interface Step {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** What must survive a crash. */
export interface Image {
  readonly promised: Ballot;
  readonly logBallot: Ballot;
  readonly log: CommandLog;
}

export interface Unsynced {
  /** The image before this write: what a crash goes back to. */
  readonly was: Image;
  readonly send: readonly SendOutput[];
}

export interface Waiting {
  readonly call: string;
  readonly slot: number;
  readonly ok: boolean;
  readonly value: string | null;
}

export interface State extends Image {
  readonly group: Group;
  readonly unsynced: readonly Unsynced[];
  readonly phase: 'follower' | 'candidate' | 'leader';
  readonly ballot: Ballot;
  readonly votes: readonly PromiseMessage[];
  readonly barrier: number;
  readonly acked: Readonly<Record<ReplicaId, number>>;
  readonly commit: number;
  readonly waiting: readonly Waiting[];
  readonly grants: readonly Grant[];
  readonly held: Readonly<Record<ReplicaId, number>>;
  readonly waits: readonly Grant[];
  readonly relinquished: Ballot;
}

/** A replica of a new group: nobody has led it yet. */
export function init(group: Group): State {
  return {
    group,
    promised: noBallot,
    logBallot: noBallot,
    log: CommandLog.empty,
    unsynced: [],
    phase: 'follower',
    ballot: noBallot,
    votes: [],
    barrier: 0,
    acked: {},
    commit: 0,
    waiting: [],
    grants: [],
    held: {},
    waits: [],
    relinquished: noBallot,
  };
}
