/**
 * The files of a write-ahead log: its manifest and its segments. What must hold: the manifest
 * changes one step at a time, and each step is durable before what relies on it; nothing is touched
 * before everything was found readable by this program.
 */
import { randomBytes } from 'node:crypto';
import type { Disk, DiskFile } from '../world/disk.ts';
import { LogUnreadable } from './log.ts';
import { readManifest, writeManifest } from './logManifest.ts';
import type { ListedSegment, LogManifest } from './logManifest.ts';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  segmentEnding,
  segmentFirst,
  segmentHeaderBytes,
  segmentName,
} from './segment.ts';
import { readWhole, replaceFile, unfinished, writeFully } from './wholeFile.ts';

export class LogFolder {
  readonly #disk: Disk;
  #manifest: LogManifest;
  #stale: readonly string[];
  /** Changes wait for one another. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(disk: Disk, manifest: LogManifest, stale: readonly string[]) {
    this.#disk = disk;
    this.#manifest = manifest;
    this.#stale = stale;
  }

  /** Reads the manifest; a folder without a log has none, and gets one by `mend`. */
  static async open(disk: Disk): Promise<LogFolder> {
    const read = await readManifest(disk);
    if (read !== undefined) return new LogFolder(disk, read.manifest, read.stale);
    const log = randomBytes(16).toString('hex');
    return new LogFolder(disk, { log, generation: 0, segments: [] }, []);
  }

  get segments(): readonly ListedSegment[] {
    return this.#manifest.segments;
  }

  /** The bytes of a listed segment; undefined where the file, or more than its header, is lost. */
  async read({ first }: ListedSegment): Promise<Buffer | undefined> {
    const bytes = await readWhole(this.#disk, segmentName(first));
    return bytes === undefined || bytes.length < segmentHeaderBytes ? undefined : bytes;
  }

  /** Whether the header of a segment is the one it was made with; throws NewerFormat. */
  hasHeader(bytes: Buffer, { first, salt }: ListedSegment): boolean {
    const header = decodeSegmentHeader(bytes, segmentName(first));
    return header?.log === this.#manifest.log && header.first === first && header.salt === salt;
  }

  /** Files that no manifest lists: left over from what a crash cut off. They hold nothing. */
  async #strays(): Promise<string[]> {
    const listed = new Set(this.segments.map(({ first }) => segmentName(first)));
    const oldest = this.segments[0]?.first ?? 1;
    const strays: string[] = [];
    for (const name of await this.#disk.list()) {
      const first = segmentFirst(name);
      if (name.endsWith(segmentEnding + unfinished)) strays.push(name);
      if (first === undefined || listed.has(name)) continue;
      const bytes = await readWhole(this.#disk, name);
      if (first >= oldest && bytes !== undefined && bytes.length > segmentHeaderBytes) {
        throw new LogUnreadable(
          `${name} holds records, and the manifest of the log does not list it. Restore the manifest, or wipe the folder and let the replica be built again from its peers.`,
        );
      }
      strays.push(name);
    }
    return strays;
  }

  /**
   * Writes again what is damaged and known from elsewhere, removes what a crash left over, and
   * gives the names of what was damaged. `headers` are segments whose header is not right.
   */
  async mend(headers: readonly ListedSegment[]): Promise<string[]> {
    const strays = await this.#strays();
    for (const name of strays) await this.#disk.remove(name);
    if (this.#manifest.generation === 0) await this.#change(this.segments);
    const mended = [...this.#stale];
    if (mended.length > 0) await writeManifest(this.#disk, this.#manifest, mended);
    this.#stale = [];
    for (const { first, salt } of headers) {
      const file = await this.#disk.open(segmentName(first), 'existing');
      const { log } = this.#manifest;
      await writeFully(file, encodeSegmentHeader({ log, first, salt }), 0);
      await file.sync();
      await file.close();
      mended.push(segmentName(first));
    }
    await this.#disk.syncFolder();
    return mended;
  }

  /** A new, empty segment for the records from a position on. */
  create(first: number): Promise<{ file: DiskFile; segment: ListedSegment }> {
    return this.#inTurn(async () => {
      const segment = { first, salt: randomBytes(4).readUInt32LE() };
      const header = encodeSegmentHeader({ log: this.#manifest.log, ...segment });
      await replaceFile(this.#disk, segmentName(first), header);
      await this.#disk.syncFolder();
      await this.#change([...this.segments, segment]);
      return { file: await this.#disk.open(segmentName(first), 'existing'), segment };
    });
  }

  open({ first }: ListedSegment): Promise<DiskFile> {
    return this.#disk.open(segmentName(first), 'existing');
  }

  /**
   * The segments before a position leave the disk: first their names in the manifest, then their
   * files. It may be called again after it failed.
   */
  drop(before: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#change(this.segments.filter(({ first }) => first >= before));
      for (const name of await this.#disk.list()) {
        if ((segmentFirst(name) ?? before) < before) await this.#disk.remove(name);
      }
      await this.#disk.syncFolder();
    });
  }

  /** A generation is never written twice, even if the first attempt failed. */
  async #change(segments: readonly ListedSegment[]): Promise<void> {
    const generation = this.#manifest.generation + 1;
    this.#manifest = { ...this.#manifest, generation };
    await writeManifest(this.#disk, { ...this.#manifest, segments });
    this.#manifest = { ...this.#manifest, segments };
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
