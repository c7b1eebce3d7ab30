/** What a replica is given by its node, and where it takes up. */
import { restart } from '../protocol/membership/recovery.ts';
import { init } from '../protocol/membership/state.ts';
import type { Configuration, Identity, Output, State } from '../protocol/membership/state.ts';
import { CommandLog } from '../protocol/replication/commandLog.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Trace } from '../world/drive.ts';
import type { Elections } from './elections.ts';
import { evenState } from './evenState.ts';
import { inFirstEpoch } from './groupRecords.ts';
import type { GroupRecord } from './groupRecords.ts';
import type { GroupImage } from './imageReader.ts';
import { applies } from './items.ts';
import type { Items } from './items.ts';
import type { GroupMessage } from './messageCodec.ts';
import type { Replica } from './replica.ts';
import type { SuspicionTimes } from './suspicion.ts';
import type { Turns } from './turns.ts';

export interface ReplicaOptions {
  /** Of the group. */
  readonly number: number;
  readonly identity: Identity;
  /** The members of the group when it was made. */
  readonly first: Configuration;
  /** What the log held of it; undefined for a replica that has never run. */
  readonly image: GroupImage | undefined;
  readonly items: Items;
  /** Whether one that waits to be a member is to become a storage replica. */
  readonly takesItems: boolean;
  readonly times: SuspicionTimes;
  /** Of all groups on the node. */
  readonly elections: Elections;
  readonly copies: Copies;
  /** Its items cannot be read to copy them. */
  readonly unreadable: (error: unknown) => void;
  readonly nowMs: () => number;
  readonly send: (to: readonly string[], message: GroupMessage) => void;
  readonly sendTo: (node: string, message: GroupMessage) => void;
  readonly nodeOf: (replica: string) => string;
  /** Kept once the record is durable; no promise where the log has stopped. */
  readonly persist: (record: GroupRecord) => Promise<unknown>;
  /** Something may be seen that was not: replies, commits. Called often; do little. */
  readonly dirty: (replica: Replica) => void;
  /** It has told a tick how long it rests, and rests no more. */
  readonly wake: () => void;
  /** The last slot that the archive lists, where this replica leads; undefined: there is none. */
  readonly archived?: () => number;
  readonly trace?: Trace<State, Output>;
}

/** Copies of items of all groups on the node. */
export interface Copies {
  readonly made: Turns;
  readonly served: Turns;
}

/** The log is without slots that the items lack: whatever took them away, peers have them. */
export class ItemsLost extends Error {
  override readonly name = 'ItemsLost';
}

export interface Beginning {
  readonly start: State;
  /** What one that waits has copied, after what it took up. */
  readonly copied: readonly Command[];
}

/** Where a replica takes up: as a member of the first epoch, as what the log held, or waiting. */
export function beginning(o: ReplicaOptions): Beginning {
  const { start, copied } = begun(o);
  return { start: evenState(start, start), copied };
}

function begun(o: ReplicaOptions): Beginning {
  const { identity, first, image } = o;
  if (first.members.includes(identity.id)) {
    if (image === undefined) return { start: init(identity, first), copied: [] };
    return { start: member(o, inFirstEpoch(image)), copied: [] };
  }
  if (image === undefined) return { start: init(identity), copied: [] };
  if (image.promised.epoch > 0) return { start: member(o, image), copied: [] };
  const { log } = image;
  if (o.takesItems) {
    checkItems(o, log);
    // What it copied last may be in the log, and not in the items yet.
    o.items.copy(log.base + 1, log.slice(log.base + 1));
  }
  const waiting = { ...image, log: CommandLog.of([], log.base) };
  const { state } = restart({ identity, first, image: waiting, kept: log.base, nowMs: o.nowMs() });
  return { start: state, copied: log.slice(log.base + 1) };
}

function checkItems({ identity, items }: ReplicaOptions, { base }: CommandLog): void {
  if (items.applied >= base) return;
  const why = `its items end at slot ${items.applied}, and its log begins after slot ${base}`;
  throw new ItemsLost(`replica ${identity.id}: ${why}`);
}

/**
 * What was written down to be chosen is, as far as the items bear it out: items that came by a copy
 * may be ahead of the log, which then holds what nobody chose.
 */
function member(o: ReplicaOptions, image: GroupImage): State {
  const { identity, items } = o;
  const { log, configuration } = image;
  const first = configuration ?? o.first;
  const nowMs = o.nowMs();
  const isStorage = applies(restart({ identity, first, image, kept: log.base, nowMs }).state);
  if (isStorage) checkItems(o, log);
  const told = Math.max(image.kept, log.base);
  const kept = isStorage ? Math.min(items.applied, told) : told;
  const { state, outputs } = restart({ identity, first, image, kept, nowMs });
  for (const output of outputs) {
    if (output.kind === 'apply' && isStorage) items.apply(output.first, output.commands);
  }
  return state;
}
