/**
 * What a replica writes to the log of its node, and what that must carry on where older records of
 * it leave the disk. What must hold: every change of the durable image is written, in order, before
 * anything else that came after it.
 */
import type { Opening, State } from '../protocol/membership/state.ts';
import { CommandLog } from '../protocol/replication/commandLog.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import { image } from '../protocol/replication/operators.ts';
import type { Kept, LogEntry } from '../storage/log.ts';
import type { Floor } from './floor.ts';
import { copyRecord, entryOf, imageRecord, recordsOf } from './groupRecords.ts';
import type { GroupRecord } from './groupRecords.ts';
import type { Tokens } from './tokens.ts';

export interface ReplicaRecordsOptions {
  readonly group: number;
  /** Whether the region has an archive: nothing leaves the disk without one. */
  readonly archives: boolean;
  readonly persist: (record: GroupRecord) => Promise<unknown>;
  /** A change is durable: told once for each, in their order. */
  readonly durable: () => void;
  readonly floor: Floor;
  readonly tokens: Tokens;
  /** What a replica that waits has copied, after what it took up. */
  readonly copied: () => readonly Command[];
}

export function openingOf({ epoch, opened, group }: State): Opening {
  return { epoch, opened, members: group.members, storage: group.storage };
}

export class ReplicaRecords {
  readonly #o: ReplicaRecordsOptions;

  constructor(o: ReplicaRecordsOptions) {
    this.#o = o;
  }

  /** A step changed the durable image. */
  change(before: State, after: State): void {
    const records = this.#recordsOf(before, after);
    const last = records.pop();
    if (last === undefined) throw new Error('replica: a write changes the image');
    for (const record of records) this.#write(record);
    // Where the log has stopped, and with it the node, nothing more becomes durable.
    void this.#o.persist(last).then(this.#o.durable, () => undefined);
  }

  #write(record: GroupRecord): void {
    void this.#o.persist(record).catch(() => undefined);
  }

  #recordsOf(before: State, after: State): GroupRecord[] {
    // It took up behind a copy: there is nothing before that.
    if (after.log.base > before.log.base) return [this.#image(after, after.log.base)];
    const had = image(before);
    const entered = before.epoch === 0 && after.epoch > 0;
    const log = entered ? CommandLog.of(this.#o.copied(), before.commit) : before.log;
    return [...recordsOf({ ...had, log }, image(after), before.commit)];
  }

  /** One that waits has copied these slots. */
  copied(start: number, entries: readonly Command[]): void {
    this.#write(copyRecord(start, entries));
  }

  /** All that is known beside the log after a slot. */
  #image(state: State, base: number): GroupRecord {
    const { floor, tokens } = this.#o;
    const { promised, logBallot } = state;
    return imageRecord({
      replica: state.group.id,
      promised,
      logBallot,
      base,
      kept: Math.max(base, floor.kept),
      configuration: openingOf(state),
      tokens: tokens.through(base),
    });
  }

  /** What an image takes beside a few names. */
  get carriedBytes(): number {
    return this.#o.tokens.bytes;
  }

  /** What the log of the node needs to know before it drops records of this replica. */
  kept(state: State): Kept {
    const { archives, floor, group } = this.#o;
    const { needless } = floor;
    const image = (): LogEntry => entryOf(group, this.#image(state, needless));
    return {
      archived: archives ? needless : 0,
      snapshot: needless,
      needed: needless + 1,
      get image() {
        return image();
      },
    };
  }
}
