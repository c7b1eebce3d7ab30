/** What a replica is given by its node, and where it takes up. */
import { restart } from '../protocol/membership/recovery.ts';
import { init } from '../protocol/membership/state.ts';
import type { Configuration, Identity, Output, State } from '../protocol/membership/state.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Image } from '../protocol/replication/state.ts';
import type { Trace } from '../world/drive.ts';
import { inFirstEpoch } from './groupRecords.ts';
import type { GroupRecord } from './groupRecords.ts';
import type { Items } from './items.ts';
import type { GroupMessage } from './messageCodec.ts';
import type { Replica } from './replica.ts';
import type { SuspicionTimes } from './suspicion.ts';

export interface ReplicaOptions {
  readonly identity: Identity;
  /** The members of the group when it was made. */
  readonly first: Configuration;
  /** What the log held of it; undefined for a replica that has never run. */
  readonly image: Image | undefined;
  readonly items: Items;
  readonly times: SuspicionTimes;
  readonly nowMs: () => number;
  readonly send: (to: readonly string[], message: GroupMessage) => void;
  readonly sendTo: (node: string, message: GroupMessage) => void;
  /** Kept once the record is durable; no promise where the log has stopped. */
  readonly persist: (record: GroupRecord) => Promise<unknown>;
  /** Something may be seen that was not: replies, commits. Called often; do little. */
  readonly dirty: (replica: Replica) => void;
  readonly trace?: Trace<State, Output>;
}

/** Where a replica takes up: as a member of the first epoch, as what the log held, or waiting. */
export function beginning({ identity, first, image: held, items, nowMs }: ReplicaOptions): {
  readonly start: State;
  readonly copied: readonly Command[];
} {
  if (first.members.includes(identity.id)) {
    if (held === undefined) return { start: init(identity, first), copied: [] };
    return { start: from(inFirstEpoch(held)), copied: [] };
  }
  if (held === undefined || held.promised.epoch === 0) {
    return { start: init(identity), copied: held?.log.slice(1) ?? [] };
  }
  return { start: from(held), copied: [] };

  function from(held: Image): State {
    const kept = held.log.base;
    const { state, outputs } = restart({ identity, first, image: held, kept, nowMs: nowMs() });
    for (const output of outputs) {
      if (output.kind !== 'apply' || !state.group.storage.includes(identity.id)) continue;
      items.apply(output.first, output.commands);
    }
    return state;
  }
}
