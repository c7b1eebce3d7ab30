/**
 * The items of all groups of a node, in one embedded store: see docs/decisions for the choice. What
 * is applied is visible at once and stands in memory; a commit writes what all groups applied since
 * the last one, with their slots, as one synced batch. What must hold: on the disk a group's items
 * are those at its slot, never between two; recovery is that, and the log from the next slot on.
 */
import type { ClassicLevel } from 'classic-level';
import {
  asDamage,
  decodeFacts,
  encodeFacts,
  groupKey,
  groupOf,
  groupsFrom,
  groupsUntil,
  itemKey,
  itemsFrom,
  itemsUntil,
  openItem,
  sealItem,
} from './itemCodec.ts';
import { ItemSnapshot } from './itemSnapshot.ts';
import type { Item, ItemChecksum } from './itemSnapshot.ts';

/** The embedded store; the one in memory has the same shape. */
export type Engine = ClassicLevel<Buffer, Buffer>;

/** An undefined value deletes the item. */
export interface ItemWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** What the slots `first` to `last` do to a group, taken together. */
export interface Applied {
  readonly first: number;
  readonly last: number;
  readonly writes: readonly ItemWrite[];
}

export interface ItemStoreOptions {
  /** What is applied and not written yet is committed when it is larger. */
  readonly pendingBytesMax: number;
  /** Told at once that the store takes nothing more: what is applied after that throws. */
  readonly failed?: (error: StoreStopped) => void;
  /**
   * Resolves once the log holds durably all that is applied when it is called; nothing is written
   * before, or a crash could leave items of slots that the log has lost.
   */
  readonly logged?: (slots: ReadonlyMap<number, number>) => Promise<unknown>;
  /** Resolves when other work has had its turn: a second's writes together would hold it up. */
  readonly turn?: () => Promise<void>;
}

/** The store takes nothing more; nothing is tried again. */
export class StoreStopped extends Error {
  override readonly name: string = 'StoreStopped';
}

/** The disk is full: what is applied can be read, and takes no more until the store is opened again. */
export class StoreFull extends StoreStopped {
  override readonly name = 'StoreFull';
}

function failureOf(cause: unknown): StoreStopped {
  const why = cause instanceof Error ? cause.message : String(cause);
  if (/No space left|quota exceeded/i.test(why)) {
    return new StoreFull('the disk of the item store is full', { cause });
  }
  return new StoreStopped(`the item store failed, and nothing is tried again: ${why}`, { cause });
}

/** Of one group, applied and not yet durable; keys as latin1 text. */
interface Pending {
  applied: number;
  readonly writes: Map<string, Uint8Array | undefined>;
}

const textOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');

/** Items are installed and removed in batches of so many bytes, or keys. */
const chunkBytes = 1 << 20;
const chunkItems = 1_000;
/** A batch is put together from so many items in one turn. */
const turnItems = 32;

export class ItemStore {
  readonly #engine: Engine;
  readonly #options: ItemStoreOptions;
  readonly #applied = new Map<number, number>();
  readonly #durable = new Map<number, number>();
  #pending = new Map<number, Pending>();
  #committing = new Map<number, Pending>();
  #pendingBytes = 0;
  #commit: Promise<void> | undefined;
  #failure: StoreStopped | undefined;

  private constructor(engine: Engine, options: ItemStoreOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** The engine is opened already; groups that were being installed or removed are gone. */
  static async open(engine: Engine, options: ItemStoreOptions): Promise<ItemStore> {
    const store = new ItemStore(engine, options);
    const partial: number[] = [];
    for await (const [key, value] of engine.iterator({ gte: groupsFrom, lt: groupsUntil })) {
      const { state, applied } = decodeFacts(key, value);
      if (state === 'partial') partial.push(groupOf(key));
      else store.#has(groupOf(key), applied);
    }
    for (const group of partial) await store.remove(group);
    return store;
  }

  #has(group: number, applied: number): void {
    this.#applied.set(group, applied);
    this.#durable.set(group, applied);
  }

  /** The groups that have ever applied anything, in order. */
  get groups(): number[] {
    return [...this.#applied.keys()].sort((a, b) => a - b);
  }

  /** The last slot whose effect is visible; 0: none. */
  applied(group: number): number {
    return this.#applied.get(group) ?? 0;
  }

  /** The slot of the group's durable snapshot: a crash goes back no further. */
  durable(group: number): number {
    return this.#durable.get(group) ?? 0;
  }

  /** Visible when it returns, durable after a commit. */
  apply(group: number, { first, last, writes }: Applied): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (first !== this.applied(group) + 1 || last < first) {
      throw new RangeError(`slots ${first} to ${last} do not follow slot ${this.applied(group)}`);
    }
    let pending = this.#pending.get(group);
    if (pending === undefined)
      this.#pending.set(group, (pending = { applied: 0, writes: new Map() }));
    for (const { key, value } of writes) {
      pending.writes.set(textOf(key), value);
      this.#pendingBytes += key.length + (value?.length ?? 0);
    }
    pending.applied = last;
    this.#applied.set(group, last);
    if (this.#pendingBytes > this.#options.pendingBytesMax) {
      // Not before the caller is done: the log is given a slot in the same turn as the items.
      queueMicrotask(() => void this.commit().catch(() => undefined));
    }
  }

  /** Resolves when there is room for more; a caller that applies much waits for it. */
  async room(): Promise<void> {
    while (this.#commit !== undefined && this.#pendingBytes > this.#options.pendingBytesMax) {
      await this.#commit;
    }
  }

  get(group: number, key: Uint8Array): Uint8Array | undefined {
    const text = textOf(key);
    for (const layer of [this.#pending, this.#committing]) {
      const writes = layer.get(group)?.writes;
      if (writes?.has(text)) return writes.get(text);
    }
    const stored = itemKey(group, key);
    const value = this.#stored(stored);
    return value === undefined ? undefined : openItem(stored, value);
  }

  #stored(key: Buffer): Buffer | undefined {
    try {
      return this.#engine.getSync(key);
    } catch (error) {
      throw asDamage(error, 'a key is looked up');
    }
  }

  /** A group as it is now, however much is applied while it is read; it must be closed. */
  snapshot(group: number): ItemSnapshot {
    const layers = [this.#committing, this.#pending].map((layer) => layer.get(group)?.writes);
    return new ItemSnapshot(this.#engine, { group, slot: this.applied(group), layers });
  }

  /** Of what a group holds at its slot, read from where it is stored. */
  async checksum(group: number): Promise<ItemChecksum> {
    await this.commit();
    const snapshot = this.snapshot(group);
    try {
      return await snapshot.checksum();
    } finally {
      await snapshot.close();
    }
  }

  /** Everything that is applied now is durable afterwards. */
  async commit(): Promise<void> {
    while (this.#commit !== undefined) await this.#commit;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending.size === 0) return;
    this.#commit = this.#writePending().finally(() => {
      this.#commit = undefined;
    });
    await this.#commit;
  }

  async #writePending(): Promise<void> {
    const committing = this.#pending;
    this.#committing = committing;
    this.#pending = new Map();
    const bytes = this.#pendingBytes;
    this.#pendingBytes = 0;
    try {
      const slots = [...committing].map(([group, { applied }]) => [group, applied] as const);
      await this.#options.logged?.(new Map(slots));
    } catch (error) {
      this.#takeBack(committing, bytes);
      throw error;
    }
    try {
      await this.#write(committing);
    } catch (error) {
      this.#failure = failureOf(error);
      this.#options.failed?.(this.#failure);
      throw this.#failure;
    }
    for (const [group, { applied }] of committing) this.#durable.set(group, applied);
    this.#committing = new Map();
  }

  /** The log takes nothing more: what is applied can be read, and does not become durable. */
  #takeBack(committing: ReadonlyMap<number, Pending>, bytes: number): void {
    for (const [group, { applied, writes }] of committing) {
      const later = this.#pending.get(group);
      const all = new Map([...writes, ...(later?.writes ?? [])]);
      this.#pending.set(group, { applied: later?.applied ?? applied, writes: all });
    }
    this.#pendingBytes += bytes;
    this.#committing = new Map();
  }

  /** One synced batch of all groups: items and slots together. */
  async #write(layer: ReadonlyMap<number, Pending>): Promise<void> {
    const batch = this.#engine.batch();
    const { turn } = this.#options;
    for (const [group, { applied, writes }] of layer) {
      for (const [text, value] of writes) {
        if (turn !== undefined && batch.length % turnItems === turnItems - 1) await turn();
        const key = itemKey(group, Buffer.from(text, 'latin1'));
        if (value === undefined) batch.del(key);
        else batch.put(key, sealItem(key, value));
      }
      batch.put(groupKey(group), encodeFacts(group, { state: 'live', applied }));
    }
    await batch.write({ sync: true });
  }

  /**
   * A group as another replica has it at a slot takes the place of what is here. Nothing of it is
   * visible, and a crash leaves nothing of it, before all of it is there: until then no write needs
   * to be synced.
   */
  async install(group: number, slot: number, items: AsyncIterable<Item>): Promise<void> {
    await this.remove(group);
    await this.#mark(group, 'partial', 0);
    let batch = this.#engine.batch();
    let bytes = 0;
    for await (const { key, value } of items) {
      const stored = itemKey(group, key);
      batch.put(stored, sealItem(stored, value));
      bytes += key.length + value.length;
      if (bytes < chunkBytes && batch.length < chunkItems) continue;
      await batch.write();
      batch = this.#engine.batch();
      bytes = 0;
    }
    await batch.write();
    await this.#settle(group);
    await this.#mark(group, 'live', slot);
    this.#has(group, slot);
  }

  /** Nothing of the group is left; its applied slot is 0 again. */
  async remove(group: number): Promise<void> {
    await this.commit();
    this.#applied.delete(group);
    this.#durable.delete(group);
    await this.#mark(group, 'partial', 0);
    await this.#engine.clear({ gte: itemsFrom(group), lt: itemsUntil(group) });
    await this.#engine.batch([{ type: 'del', key: groupKey(group) }], { sync: true });
  }

  /**
   * What was written without a sync is in synced tables afterwards. A synced write would not do: it
   * syncs the engine's newest log, and the one before may end in what is in no table yet.
   */
  async #settle(group: number): Promise<void> {
    await this.#engine.compactRange(groupKey(group), groupKey(group));
  }

  async #mark(group: number, state: 'live' | 'partial', applied: number): Promise<void> {
    const value = encodeFacts(group, { state, applied });
    await this.#engine.batch([{ type: 'put', key: groupKey(group), value }], {
      sync: true,
    } as object);
  }

  async close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.commit();
    } finally {
      await this.#engine.close();
    }
  }
}
