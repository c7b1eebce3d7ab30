/**
 * The write-ahead log of one node on its disk: src/protocol/wal.ts decides, this performs. Entries
 * of many groups share it, and one fsync covers all that were written before it began. What must
 * hold: a promise of `append` is kept only after the fsync; after a failed write or fsync nothing
 * more is written, and nothing is tried again, because the page cache is no longer true.
 */
import { init, recover, submit, sync, write } from '../protocol/wal.ts';
import type { Limits, ReadRecord, State } from '../protocol/wal.ts';
import type { Disk, DiskFile } from '../world/disk.ts';
import { checksum, recordBytes, writeRecord } from './record.ts';
import { scanSegment, segmentFirst, segmentName } from './segment.ts';
import type { Chain, Scanned } from './segment.ts';

/** An entry of a group, with the checksum its maker gave its body. */
export interface LogEntry {
  readonly group: number;
  readonly kind: number;
  readonly body: Uint8Array;
  readonly sum: number;
}

export interface LogOptions {
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytesMax: number;
  /** Entries that may wait to be written; more are refused. */
  readonly pendingMax: number;
  /** Called with every valid record on opening, in order. */
  readonly onRecord?: (entry: LogEntry, position: number) => void;
}

export class LogStopped extends Error {
  override readonly name = 'LogStopped';
}

interface Waiting {
  readonly entry: LogEntry;
  readonly done: (position: number) => void;
  readonly failed: (error: Error) => void;
}

/** Of the file's records what the protocol needs; bodies stay on the disk. */
const readRecord = ({ position, valid, whole, header }: Scanned): ReadRecord => ({
  position,
  body: undefined,
  sum: header?.bodySum,
  through: header?.through ?? 0,
  valid,
  whole,
});

/** More positions than this between two segments are no log of ours. */
const missingMax = 1 << 20;

/** The positions that a missing segment leaves without a record. */
function missing({ position: from }: Chain, begin: number): ReadRecord[] {
  if (begin - from > missingMax) {
    throw new LogStopped(
      `no segment holds the positions ${from} to ${begin - 1}. Restore it, or name another folder.`,
    );
  }
  const at = { valid: false, whole: true, offset: 0, end: 0 };
  return Array.from({ length: Math.max(0, begin - from) }, (_, i) =>
    readRecord({ ...at, position: from + i }),
  );
}

export class LogFile {
  private readonly disk: Disk;
  private readonly options: LogOptions;
  private readonly limits: Limits;
  private state: State = init({ first: 1, snapshot: 0, manifest: 0 });
  private file: DiskFile | undefined;
  private end = 0;
  private previous = 0;
  private waiting: Waiting[] = [];
  private flushing: Promise<void> | undefined;
  private failure: Error | undefined;

  private constructor(disk: Disk, options: LogOptions) {
    this.disk = disk;
    this.options = options;
    this.limits = { pendingMax: options.pendingMax, positionMax: Number.MAX_SAFE_INTEGER };
  }

  /** Reads the log back, or begins one; look at `mode` before using it. */
  static async open(disk: Disk, options: LogOptions): Promise<LogFile> {
    const log = new LogFile(disk, options);
    await log.readBack();
    return log;
  }

  get mode(): State['mode'] {
    return this.failure === undefined ? this.state.mode : 'down';
  }

  /** Why it is in quarantine. */
  get reason(): State['reason'] {
    return this.state.reason;
  }

  /** The last position that is held. */
  get known(): number {
    return this.state.known;
  }

  get durable(): number {
    return this.state.durable;
  }

  private async readBack(): Promise<void> {
    const firsts = (await this.disk.list())
      .map(segmentFirst)
      .filter((first) => first !== undefined);
    const first = firsts[0] ?? 1;
    this.state = init({ ...this.state, first });
    let chain: Chain = { position: first, previous: undefined };
    const records: ReadRecord[] = [];
    let last: readonly Scanned[] = [];
    for (const [index, begin] of firsts.entries()) {
      if (this.file !== undefined) await this.file.close();
      records.push(...missing(chain, begin));
      if (chain.position < begin) chain = { position: begin, previous: undefined };
      this.file = await this.disk.open(segmentName(begin), 'existing');
      const bytes = Buffer.from(await this.file.read(0, await this.file.size()));
      const scan = scanSegment(bytes, chain);
      ({ chain } = scan);
      last = scan.scanned;
      const inside = index < firsts.length - 1;
      for (const one of last) records.push({ ...readRecord(one), whole: one.whole || inside });
      this.tell(last);
    }
    const step = recover(this.state, { records });
    if (step === undefined) throw new Error('logFile: a log is read back once');
    this.state = step.state;
    if (this.state.mode === 'up') await this.settle(last);
  }

  /** Hands every valid record on; the last one is what the next names as `previous`. */
  private tell(scanned: readonly Scanned[]): void {
    const { onRecord } = this.options;
    for (const { header, body, position } of scanned) {
      if (header === undefined || body === undefined) continue;
      this.previous = header.sum;
      const { group, kind, bodySum } = header;
      onRecord?.({ group, kind, body, sum: bodySum }, position);
    }
  }

  /** What is kept is made durable before it counts; a record cut short is dropped. */
  private async settle(last: readonly Scanned[]): Promise<void> {
    this.end = last.filter(({ valid }) => valid).at(-1)?.end ?? 0;
    if (this.file === undefined) return;
    if ((await this.file.size()) > this.end) await this.file.truncate(this.end);
    await this.file.sync();
    await this.disk.syncFolder();
  }

  /** Kept once the entry is durable: then gives its position. */
  append(entry: LogEntry): Promise<number> {
    if (this.mode !== 'up') {
      return Promise.reject(this.failure ?? new LogStopped('the log is not up'));
    }
    return new Promise((done, failed) => {
      const step = submit(this.state, { entry }, this.limits);
      if (step === undefined) {
        failed(new LogStopped(`${this.options.pendingMax} entries wait already`));
        return;
      }
      this.state = step.state;
      this.waiting.push({ entry, done, failed });
      this.flushing ??= this.flush();
    });
  }

  private async flush(): Promise<void> {
    // What comes in the same turn shares the first fsync.
    await Promise.resolve();
    try {
      while (this.waiting.length > 0) await this.flushBatch();
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.flushing = undefined;
    }
  }

  private async flushBatch(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    try {
      await this.roll();
      await this.writeFully(this.encode(batch));
      const upTo = this.state.known;
      await this.file?.sync();
      const step = sync(this.state, { upTo });
      if (step === undefined) throw new Error('logFile: an fsync covers what was written');
      this.state = step.state;
      const begin = upTo - batch.length + 1;
      for (const [index, { done }] of batch.entries()) done(begin + index);
    } catch (error) {
      this.waiting = [...batch, ...this.waiting];
      throw error;
    }
  }

  /** The next entries, each checked against its maker's checksum, as bytes. */
  private encode(batch: readonly Waiting[]): Buffer {
    const sizes = batch.map(({ entry }) => recordBytes(entry.body.length));
    const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
    let offset = 0;
    for (const [index, { entry }] of batch.entries()) {
      const step = write(this.state, { sum: checksum(entry.body) });
      if (step === undefined) throw new LogStopped('an entry was damaged before it was written');
      const [output] = step.outputs;
      if (output?.kind !== 'persist') throw new Error('logFile: write persists one record');
      const { position, through } = output.record;
      const { kind, group, sum: bodySum } = entry;
      const fields = { kind, group, position, through, previous: this.previous, bodySum };
      this.previous = writeRecord(bytes, offset, fields, entry.body);
      this.state = step.state;
      offset += sizes[index] ?? 0;
    }
    return bytes;
  }

  /** A full segment is durable before the next one begins, and so is the name of that one. */
  private async roll(): Promise<void> {
    if (this.file !== undefined && this.end < this.options.segmentBytesMax) return;
    await this.file?.close();
    this.file = await this.disk.open(segmentName(this.state.known + 1), 'create');
    await this.disk.syncFolder();
    this.end = 0;
  }

  private async writeFully(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const taken = await this.file?.write(bytes.subarray(written), this.end + written);
      if (taken === undefined || taken <= 0) throw new LogStopped('the disk takes no more bytes');
      written += taken;
    }
    this.end += bytes.length;
  }

  private stop(error: Error): void {
    this.failure = error;
    const { waiting } = this;
    this.waiting = [];
    for (const { failed } of waiting) failed(error);
  }

  /** Waits for what was appended, and closes the file. */
  async close(): Promise<void> {
    await this.flushing;
    await this.file?.close();
    this.file = undefined;
    this.failure ??= new LogStopped('the log is closed');
  }
}
