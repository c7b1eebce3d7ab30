/**
 * How a replica comes by the log of an epoch that it is not in yet: it asks for what is chosen,
 * piece by piece, and enters when it has all of it. Where the others have dropped what it lacks, it
 * takes up behind that: a log replica at once, a storage replica with their items. What must hold:
 * only slots that the sender knows to be chosen are copied, so that a copy never has to be taken
 * back; a replica takes part in an epoch only through `install` and `copy` of src/protocol/membership.
 */
import type { Command } from '../protocol/replication/commandLog.ts';
import type { EpochMessage, Opening, State } from '../protocol/membership/state.ts';
import type { Join } from '../protocol/replication/state.ts';
import { sizeOf } from './commandCodec.ts';
import type { Items } from './items.ts';
import { ItemsCopy } from './itemsCopy.ts';
import type { Copied } from './itemsCopy.ts';
import type {
  CopyAsk,
  CopyMessage,
  GroupMessage,
  ItemsMessage,
  TakeUpMessage,
} from './messageCodec.ts';
import type { TokenSlot } from './tokens.ts';
import type { Turns } from './turns.ts';

/** A copy goes over the wire, and into the log, in pieces of about this size. */
const pieceBytes = 1 << 20;
/** Between two questions that came to nothing. */
const askMs = 50;
/** What a copier that was heard may still ask for is kept for so long. */
const holdMs = 10_000;
/** A source that is silent for so long is given up for the one that was named since. */
const silentMs = 3_000;

export interface CatchUpOptions {
  readonly state: () => State;
  readonly nowMs: () => number;
  readonly sendTo: (node: string, message: GroupMessage) => void;
  /** Writes down what a replica that waits has copied. */
  readonly keep: (start: number, entries: readonly Command[]) => void;
  /** Takes up behind a copy: what comes before it is not needed here. */
  readonly takeUp: (slot: number, from: Opening, tokens: readonly TokenSlot[]) => void;
  readonly copied: readonly Command[];
  /** Of the copies of items that this node makes. */
  readonly turns: Turns;
  /** Where a replica that waits puts what it copies; undefined where it keeps the log alone. */
  readonly items: Items | undefined;
}

interface Hold {
  readonly slot: number;
  readonly untilMs: number;
}

export class CatchUp {
  readonly #o: CatchUpOptions;
  /** The slot before the first entry of the copy. */
  #start: number;
  #entries: Command[];
  #askedMs = -Infinity;
  #source: string | undefined;
  #heardMs = -Infinity;
  /** Of an epoch that others are in. */
  #behind = false;
  #itemsCopy: ItemsCopy | undefined;
  readonly #holds = new Map<string, Hold>();

  constructor(o: CatchUpOptions) {
    this.#o = o;
    this.#start = o.state().commit;
    this.#entries = [...o.copied];
  }

  /** The slots that this replica knows to be chosen, and holds. */
  get have(): number {
    return Math.max(this.#o.state().commit, this.#start + this.#entries.length);
  }

  /** As much of it as the items of this replica bear out. */
  get copied(): number {
    return this.#lacksItems ? 0 : this.have;
  }

  /** The items are being copied, or a copy that came to nothing has taken their place. */
  get #lacksItems(): boolean {
    const { items, state } = this.#o;
    if (items === undefined || state().epoch > 0) return false;
    return this.#itemsCopy !== undefined || items.applied < this.have;
  }

  /** What a replica that waits has of the log, after what it took up. */
  get entries(): readonly Command[] {
    return this.#entries;
  }

  /** Copies the log from this node, though it is not a member yet. */
  follow(source: string): void {
    const silent = this.#o.nowMs() - this.#heardMs > silentMs;
    if (this.#source === undefined || (silent && this.#itemsCopy === undefined)) {
      this.#source = source;
    }
  }

  tick(): void {
    this.#itemsCopy?.tick();
    if (this.#source !== undefined && this.#o.state().epoch === 0) this.behind(this.#source);
  }

  /** Somebody on this node knows of more. */
  behind(node: string): void {
    this.#behind = true;
    const nowMs = this.#o.nowMs();
    if (nowMs - this.#askedMs < askMs || this.#itemsCopy !== undefined) return;
    this.#ask(node);
  }

  #ask(node: string): void {
    this.#askedMs = this.#o.nowMs();
    const { items } = this.#o;
    if (items !== undefined && this.#lacksItems) return this.#copyItems(items, node);
    const { epoch } = this.#o.state();
    this.#o.sendTo(node, { type: 'copyAsk', epoch, have: this.have });
  }

  /**
   * The next piece of what is chosen, or where to take up instead; undefined: the asker has it all.
   * What it will ask for next stays.
   */
  answer({ have }: CopyAsk, node: string): CopyMessage | TakeUpMessage | undefined {
    const { log, commit, opened, epoch, group } = this.#o.state();
    const chosen = Math.max(commit, opened);
    const untilMs = this.#o.nowMs() + holdMs;
    this.#holds.set(node, { slot: Math.max(have, log.base), untilMs });
    if (have < log.base) {
      const { members, storage } = group;
      return { type: 'takeUp', slot: log.base, from: { epoch, members, storage, opened } };
    }
    if (have >= chosen) return undefined;
    let last = have;
    for (let bytes = 0; last < chosen && bytes < pieceBytes; last += 1) {
      bytes += sizeOf(log.at(last + 1));
    }
    return { type: 'copy', start: have, entries: log.slice(have + 1, last) };
  }

  /** Slots after this one are still being copied from here. */
  get held(): number {
    let least = Infinity;
    const nowMs = this.#o.nowMs();
    for (const [node, { slot, untilMs }] of this.#holds) {
      if (untilMs < nowMs) this.#holds.delete(node);
      else least = Math.min(least, slot);
    }
    return least;
  }

  /** How far a copier on this node told that it knows the log to be chosen; 0: it did not. */
  heldBy(node: string): number {
    return this.#holds.get(node)?.slot ?? 0;
  }

  receive(message: CopyMessage | TakeUpMessage | ItemsMessage, node: string): void {
    if (message.type === 'copy') this.#receiveCopy(message, node);
    else if (message.type === 'takeUp') this.#receiveTakeUp(message, node);
    else this.#itemsCopy?.receive(message, node);
  }

  #receiveCopy({ start, entries }: CopyMessage, node: string): void {
    const { have } = this;
    const fresh = entries.slice(Math.max(0, have - start));
    if (!this.#behind || this.#lacksItems || start > have || fresh.length === 0) return;
    this.#heardMs = this.#o.nowMs();
    const { commit, epoch } = this.#o.state();
    if (this.#start + this.#entries.length < commit) {
      this.#start = commit;
      this.#entries = [];
    }
    for (const command of fresh) this.#entries.push(command);
    if (epoch === 0) {
      this.#o.keep(have, fresh);
      this.#o.items?.copy(have + 1, fresh);
    }
    this.#ask(node);
  }

  /** The source has dropped what this replica lacks. */
  #receiveTakeUp({ slot, from }: TakeUpMessage, node: string): void {
    if (!this.#behind || this.#o.state().epoch > 0 || slot <= this.have) return;
    this.#heardMs = this.#o.nowMs();
    const { items } = this.#o;
    if (items !== undefined) return this.#copyItems(items, node);
    this.#takenUp(slot, from, []);
    if (this.#behind) this.#ask(node);
  }

  #copyItems(items: Items, node: string): void {
    const { nowMs, sendTo, turns } = this.#o;
    this.#itemsCopy ??= new ItemsCopy({
      node,
      turn: turns.turn(),
      nowMs,
      sendTo,
      install: (at, all) => items.install(at, all),
      done: (copied) => this.#itemsCopied(copied, node),
    });
  }

  #itemsCopied(copied: Copied | undefined, node: string): void {
    this.#itemsCopy = undefined;
    if (copied === undefined || this.#o.state().epoch > 0) {
      // Whoever is named or heard next is asked for the items, not this one again.
      if (this.#lacksItems) this.#source = undefined;
      return;
    }
    this.#heardMs = this.#o.nowMs();
    this.#source = node;
    this.#takenUp(copied.base, copied.from, copied.tokens);
    if (this.#behind) this.#ask(node);
  }

  #takenUp(slot: number, from: Opening, tokens: readonly TokenSlot[]): void {
    this.#start = slot;
    this.#entries = [];
    this.#o.takeUp(slot, from, tokens);
  }

  /** What brings the log, with the part of it that was copied; undefined: some is missing. */
  completed<M extends EpochMessage | Join>(message: M): M | undefined {
    const { commit } = this.#o.state();
    if (this.#lacksItems) return undefined;
    if (message.start <= commit) return message;
    if (message.start > this.have) return undefined;
    const copied = this.#entries.slice(commit - this.#start, message.start - this.#start);
    return { ...message, start: commit, entries: [...copied, ...message.entries] };
  }

  /** The log holds what was copied. */
  taken(): void {
    this.#start = 0;
    this.#entries = [];
    this.#behind = false;
  }

  entered(): void {
    this.taken();
    this.#source = undefined;
  }

  /** Settled when nothing is copied any more. */
  async end(): Promise<void> {
    await this.#itemsCopy?.end();
  }
}
