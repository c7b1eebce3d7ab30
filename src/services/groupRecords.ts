/**
 * A group's durable image as records of the write-ahead log: what changed from one image to the
 * next, and the image that the records of a log add up to. What must hold: an image is the sum of
 * the records of all changes that led to it, in order.
 */
import { compareBallots, noBallot, sameBallot } from '../protocol/replication/ballot.ts';
import type { Ballot } from '../protocol/replication/ballot.ts';
import { CommandLog } from '../protocol/replication/commandLog.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Image } from '../protocol/replication/state.ts';
import { ByteReader, ByteWriter, Malformed } from '../world/bytes.ts';
import { readBallot, readCommand, writeBallot, writeCommand } from './commandCodec.ts';

/** The kinds of records; their numbers stand in files: never change one. */
export const recordKinds = { promised: 1, append: 2, suffix: 3, replica: 4 } as const;

export interface GroupRecord {
  readonly kind: number;
  /** The last slot it is about; 0: about none. */
  readonly slot: number;
  readonly body: Uint8Array;
}

const writer = new ByteWriter();

/** The record of a change; slots up to `commit` never change. Undefined where nothing did. */
export function recordOf(before: Image, after: Image, commit: number): GroupRecord | undefined {
  const { promised, logBallot, log } = after;
  if (log === before.log && sameBallot(logBallot, before.logBallot)) {
    if (sameBallot(promised, before.promised)) return undefined;
    writeBallot(writer, promised);
    return { kind: recordKinds.promised, slot: 0, body: writer.take() };
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
    return { kind: recordKinds.append, slot: log.length, body: writer.take() };
  }
  const most = Math.min(before.log.length, log.length);
  let kept = Math.min(commit, most);
  while (kept < most && before.log.at(kept + 1) === log.at(kept + 1)) kept += 1;
  return suffixRecord(logBallot, kept, log.slice(kept + 1));
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

/**
 * The image of a member of the first epoch. Before there were epochs, ballots had the epoch 0:
 * they are those of the first.
 */
export function inFirstEpoch(image: Image): Image {
  const lifted = (ballot: Ballot): Ballot =>
    ballot.epoch === 0 ? { ...ballot, epoch: 1 } : ballot;
  return { ...image, promised: lifted(image.promised), logBallot: lifted(image.logBallot) };
}

/** Adds a group's records up. */
export class ImageReader {
  #replica: string | undefined;
  #promised: Ballot = noBallot;
  #logBallot: Ballot = noBallot;
  #commands: Command[] = [];

  add({ kind, body }: Omit<GroupRecord, 'slot'>): void {
    const from = new ByteReader(body);
    if (kind === recordKinds.promised) this.#promised = readBallot(from);
    else if (kind === recordKinds.append) this.#append(from.count(), readCommand(from));
    else if (kind === recordKinds.suffix) this.#replace(from);
    else if (kind === recordKinds.replica) this.#begin(from.text());
    else throw new Malformed(`no record of a group: ${kind}`);
    from.end();
  }

  #begin(replica: string): void {
    this.#replica = replica;
    this.#promised = noBallot;
    this.#logBallot = noBallot;
    this.#commands = [];
  }

  /** Whose records these are; undefined where they were written before that was told. */
  get replica(): string | undefined {
    return this.#replica;
  }

  #append(slot: number, command: Command): void {
    if (slot !== this.#commands.length + 1) {
      throw new Malformed(`slot ${slot} follows slot ${this.#commands.length}`);
    }
    this.#commands.push(command);
  }

  #replace(from: ByteReader): void {
    this.#logBallot = readBallot(from);
    if (compareBallots(this.#logBallot, this.#promised) > 0) this.#promised = this.#logBallot;
    const kept = from.count();
    if (kept > this.#commands.length) throw new Malformed(`slot ${kept} is not there`);
    this.#commands.length = kept;
    for (const command of from.list(readCommand)) this.#commands.push(command);
  }

  get image(): Image {
    return {
      promised: this.#promised,
      logBallot: this.#logBallot,
      log: CommandLog.of(this.#commands),
    };
  }
}
