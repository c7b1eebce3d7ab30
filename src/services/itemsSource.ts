/**
 * Gives a group's items to replicas on other nodes that are to become storage replicas, piece by
 * piece. What must hold: all pieces of a copy are of one slot, however much is applied meanwhile; a
 * copier that is not heard for `idleMs` is forgotten, and what was held for it is let go.
 */
import { crc32 } from 'node:zlib';
import type { Opening } from '../protocol/membership/state.ts';
import type { ItemSnapshot } from '../storage/itemSnapshot.ts';
import type { ItemsAsk, ItemsMessage } from './messageCodec.ts';
import type { TokenSlot } from './tokens.ts';

/** A piece has this much, and one item more at most. */
const pieceBytes = 1 << 20;
export const idleMs = 10_000;
/** Replicas of one group that copy at a time. */
const copiersMax = 4;

export interface ItemsSourceOptions {
  readonly nowMs: () => number;
  /** The group as it is now. */
  readonly snapshot: () => ItemSnapshot;
  /** What comes with the items: the epoch, where the log begins, and the tokens before that. */
  readonly beside: () => Beside;
  readonly sendTo: (node: string, message: ItemsMessage) => void;
}

export interface Beside {
  readonly from: Opening;
  readonly base: number;
  readonly tokens: readonly TokenSlot[];
}

interface Copier extends Beside {
  readonly copy: number;
  readonly snapshot: ItemSnapshot;
  heardMs: number;
  reading: boolean;
}

/** What makes a damaged piece show, whoever damaged it. */
export function sumOf(items: readonly { readonly key: string; readonly value: string }[]): number {
  let sum = 0;
  for (const { key, value } of items) sum = crc32(value, crc32(`${key.length} ${key}`, sum));
  return sum;
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

export class ItemsSource {
  readonly #o: ItemsSourceOptions;
  readonly #copiers = new Map<string, Copier>();
  #copies = 0;

  constructor(o: ItemsSourceOptions) {
    this.#o = o;
  }

  answer(ask: ItemsAsk, node: string): void {
    let copier = this.#copiers.get(node);
    if (copier?.reading === true) return;
    if (copier === undefined || copier.copy !== ask.copy) {
      if (copier !== undefined) this.#forget(node, copier);
      if (this.#copiers.size >= copiersMax) return;
      copier = this.#begin(node);
      // A copier that knows another copy hears that there is none any more, and begins again.
      if (ask.copy !== 0) ask = { ...ask, after: null };
    }
    copier.heardMs = this.#o.nowMs();
    copier.reading = true;
    const reading = copier;
    this.#read(reading, ask.after).then(
      (message) => {
        reading.reading = false;
        if (this.#copiers.get(node) === reading) this.#o.sendTo(node, message);
      },
      // What cannot be read is not sent: the copier turns to another node, in the end.
      () => this.#forget(node, reading),
    );
  }

  #begin(node: string): Copier {
    const snapshot = this.#o.snapshot();
    // Another process counts from another number: a copy is never taken for one of an earlier run.
    this.#copies = Math.max(this.#copies + 1, Date.now());
    const heardMs = this.#o.nowMs();
    const copy = this.#copies;
    const copier = { ...this.#o.beside(), copy, snapshot, heardMs, reading: false };
    this.#copiers.set(node, copier);
    return copier;
  }

  async #read(copier: Copier, after: string | null): Promise<ItemsMessage> {
    const { copy, snapshot, base, from } = copier;
    const items: { key: string; value: string }[] = [];
    const range = after === null ? {} : { from: Buffer.from(`${after}\0`) };
    let [bytes, last] = [0, true];
    for await (const { key, value } of snapshot.items(range)) {
      items.push({ key: textOf(key), value: textOf(value) });
      bytes += key.length + value.length;
      if (bytes < pieceBytes) continue;
      last = false;
      break;
    }
    const { slot } = snapshot;
    const sum = sumOf(items);
    const tokens = last ? copier.tokens : [];
    return { type: 'items', copy, slot, base, from, after, items, sum, last, tokens };
  }

  #forget(node: string, copier: Copier): void {
    if (this.#copiers.get(node) === copier) this.#copiers.delete(node);
    void copier.snapshot.close().catch(() => undefined);
  }

  tick(): void {
    if (this.#copiers.size === 0) return;
    const nowMs = this.#o.nowMs();
    for (const [node, copier] of this.#copiers) {
      if (!copier.reading && nowMs - copier.heardMs > idleMs) this.#forget(node, copier);
    }
  }

  /** What follows this slot in the log will be asked for when the items are there. */
  get held(): number {
    return Math.min(...[...this.#copiers.values()].map(({ base }) => base));
  }

  close(): void {
    for (const [node, copier] of this.#copiers) this.#forget(node, copier);
  }
}
