/**
 * How a replica that is to become a storage replica comes by the items of its group: piece by piece
 * from another node, all of one slot, the next on its way while others are written. What must hold:
 * nothing counts before all of it is there; a copy whose source is gone, or begins another, ends,
 * and nothing of it is left; one that is merely slow goes on, and is asked for no piece so often that
 * the answers hold up what follows. `aheadMax` pieces wait to be written at most, and nothing is asked
 * for before the copy has its turn on this node.
 */
import type { Opening } from '../protocol/membership/state.ts';
import type { Item } from '../storage/itemSnapshot.ts';
import { sumOf } from './itemsSource.ts';
import type { ItemsAsk, ItemsMessage } from './messageCodec.ts';
import type { TokenSlot } from './tokens.ts';
import type { Turn } from './turns.ts';

/**
 * After so long without an answer a piece is asked for again, and after twice that once more; a copy
 * ends when so many questions about one piece came to nothing: what this node's own stalls take is
 * no silence of its source.
 */
const askMs = 500;
const askMsMax = 4_000;
const asksMax = 6;
/** Pieces that are here and not written yet. */
const aheadMax = 2;

export interface ItemsCopyOptions {
  readonly node: string;
  /** Among the copies that this node makes. */
  readonly turn: Turn;
  readonly nowMs: () => number;
  readonly sendTo: (node: string, message: ItemsAsk) => void;
  /** Puts items in the place of what is here, at a slot. */
  readonly install: (slot: number, items: AsyncIterable<Item>) => Promise<void>;
  /** Told once: where the copy is, or undefined where it failed. */
  readonly done: (copied: Copied | undefined) => void;
}

export interface Copied {
  /** The log is to follow from here on. */
  readonly base: number;
  /** The epoch that its source was in then. */
  readonly from: Opening;
  readonly tokens: readonly TokenSlot[];
}

class CopyEnded extends Error {
  override readonly name = 'CopyEnded';
}

export class ItemsCopy {
  readonly #o: ItemsCopyOptions;
  #copy = 0;
  /** What the next piece follows. */
  #after: string | null = null;
  #asked = false;
  #askedMs = 0;
  #asks = 0;
  #patienceMs = askMs;
  readonly #ahead: ItemsMessage[] = [];
  #whole = false;
  #ended = false;
  #installing: Promise<void> | undefined;
  /** Takes the next piece, while the writing waits for one. */
  #take: { done: (piece: ItemsMessage) => void; failed: (error: Error) => void } | undefined;

  constructor(o: ItemsCopyOptions) {
    this.#o = o;
    o.turn.begin(() => this.#ask());
  }

  get node(): string {
    return this.#o.node;
  }

  #ask(): void {
    this.#asked = true;
    this.#asks += 1;
    this.#askedMs = this.#o.nowMs();
    this.#o.sendTo(this.#o.node, { type: 'itemsAsk', copy: this.#copy, after: this.#after });
  }

  receive(message: ItemsMessage, node: string): void {
    if (this.#ended || this.#whole || node !== this.#o.node) return;
    const { copy, after } = message;
    const another = this.#copy !== 0 && copy !== this.#copy;
    // Of an earlier copy, or asked for twice.
    if (copy < this.#copy || (!another && (!this.#asked || after !== this.#after))) return;
    if (sumOf(message.items) !== message.sum) return;
    if (another) void this.end();
    else this.#arrived(message);
  }

  #arrived(piece: ItemsMessage): void {
    this.#asked = false;
    this.#patienceMs = this.#asks > 1 ? this.#patienceMs : Math.max(askMs, this.#patienceMs / 2);
    this.#asks = 0;
    this.#after = piece.items.at(-1)?.key ?? this.#after;
    this.#whole = piece.last;
    this.#ahead.push(piece);
    if (this.#copy === 0) this.#begin(piece);
    this.#taken();
  }

  /** Hands over what is waited for, and asks for what there is room for. */
  #taken(): void {
    const piece = this.#take === undefined ? undefined : this.#ahead.shift();
    if (piece !== undefined) {
      this.#take?.done(piece);
      this.#take = undefined;
    }
    if (!this.#whole && !this.#asked && this.#ahead.length < aheadMax) this.#ask();
  }

  #begin(first: ItemsMessage): void {
    this.#copy = first.copy;
    let tokens: readonly TokenSlot[] = [];
    const noted = (piece: ItemsMessage): void => {
      tokens = piece.tokens;
    };
    const { slot, base, from } = first;
    this.#installing = this.#o.install(slot, this.#items(noted)).then(
      () => this.#done(this.#ended ? undefined : { base, from, tokens }),
      () => this.#done(undefined),
    );
  }

  #done(copied: Copied | undefined): void {
    this.#o.done(copied);
    this.#o.turn.leave();
  }

  async *#items(noted: (last: ItemsMessage) => void): AsyncGenerator<Item> {
    for (;;) {
      const piece = await this.#next();
      for (const { key, value } of piece.items) {
        yield { key: Buffer.from(key), value: Buffer.from(value) };
      }
      if (!piece.last) continue;
      noted(piece);
      return;
    }
  }

  /** The piece after one whose items are written. */
  #next(): Promise<ItemsMessage> {
    if (this.#ended) return Promise.reject(new CopyEnded('the copy has ended'));
    return new Promise((done, failed) => {
      this.#take = { done, failed };
      this.#taken();
    });
  }

  tick(): void {
    if (this.#ended || !this.#asked) return;
    if (this.#o.nowMs() - this.#askedMs <= this.#patienceMs) return;
    if (this.#asks >= asksMax) {
      void this.end();
      return;
    }
    this.#patienceMs = Math.min(askMsMax, 2 * this.#patienceMs);
    this.#ask();
  }

  /** Settled when nothing of it is written any more. */
  async end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#take?.failed(new CopyEnded('the copy has ended'));
      if (this.#installing === undefined) this.#done(undefined);
    }
    await this.#installing;
  }
}
