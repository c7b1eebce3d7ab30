/**
 * Gives a group's items to replicas on other nodes that are to become storage replicas, piece by
 * piece, each read while the one before is on its way. What must hold: all pieces of a copy are of
 * one slot, however much is applied meanwhile; who asks twice for one piece gets that one twice, and
 * its copy goes on; of each copier two pieces stand in memory at most, and a copier for whom this
 * node has no turn waits; one that is not heard for `idleMs` is forgotten, and what was held for it
 * is let go.
 */
import { crc32 } from 'node:zlib';
import type { Opening } from '../protocol/membership/state.ts';
import type { ItemSnapshot } from '../storage/itemSnapshot.ts';
import type { ItemsAsk, ItemsMessage } from './messageCodec.ts';
import type { TokenSlot } from './tokens.ts';
import type { Turn, Turns } from './turns.ts';

/** A piece has this much, and one item more at most. */
const pieceBytes = 1 << 20;
/** Longer than a copier on a slow disk takes to write what it has, and asks for nothing. */
export const idleMs = 30_000;
/** One that waits asks again sooner, or has turned to another node. */
const waitMs = 10_000;
/** Replicas of one group that copy at a time, or wait to. */
const copiersMax = 4;

export interface ItemsSourceOptions {
  readonly nowMs: () => number;
  /** The group as it is now. */
  readonly snapshot: () => ItemSnapshot;
  /** What comes with the items: the epoch, where the log begins, and the tokens before that. */
  readonly beside: () => Beside;
  readonly sendTo: (node: string, message: ItemsMessage) => void;
  /** Of the copies that this node serves. */
  readonly turns: Turns;
  /** What is here cannot be read, and none of it was sent. */
  readonly failed: (error: unknown) => void;
}

export interface Beside {
  readonly from: Opening;
  readonly base: number;
  readonly tokens: readonly TokenSlot[];
}

interface Copied extends Beside {
  readonly copy: number;
  readonly snapshot: ItemSnapshot;
}

interface Copier extends Copied {
  readonly turn: Turn;
  /** Others have its turn: it has been given all, and its slots are held for it alone. */
  over: boolean;
  closed: Promise<void> | undefined;
  readonly pieces: AsyncGenerator<ItemsMessage, undefined>;
  heardMs: number;
  /** Given last: it may be lost on the way, and is asked for again then. */
  given: ItemsMessage | undefined;
  /** Follows it, and is read before it is asked for. */
  ahead: ItemsMessage | undefined;
  reading: boolean;
  /** The copier waits for what is being read. */
  awaited: boolean;
}

type Piece = { readonly key: string; readonly value: string }[];

/** What makes a damaged piece show, whoever damaged it. */
export function sumOf(items: Readonly<Piece>): number {
  let sum = 0;
  for (const { key, value } of items) sum = crc32(value, crc32(`${key.length} ${key}`, sum));
  return sum;
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

/** The key that the piece behind this one follows. */
const endOf = ({ items, after }: ItemsMessage): string | null => items.at(-1)?.key ?? after;

async function* piecesOf(copied: Copied): AsyncGenerator<ItemsMessage, undefined> {
  const { copy, base, from, snapshot, tokens } = copied;
  const about = { type: 'items', copy, slot: snapshot.slot, base, from } as const;
  let [items, bytes, after]: [Piece, number, string | null] = [[], 0, null];
  for await (const { key, value } of snapshot.items()) {
    items.push({ key: textOf(key), value: textOf(value) });
    bytes += key.length + value.length;
    if (bytes < pieceBytes) continue;
    const piece: ItemsMessage = {
      ...about,
      after,
      items,
      sum: sumOf(items),
      last: false,
      tokens: [],
    };
    yield piece;
    [items, bytes, after] = [[], 0, endOf(piece)];
  }
  yield { ...about, after, items, sum: sumOf(items), last: true, tokens };
  return undefined;
}

interface Waiting {
  readonly turn: Turn;
  heardMs: number;
}

export class ItemsSource {
  readonly #o: ItemsSourceOptions;
  readonly #copiers = new Map<string, Copier>();
  readonly #waiting = new Map<string, Waiting>();
  #copies = 0;

  constructor(o: ItemsSourceOptions) {
    this.#o = o;
  }

  answer(ask: ItemsAsk, node: string): void {
    const copier = this.#copierOf(ask, node);
    if (copier === undefined) return;
    copier.heardMs = this.#o.nowMs();
    const { given } = copier;
    // A copier that knows another copy hears that there is none any more, and begins again.
    const after = copier.copy === ask.copy ? ask.after : null;
    if (given !== undefined && given.after === after) this.#o.sendTo(node, given);
    else if (given === undefined || endOf(given) === after) {
      copier.awaited = true;
      if (copier.ahead === undefined) this.#read(node, copier);
      else this.#give(node, copier);
    }
  }

  /** The copy that is meant: one that knows of none is given the first piece until it asks on. */
  #copierOf({ copy }: ItemsAsk, node: string): Copier | undefined {
    const copier = this.#copiers.get(node);
    if (copier !== undefined && !copier.over) {
      const first = copier.given === undefined || copier.given.after === null;
      if (copier.copy === copy || (copy === 0 && first)) return copier;
      this.#forget(node, copier);
    }
    this.#wait(node);
    return undefined;
  }

  /** Who asks again keeps its place. */
  #wait(node: string): void {
    const heardMs = this.#o.nowMs();
    const waiting = this.#waiting.get(node);
    if (waiting !== undefined) waiting.heardMs = heardMs;
    else if (this.#waiting.size + this.#served < copiersMax) {
      const turn = this.#o.turns.turn();
      this.#waiting.set(node, { turn, heardMs });
      turn.begin(() => this.#begin(node, turn));
    }
  }

  get #served(): number {
    return [...this.#copiers.values()].filter(({ over }) => !over).length;
  }

  #begin(node: string, turn: Turn): void {
    this.#waiting.delete(node);
    const snapshot = this.#o.snapshot();
    // Another process counts from another number: a copy is never taken for one of an earlier run.
    this.#copies = Math.max(this.#copies + 1, Date.now());
    const copied = { ...this.#o.beside(), copy: this.#copies, snapshot };
    const copier: Copier = {
      ...copied,
      turn,
      over: false,
      closed: undefined,
      pieces: piecesOf(copied),
      heardMs: this.#o.nowMs(),
      given: undefined,
      ahead: undefined,
      reading: false,
      awaited: true,
    };
    this.#copiers.set(node, copier);
    this.#read(node, copier);
  }

  #read(node: string, copier: Copier): void {
    if (copier.reading) return;
    copier.reading = true;
    copier.pieces.next().then(
      ({ value }: IteratorResult<ItemsMessage, undefined>) => {
        copier.reading = false;
        copier.ahead = value;
        if (copier.awaited && this.#copiers.get(node) === copier) this.#give(node, copier);
      },
      // What cannot be read is not sent: the copier turns to another node, in the end.
      (error: unknown) => {
        const known = this.#copiers.get(node) === copier;
        this.#forget(node, copier);
        if (known) this.#o.failed(error);
      },
    );
  }

  #give(node: string, copier: Copier): void {
    const { ahead } = copier;
    if (ahead === undefined) return;
    copier.given = ahead;
    copier.ahead = undefined;
    copier.awaited = false;
    this.#o.sendTo(node, ahead);
    if (!ahead.last) this.#read(node, copier);
    // It may have to be given once more; where it cannot be, the copy begins again.
    else void this.#close(copier).then(() => copier.turn.offer(() => this.#release(copier)));
  }

  #release(copier: Copier): void {
    copier.over = true;
    copier.given = undefined;
    void this.#close(copier).then(() => copier.turn.leave());
  }

  /** Settled when nothing is read any more, and the snapshot is let go. */
  #close(copier: Copier): Promise<void> {
    const close = (): Promise<void> => copier.snapshot.close();
    copier.closed ??= copier.pieces
      .return(undefined)
      .then(close, close)
      .catch(() => undefined);
    return copier.closed;
  }

  #forget(node: string, copier: Copier): void {
    if (this.#copiers.get(node) === copier) this.#copiers.delete(node);
    if (!copier.over) this.#release(copier);
  }

  #waitsNoMore(node: string, { turn }: Waiting): void {
    this.#waiting.delete(node);
    turn.leave();
  }

  /** Nobody copies from here, or waits to. */
  get isIdle(): boolean {
    return this.#copiers.size === 0 && this.#waiting.size === 0;
  }

  tick(): void {
    if (this.isIdle) return;
    const nowMs = this.#o.nowMs();
    for (const [node, waiting] of this.#waiting) {
      if (nowMs - waiting.heardMs > waitMs) this.#waitsNoMore(node, waiting);
    }
    for (const [node, copier] of this.#copiers) {
      if (!copier.reading && nowMs - copier.heardMs > idleMs) this.#forget(node, copier);
    }
  }

  /** What follows this slot in the log will be asked for when the items are there. */
  get held(): number {
    return Math.min(...[...this.#copiers.values()].map(({ base }) => base));
  }

  close(): void {
    for (const [node, waiting] of this.#waiting) this.#waitsNoMore(node, waiting);
    for (const [node, copier] of this.#copiers) this.#forget(node, copier);
  }
}
