/**
 * What a node keeps: the log of all its groups, and their items. What must hold: a group whose
 * records are damaged is not told, so that nobody votes or serves for it; after a failure nothing
 * more is written, and the node is told once.
 */
import { diskEngine, memoryEngine } from '../storage/itemEngine.ts';
import { ItemStore, StoreFull } from '../storage/itemStore.ts';
import type { ItemStoreOptions } from '../storage/itemStore.ts';
import { LogFull } from '../storage/log.ts';
import type { Kept, LogMode } from '../storage/log.ts';
import { LogFile } from '../storage/logFile.ts';
import type { Clock, Timer } from '../world/clock.ts';
import type { Disk } from '../world/disk.ts';
import type { DiskPace } from './diskPace.ts';
import { entryOf, keptRecord, replicaRecord } from './groupRecords.ts';
import type { GroupRecord } from './groupRecords.ts';
import { ImageReader } from './imageReader.ts';
import type { GroupImage } from './imageReader.ts';
import { Items } from './items.ts';

const segmentBytesMax = 16 << 20;
/** What is dropped is so many times as large as what is written again in its place. */
const carriedShare = 4;
/** More appends than these may not wait. */
export const pendingMax = 65_536;
const pendingBytesMax = 32 << 20;
/** Between two commits of the item store; the log holds what came since. */
const commitMs = 1_000;

export interface NodeStorageOptions {
  readonly disk: Disk;
  /** Where the item store lies; undefined: in memory. */
  readonly itemsFolder: string | undefined;
  readonly clock: Clock;
  /** Once: the disk is full, and what is there can still be read. */
  readonly full: (error: Error) => void;
  /** Once: the disk has failed. */
  readonly failed: (error: Error) => void;
  /** Told of every append, and when it is durable. */
  readonly pace?: DiskPace;
}

export class NodeStorage {
  readonly #o: NodeStorageOptions;
  readonly #log: LogFile;
  readonly #items: ItemStore;
  readonly #itemsOf = new Map<number, Items>();
  /** The last slot that a durable record tells to be chosen. */
  readonly #kept = new Map<number, number>();
  readonly #images: Map<number, ImageReader>;
  readonly #timer: Timer;
  /** What was appended last: promises of the log are kept in order. */
  #logged: Promise<unknown> = Promise.resolve();
  #truncating = false;
  #ended = false;

  private constructor(
    o: NodeStorageOptions,
    opened: { log: LogFile; items: ItemStore; images: Map<number, ImageReader> },
  ) {
    this.#o = o;
    this.#log = opened.log;
    this.#items = opened.items;
    this.#images = opened.images;
    for (const [group, { kept }] of opened.images) this.#kept.set(group, kept);
    this.#timer = o.clock.every(commitMs, () => {
      this.#items.commit().catch((error: unknown) => this.#end(error as Error));
    });
  }

  static async open(o: NodeStorageOptions): Promise<NodeStorage> {
    const images = new Map<number, ImageReader>();
    const log = await LogFile.open(o.disk, {
      segmentBytesMax,
      pendingMax,
      onRecord: ({ group, kind, body }) => {
        let image = images.get(group);
        if (image === undefined) images.set(group, (image = new ImageReader()));
        image.add({ kind, body });
      },
    });
    try {
      const { itemsFolder, disk } = o;
      const engine = await (itemsFolder === undefined
        ? memoryEngine()
        : diskEngine(disk, itemsFolder));
      let end = (_: Error): void => undefined;
      const failed = (error: Error): void => end(error);
      let logged = (_: ReadonlyMap<number, number>): Promise<unknown> => Promise.resolve();
      const turn = (): Promise<void> => new Promise((done) => o.clock.soon(done));
      const options: ItemStoreOptions = {
        ...{ pendingBytesMax, failed, turn },
        logged: (slots) => logged(slots),
      };
      const items = await ItemStore.open(engine, options);
      const storage = new NodeStorage(o, { log, items, images });
      logged = (slots) => storage.#logKept(slots);
      end = (error) => storage.#end(error);
      return storage;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  get mode(): LogMode {
    return this.#log.mode;
  }

  /** Of a group: whether its records may be trusted. */
  modeOf(group: number): LogMode {
    return this.#log.modeOf(group);
  }

  holds(group: number): boolean {
    return this.#images.has(group);
  }

  /** What the log held of a group on opening; undefined: nothing. */
  imageOf(group: number): GroupImage | undefined {
    return this.#images.get(group)?.image;
  }

  /** Whose records the log held on opening; undefined where it does not say. */
  replicaOf(group: number): string | undefined {
    return this.#images.get(group)?.replica;
  }

  /** A replica of a group begins, with nothing: what the log held of the group counts no more. */
  async begin(group: number, replica: string): Promise<void> {
    await this.#log.begin(entryOf(group, replicaRecord(replica)));
    this.#images.delete(group);
    this.#kept.delete(group);
    this.#itemsOf.delete(group);
  }

  /** Nothing is left of what was applied; only where no replica of the group is here. */
  forget(group: number): Promise<void> {
    return this.#items.remove(group);
  }

  /** The replicas have begun: what was read for them is not held twice. */
  forgetImages(): void {
    this.#images.clear();
  }

  /**
   * Drops what the groups need no more of the oldest segments. What is written again in their place
   * is small beside them, or nothing is done.
   */
  async truncate(keptOf: (group: number) => Kept, carriedBytes: number): Promise<void> {
    const old = (this.#log.segments.length - 1) * segmentBytesMax;
    if (this.#truncating || this.#ended || old < carriedShare * carriedBytes || old === 0) return;
    this.#truncating = true;
    try {
      await this.#log.truncate(keptOf);
    } catch (error) {
      this.#end(error as Error);
    } finally {
      this.#truncating = false;
    }
  }

  itemsOf(group: number): Items {
    let items = this.#itemsOf.get(group);
    if (items === undefined) {
      items = new Items(this.#items, group, () => this.#kept.get(group) ?? 0);
      this.#itemsOf.set(group, items);
    }
    return items;
  }

  /**
   * What the items are about to hold durably is chosen: the log says so first, after the entries. A
   * copy of items alone says nothing: the log beside it may be behind, and of another ballot.
   */
  #logKept(slots: ReadonlyMap<number, number>): Promise<unknown> {
    for (const [group, slot] of slots) {
      const kept = Math.min(slot, this.#itemsOf.get(group)?.known ?? 0);
      void this.append(group, keptRecord(kept, 0)).then(
        () => this.#kept.set(group, Math.max(kept, this.#kept.get(group) ?? 0)),
        () => undefined,
      );
    }
    return this.#logged;
  }

  /** Kept once the record is durable. */
  append(group: number, record: GroupRecord): Promise<unknown> {
    const kept = this.#log.append(entryOf(group, record));
    this.#logged = kept;
    const { pace } = this.#o;
    pace?.append();
    kept.then(
      () => pace?.kept(),
      (error: unknown) => this.#end(error as Error),
    );
    return kept;
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error instanceof LogFull || error instanceof StoreFull) this.#o.full(error);
    else this.#o.failed(error);
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#timer.cancel();
    // First: the log tells what the items hold.
    const failed = await this.#items.close().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    const { mode } = this.#log;
    await this.#log.close();
    if (failed !== undefined && mode === 'up') throw failed;
  }
}
