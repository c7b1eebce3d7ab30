/**
 * One group's items at one slot, for copying, scanning and comparing: what is stored, under what
 * was applied and is not stored yet. What must hold: it stays as it was when it was taken.
 */
import { createHash } from 'node:crypto';
import { asDamage, itemKey, itemsFrom, itemsUntil, keyOf, openItem } from './itemCodec.ts';
import type { Engine } from './itemStore.ts';

export interface Item {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface ItemChecksum {
  readonly slot: number;
  readonly sum: string;
  readonly items: number;
  readonly bytes: number;
}

/** Which items: `from` is the first key that counts, `until` the first that does not. */
export interface ItemRange {
  readonly from?: Uint8Array;
  readonly until?: Uint8Array;
  readonly reverse?: boolean;
}

type Writes = ReadonlyMap<string, Uint8Array | undefined>;
interface Written {
  readonly stored: Buffer;
  readonly value: Uint8Array | undefined;
}

/** Read ahead from the disk at once; what is read at once is also dealt with in one go. */
const readBytesMax = 256 << 10;

export class ItemSnapshot {
  readonly slot: number;
  readonly #group: number;
  readonly #engine: Engine;
  readonly #stored: ReturnType<Engine['snapshot']>;
  readonly #writes: ReadonlyMap<string, Uint8Array | undefined>;

  constructor(
    engine: Engine,
    o: { group: number; slot: number; layers: readonly (Writes | undefined)[] },
  ) {
    this.slot = o.slot;
    this.#group = o.group;
    this.#engine = engine;
    this.#stored = engine.snapshot();
    // The newer layer comes last, and wins.
    this.#writes = new Map(o.layers.flatMap((layer) => [...(layer ?? [])]));
  }

  /** In the order of their keys, or against it; throws where one is damaged. */
  async *items(range: ItemRange = {}): AsyncGenerator<Item> {
    try {
      yield* this.#items(range);
    } catch (error) {
      throw asDamage(error, 'a group is read');
    }
  }

  async *#items({ from, until, reverse = false }: ItemRange): AsyncGenerator<Item> {
    const gte = from === undefined ? itemsFrom(this.#group) : itemKey(this.#group, from);
    const lt = until === undefined ? itemsUntil(this.#group) : itemKey(this.#group, until);
    const order = reverse ? -1 : 1;
    const written = this.#writtenWithin(gte, lt).sort(
      (a, b) => order * Buffer.compare(a.stored, b.stored),
    );
    const options = { gte, lt, reverse, snapshot: this.#stored, highWaterMarkBytes: readBytesMax };
    let next = 0;
    for await (const [stored, value] of this.#engine.iterator(options)) {
      let isReplaced = false;
      for (let one = written[next]; one !== undefined; one = written[(next += 1)]) {
        const before = order * Buffer.compare(one.stored, stored);
        if (before > 0) break;
        isReplaced ||= before === 0;
        if (one.value !== undefined) yield { key: keyOf(one.stored), value: one.value };
      }
      if (!isReplaced) yield { key: keyOf(stored), value: openItem(stored, value) };
    }
    for (const { stored, value } of written.slice(next)) {
      if (value !== undefined) yield { key: keyOf(stored), value };
    }
  }

  /** Of all items, in their order; throws where one is damaged. */
  async checksum(): Promise<ItemChecksum> {
    const hash = createHash('sha256');
    const lengths = Buffer.alloc(8);
    let [items, bytes] = [0, 0];
    for await (const { key, value } of this.items()) {
      lengths.writeUInt32LE(key.length, 0);
      lengths.writeUInt32LE(value.length, 4);
      hash.update(lengths).update(key).update(value);
      items += 1;
      bytes += key.length + value.length;
    }
    return { slot: this.slot, sum: hash.digest('hex'), items, bytes };
  }

  #writtenWithin(gte: Buffer, lt: Buffer): Written[] {
    const written: Written[] = [];
    for (const [text, value] of this.#writes) {
      const stored = itemKey(this.#group, Buffer.from(text, 'latin1'));
      if (Buffer.compare(stored, gte) < 0 || Buffer.compare(stored, lt) >= 0) continue;
      written.push({ stored, value });
    }
    return written;
  }

  close(): Promise<void> {
    return this.#stored.close();
  }
}
