/**
 * How a replica that is to become a storage replica comes by the items of its group: piece by piece
 * from another node, all of one slot, each asked for when the one before is written. What must hold:
 * nothing counts before all of it is there; a copy whose source is gone, or begins another, ends,
 * and nothing of it is left.
 */
import type { Opening } from '../protocol/membership/state.ts';
import type { Item } from '../storage/itemSnapshot.ts';
import { sumOf } from './itemsSource.ts';
import type { ItemsAsk, ItemsMessage } from './messageCodec.ts';
import type { TokenSlot } from './tokens.ts';

/** After so long without an answer a piece is asked for again, and after so long the copy ends. */
const askMs = 500;
const silentMs = 8_000;

export interface ItemsCopyOptions {
  readonly node: string;
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
  #after: string | null = null;
  #askedMs = 0;
  #heardMs: number;
  #ended = false;
  #installing: Promise<void> | undefined;
  /** Takes the next piece, while one is waited for. */
  #take: { done: (piece: ItemsMessage) => void; failed: (error: Error) => void } | undefined;

  constructor(o: ItemsCopyOptions) {
    this.#o = o;
    this.#heardMs = o.nowMs();
    this.#ask();
  }

  get node(): string {
    return this.#o.node;
  }

  #ask(): void {
    this.#askedMs = this.#o.nowMs();
    this.#o.sendTo(this.#o.node, { type: 'itemsAsk', copy: this.#copy, after: this.#after });
  }

  receive(message: ItemsMessage, node: string): void {
    if (this.#ended || node !== this.#o.node || sumOf(message.items) !== message.sum) return;
    if (this.#copy === 0) {
      if (message.after !== null) return;
      this.#begin(message);
    } else if (message.copy !== this.#copy) {
      this.end();
    } else if (message.after === this.#after) {
      this.#heardMs = this.#o.nowMs();
      this.#take?.done(message);
      this.#take = undefined;
    }
  }

  #begin(first: ItemsMessage): void {
    this.#copy = first.copy;
    this.#heardMs = this.#o.nowMs();
    let tokens: readonly TokenSlot[] = [];
    const noted = (piece: ItemsMessage): void => {
      tokens = piece.tokens;
    };
    const { slot, base, from } = first;
    this.#installing = this.#o.install(slot, this.#items(first, noted)).then(
      () => this.#o.done(this.#ended ? undefined : { base, from, tokens }),
      () => this.#o.done(undefined),
    );
  }

  async *#items(first: ItemsMessage, noted: (last: ItemsMessage) => void): AsyncGenerator<Item> {
    for (let piece = first; ; piece = await this.#next(piece)) {
      for (const { key, value } of piece.items) {
        yield { key: Buffer.from(key), value: Buffer.from(value) };
      }
      if (!piece.last) continue;
      noted(piece);
      return;
    }
  }

  /** The piece after one whose items are written. */
  #next({ items }: ItemsMessage): Promise<ItemsMessage> {
    if (this.#ended) return Promise.reject(new CopyEnded('the copy has ended'));
    this.#after = items.at(-1)?.key ?? this.#after;
    return new Promise((done, failed) => {
      this.#take = { done, failed };
      this.#ask();
    });
  }

  tick(): void {
    if (this.#ended) return;
    const nowMs = this.#o.nowMs();
    const waits = this.#copy === 0 || this.#take !== undefined;
    if (!waits) this.#heardMs = nowMs;
    else if (nowMs - this.#heardMs > silentMs) this.end();
    else if (nowMs - this.#askedMs > askMs) this.#ask();
  }

  /** Settled when nothing of it is written any more. */
  async end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#take?.failed(new CopyEnded('the copy has ended'));
      if (this.#installing === undefined) this.#o.done(undefined);
    }
    await this.#installing;
  }
}
