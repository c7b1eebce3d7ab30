/**
 * A group's durable image as records of the write-ahead log: what changed from one image to the
 * next. What must hold: an image is the sum of the records of all changes that led to it, in order
 * (imageReader.ts adds them up); no record is larger than the log takes.
 */
import type { Opening } from '../protocol/membership/state.ts';
import { noBallot, sameBallot } from '../protocol/replication/ballot.ts';
import type { Ballot } from '../protocol/replication/ballot.ts';
import type { Command, CommandLog } from '../protocol/replication/commandLog.ts';
import type { Image } from '../protocol/replication/state.ts';
import type { LogEntry } from '../storage/log.ts';
import { checksum } from '../storage/record.ts';
import { ByteWriter } from '../world/bytes.ts';
import type { ByteReader } from '../world/bytes.ts';
import { readBallot, sizeOf, writeBallot, writeCommand } from './commandCodec.ts';
import { readTokens, writeTokens } from './tokens.ts';
import type { TokenSlot } from './tokens.ts';

/** The kinds of records; their numbers stand in files: never change one. */
export const recordKinds = {
  promised: 1,
  append: 2,
  suffix: 3,
  replica: 4,
  /** How many slots are known to be chosen, and how many of those are needed no more. */
  kept: 5,
  /** All that is known beside the log, written again where older records leave the disk. */
  image: 6,
  /** A part of what is too large for one record: it counts from `joined` on. */
  staged: 7,
  joined: 8,
} as const;

/** Entries that are larger are written as several records. */
const entriesBytesMax = 4 << 20;

export interface GroupRecord {
  readonly kind: number;
  /** The last slot it is about; 0: about none. */
  readonly slot: number;
  readonly body: Uint8Array;
}

/** What a replica knows of its group beside the log. */
export interface ImageFacts {
  readonly replica: string;
  readonly promised: Ballot;
  readonly logBallot: Ballot;
  /** The slots up to it may be missing. */
  readonly base: number;
  readonly kept: number;
  readonly configuration: Opening;
  /** Of the slots up to `base`, in their order. */
  readonly tokens: readonly TokenSlot[];
}

const writer = new ByteWriter();

/** The records of a change; slots up to `commit` never change. None where nothing did. */
export function recordsOf(before: Image, after: Image, commit: number): readonly GroupRecord[] {
  const { promised, logBallot, log } = after;
  if (log === before.log && sameBallot(logBallot, before.logBallot)) {
    if (sameBallot(promised, before.promised)) return [];
    writeBallot(writer, promised);
    return [{ kind: recordKinds.promised, slot: 0, body: writer.take() }];
  }
  if (!sameBallot(promised, before.promised)) {
    // Entering an epoch changes both, and the promise is read off the log's ballot.
    if (!sameBallot(promised, logBallot)) {
      throw new Error('groupRecords: one write changes the promise or the log');
    }
  }
  if (sameBallot(logBallot, before.logBallot) && log.length === before.log.length + 1) {
    writer.count(log.length);
    writeCommand(writer, log.at(log.length));
    return [{ kind: recordKinds.append, slot: log.length, body: writer.take() }];
  }
  const kept = sameUpTo(before.log, log, commit);
  return suffixRecords(logBallot, kept, log.slice(kept + 1));
}

function sameUpTo(before: CommandLog, log: CommandLog, commit: number): number {
  const most = Math.min(before.length, log.length);
  let kept = Math.min(commit, most);
  while (kept < most && before.at(kept + 1) === log.at(kept + 1)) kept += 1;
  return kept;
}

/** Entries that are too large for one record count only once the last of them is there. */
function suffixRecords(
  logBallot: Ballot,
  kept: number,
  entries: readonly Command[],
): GroupRecord[] {
  const parts = partsOf(entries);
  if (parts.length <= 1) return [suffixRecord(logBallot, kept, entries)];
  let start = kept;
  const staged = parts.map((part): GroupRecord => {
    writer.count(start).list(part, writeCommand);
    start += part.length;
    return { kind: recordKinds.staged, slot: start, body: writer.take() };
  });
  writeBallot(writer, logBallot);
  writer.count(kept).count(start);
  return [...staged, { kind: recordKinds.joined, slot: start, body: writer.take() }];
}

function partsOf(entries: readonly Command[]): (readonly Command[])[] {
  const parts: (readonly Command[])[] = [];
  let [first, bytes] = [0, 0];
  for (const [index, command] of entries.entries()) {
    bytes += sizeOf(command);
    if (bytes <= entriesBytesMax || index === first) continue;
    parts.push(entries.slice(first, index));
    [first, bytes] = [index, sizeOf(command)];
  }
  return first < entries.length ? [...parts, entries.slice(first)] : parts;
}

function suffixRecord(logBallot: Ballot, kept: number, entries: readonly Command[]): GroupRecord {
  writeBallot(writer, logBallot);
  writer.count(kept).list(entries, writeCommand);
  return { kind: recordKinds.suffix, slot: kept + entries.length, body: writer.take() };
}

/** What a replica that waits to be a member has copied after a slot. */
export function copyRecord(start: number, entries: readonly Command[]): GroupRecord {
  return suffixRecord(noBallot, start, entries);
}

/** A replica of the group begins here, with nothing; '': the one that was here is no more. */
export function replicaRecord(replica: string): GroupRecord {
  return { kind: recordKinds.replica, slot: 0, body: writer.text(replica).take() };
}

/** `kept` slots are chosen, and of those `base` are needed no more. */
export function keptRecord(kept: number, base: number): GroupRecord {
  return { kind: recordKinds.kept, slot: 0, body: writer.count(kept).count(base).take() };
}

export function imageRecord(facts: ImageFacts): GroupRecord {
  const { epoch, members, storage, opened } = facts.configuration;
  writer.text(facts.replica);
  writeBallot(writer, facts.promised);
  writeBallot(writer, facts.logBallot);
  writer.count(facts.base).count(facts.kept).count(epoch).count(opened);
  for (const names of [members, storage]) writer.list(names, (each, name) => each.text(name));
  writeTokens(writer, facts.tokens);
  return { kind: recordKinds.image, slot: 0, body: writer.take() };
}

export function readImageFacts(from: ByteReader): ImageFacts {
  const replica = from.text();
  const promised = readBallot(from);
  const logBallot = readBallot(from);
  const [base, kept, epoch, opened] = [from.count(), from.count(), from.count(), from.count()];
  const names = (): string[] => from.list((each) => each.text());
  const configuration = { epoch, opened, members: names(), storage: names() };
  return { replica, promised, logBallot, base, kept, configuration, tokens: readTokens(from) };
}

/** A group's record as the log takes it. */
export function entryOf(group: number, { kind, slot, body }: GroupRecord): LogEntry {
  return { group, kind, slot, body, sum: checksum(body) };
}

/**
 * The image of a member of the first epoch. Before there were epochs, ballots had the epoch 0:
 * they are those of the first.
 */
export function inFirstEpoch<I extends Image>(image: I): I {
  const lifted = (ballot: Ballot): Ballot =>
    ballot.epoch === 0 ? { ...ballot, epoch: 1 } : ballot;
  return { ...image, promised: lifted(image.promised), logBallot: lifted(image.logBallot) };
}
