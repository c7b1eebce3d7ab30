/**
 * The write-ahead log of one node on its disk: src/protocol/wal.ts decides, this performs. Entries
 * of many groups share it, and one fsync covers all that were written before it began. What must
 * hold: a promise of `append` is kept only after the fsync; after a failed write or fsync nothing
 * more is written, and nothing is tried again, because the page cache is no longer true.
 */
import { sync } from '../protocol/wal.ts';
import type { State } from '../protocol/wal.ts';
import type { Disk, DiskFile } from '../world/disk.ts';
import { BatchWriter } from './batchWriter.ts';
import type { BatchEntry } from './batchWriter.ts';
import { DamageMap } from './damageMap.ts';
import { GroupQuarantined, LogBusy, LogFull, LogInUse, LogStopped } from './log.ts';
import type { Damage, Kept, Log, LogEntry, LogMode, LogOptions } from './log.ts';
import { LogFolder } from './logFolder.ts';
import { encodeCover, encodeRepair, encodeVerdict, ownKind, verdictMax } from './ownRecords.ts';
import { noteSlot, readLog } from './readLog.ts';
import type { ReadLog, SegmentFacts } from './readLog.ts';
import { bodyBytesMax, checksum, noGroup, ownKinds, recordBytes, unknownSlot } from './record.ts';
import type { Owner } from './record.ts';
import { segmentHeaderBytes } from './segment.ts';
import { droppable } from './truncationRule.ts';
import { writeFully } from './wholeFile.ts';

/** One write to the disk carries at most this, unless a single entry is larger. */
const batchBytesMax = 8 << 20;
/** Images that truncation has in flight at once, and their bytes: entries wait behind them. */
const imagesMax = 256;
const imageBytesEnough = 256 << 10;
const lockName = 'lock';

interface Waiting extends BatchEntry {
  readonly done: (position: number) => void;
  readonly failed: (error: Error) => void;
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code));

const ownerOf = ({ group, kind, slot = unknownSlot }: LogEntry): Owner => ({ group, kind, slot });

/** What the log says from now on to whoever asks it to write. */
function failureOf(error: unknown, isWritten: boolean): Error {
  if (error instanceof LogStopped) return error;
  const cause = { cause: error };
  if (!isWritten && isFull(error)) return new LogFull('the disk of the log is full', cause);
  const reason = error instanceof Error ? error.message : String(error);
  return new LogStopped(`the disk of the log failed, and nothing is tried again: ${reason}`, cause);
}

export class LogFile implements Log {
  /** What was damaged and could be told from elsewhere; no entry was lost by it. */
  readonly mended: readonly string[];
  readonly #disk: Disk;
  readonly #folder: LogFolder;
  readonly #options: LogOptions;
  readonly #unlock: () => Promise<void>;
  readonly #segments: SegmentFacts[];
  readonly #damage: DamageMap;
  readonly #writer: BatchWriter;
  #state: State;
  #file: DiskFile | undefined;
  #end = 0;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #truncating: Promise<number> | undefined;
  #failure: Error | undefined;

  private constructor(
    disk: Disk,
    options: LogOptions,
    o: { folder: LogFolder; read: ReadLog; mended: string[]; unlock: () => Promise<void> },
  ) {
    const { reading, segments } = o.read;
    this.#disk = disk;
    this.#options = options;
    this.#folder = o.folder;
    this.#unlock = o.unlock;
    this.#segments = [...segments];
    this.#writer = new BatchWriter(reading);
    this.#damage = new DamageMap(reading.damage, new Map(reading.lastOf));
    this.#state = reading.judge().settled;
    const own = reading.ownDamage;
    this.mended = own === 0 ? o.mended : [...o.mended, `${own} records of the log's own`];
  }

  /** Reads the log back, or begins one; look at `damage` before using it. */
  static async open(disk: Disk, options: LogOptions): Promise<LogFile> {
    const unlock = await disk.lock(lockName);
    if (unlock === undefined) {
      throw new LogInUse(
        'the folder of the log is in use. Stop that process, or name another one.',
      );
    }
    try {
      const folder = await LogFolder.open(disk);
      const read = await readLog(folder, options.onRecord ?? (() => undefined));
      const mended = await folder.mend(read.headers);
      const log = new LogFile(disk, options, { folder, read, mended, unlock });
      await log.#settle(read);
      return log;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  get mode(): LogMode {
    if (this.#failure !== undefined) return this.#failure instanceof LogFull ? 'readOnly' : 'down';
    return this.#damage.list.length > 0 ? 'quarantined' : 'up';
  }

  get damage(): readonly Damage[] {
    return this.#damage.list;
  }

  modeOf(group: number): LogMode {
    const { mode } = this;
    return mode === 'quarantined' && !this.#damage.concerns(group) ? 'up' : mode;
  }

  /** Why it is in quarantine: the reason of the first damage. */
  get reason(): State['reason'] {
    return this.#damage.list[0]?.reason ?? 'none';
  }

  /** The last position that is held. */
  get known(): number {
    return this.#state.known;
  }

  get durable(): number {
    return this.#state.durable;
  }

  /** The folder's files, oldest first, by the position of their first records. */
  get segments(): readonly number[] {
    return this.#segments.map(({ listed }) => listed.first);
  }

  /**
   * What is kept is made durable before it counts; a record cut short is dropped. What no record
   * says was durable is written again: after an fsync that failed the page cache may show it and
   * take it for clean, and then another fsync would write nothing.
   */
  async #settle({ reading, isClosed, unproven }: ReadLog): Promise<void> {
    const last = this.#segments.at(-1);
    if (last?.end !== undefined) {
      const file = await this.#folder.open(last.listed);
      if (!isClosed && (await file.size()) > last.end) await file.truncate(last.end);
      const from = Math.min(unproven, last.end);
      if (from < last.end) await writeFully(file, await file.read(from, last.end - from), from);
      await file.sync();
      if (isClosed) await file.close();
      else this.#file = file;
      this.#end = last.end;
    }
    await this.#disk.syncFolder();
    const verdicts = reading.unjudged;
    for (let at = 0; at < verdicts.length; at += verdictMax) {
      const body = encodeVerdict(verdicts.slice(at, at + verdictMax));
      await this.#own(ownKind.verdict, body).catch((error: unknown) => {
        if (!(error instanceof LogFull)) throw error;
      });
    }
  }

  append(entry: LogEntry): Promise<number> {
    if (this.#damage.concerns(entry.group)) {
      const why = `records of group ${entry.group} are damaged: repair it, or begin it again`;
      return Promise.reject(new GroupQuarantined(why));
    }
    return this.#submit(ownerOf(entry), entry.body, entry.sum);
  }

  async repair(position: number, entry: LogEntry | undefined): Promise<number> {
    const damage = this.#damage.at(position);
    if (damage === undefined) throw new RangeError(`position ${position} is not damaged`);
    if (entry !== undefined && (damage.group ?? entry.group) !== entry.group) {
      throw new RangeError(`position ${position} is of another group than ${entry.group}`);
    }
    if (entry !== undefined && checksum(entry.body) !== entry.sum) {
      throw new RangeError(`the entry for position ${position} is damaged itself`);
    }
    const at = await this.#own(ownKind.repair, encodeRepair({ position, entry }));
    const facts = this.#segments.findLast(({ listed }) => listed.first <= position);
    if (entry !== undefined && facts) noteSlot(facts.slots, entry.group, entry.slot);
    this.#damage.healed(position);
    return at;
  }

  async begin(image: LogEntry): Promise<number> {
    const { group } = image;
    if (!this.#damage.concerns(group)) return this.append(image);
    const written = this.#submit(ownerOf(image), image.body, image.sum);
    const position = this.#state.known + this.#waiting.length;
    const covered = this.#own(ownKind.cover, encodeCover({ group, position }));
    await Promise.all([written, covered]);
    this.#damage.begun(group, position);
    return position;
  }

  #own(kind: number, body: Buffer): Promise<number> {
    return this.#submit({ group: noGroup, kind, slot: 0 }, body, checksum(body));
  }

  #submit(owner: Owner, body: Uint8Array, sum: number): Promise<number> {
    const { kind, group } = owner;
    if (kind >= ownKinds !== (group === noGroup) || body.length > bodyBytesMax + 64) {
      return Promise.reject(new RangeError(`no entry: group ${group}, kind ${kind}`));
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting.length >= this.#options.pendingMax) {
      return Promise.reject(new LogBusy(`${this.#options.pendingMax} entries wait already`));
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ owner, body, sum, done, failed });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // What comes in the same turn shares the first fsync.
    await Promise.resolve();
    while (this.#waiting.length > 0 && this.#failure === undefined) await this.#flushBatch();
    this.#flushing = undefined;
  }

  async #flushBatch(): Promise<void> {
    let batch: readonly Waiting[] = [];
    let isWritten = false;
    try {
      await this.#roll();
      batch = this.#take();
      const { file, facts } = this.#current();
      const { bytes, state } = this.#writer.encode(batch, facts, this.#state);
      this.#state = state;
      await writeFully(file, bytes, this.#end);
      this.#end += bytes.length;
      isWritten = true;
      const upTo = this.#state.known;
      await file.sync();
      const step = sync(this.#state, { upTo });
      if (step === undefined) throw new Error('logFile: an fsync covers what was written');
      this.#state = step.state;
      const begin = upTo - batch.length + 1;
      for (const [index, { done }] of batch.entries()) done(begin + index);
    } catch (error) {
      this.#stop(failureOf(error, isWritten), batch);
    }
  }

  /** What the next write carries. */
  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { body } of this.#waiting) {
      bytes += recordBytes(body.length);
      if (count > 0 && bytes > batchBytesMax) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #current(): { file: DiskFile; facts: SegmentFacts } {
    const facts = this.#segments.at(-1);
    if (facts === undefined || this.#file === undefined) throw new Error('logFile: no segment');
    return { file: this.#file, facts };
  }

  /** A full segment is durable before the next one begins, and so is the name of that one. */
  async #roll(): Promise<void> {
    if (this.#file !== undefined && this.#end < this.#options.segmentBytesMax) return;
    await this.#file?.close();
    this.#file = undefined;
    const { file, segment } = await this.#folder.create(this.#state.known + 1);
    this.#file = file;
    this.#segments.push({ listed: segment, end: segmentHeaderBytes, slots: new Map() });
    this.#end = segmentHeaderBytes;
  }

  #stop(error: Error, batch: readonly Waiting[]): void {
    this.#failure = error;
    const waiting = [...batch, ...this.#waiting];
    this.#waiting = [];
    for (const { failed } of waiting) failed(error);
  }

  truncate(keptOf: (group: number) => Kept | undefined): Promise<number> {
    this.#truncating ??= this.#truncate(keptOf).finally(() => {
      this.#truncating = undefined;
    });
    return this.#truncating;
  }

  async #truncate(keptOf: (group: number) => Kept | undefined): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    const count = droppable({
      segments: this.#segments,
      firstDamage: this.damage[0]?.position,
      isUp: (group) => this.modeOf(group) === 'up',
      keptOf,
    });
    const next = this.#segments[count]?.listed.first;
    if (count === 0 || next === undefined) return 0;
    const groups = new Set(
      this.#segments.slice(0, count).flatMap(({ slots }) => [...slots.keys()]),
    );
    await this.#carry([...groups], keptOf);
    try {
      await this.#folder.drop(next);
    } catch (error) {
      const failure = failureOf(error, false);
      // A full disk takes nothing from what is there; any other failure ends the log.
      if (!(failure instanceof LogFull)) this.#stop(failure, []);
      throw failure;
    }
    this.#segments.splice(0, count);
    this.#damage.dropped(next - 1);
    return count;
  }

  /** Writes each group's image again, as it is when it is written. */
  async #carry(groups: number[], keptOf: (group: number) => Kept | undefined): Promise<void> {
    const size = Math.min(imagesMax, this.#options.pendingMax);
    for (let at = 0; at < groups.length;) {
      // Only for room: where entries come all the time, the writing of them does not end.
      if (this.#waiting.length + size > this.#options.pendingMax) await this.#flushing;
      const images: LogEntry[] = [];
      for (let bytes = 0; at < groups.length && images.length < size; at += 1) {
        if (bytes >= imageBytesEnough) break;
        const image = keptOf(groups[at]!)?.image;
        if (image === undefined) continue;
        images.push(image);
        bytes += image.body.length;
      }
      await Promise.all(images.map((image) => this.append(image)));
    }
  }

  /** Waits for what was appended, closes the file, and leaves the folder to others. */
  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= new LogStopped('the log is closed');
    await this.#file?.close();
    this.#file = undefined;
    await this.#unlock();
  }
}
