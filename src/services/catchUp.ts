/**
 * How a replica comes by the log of an epoch that it is not in yet: it asks for what is chosen,
 * piece by piece, and enters when it has all of it. What must hold: only slots that the sender
 * knows to be chosen are copied, so that a copy never has to be taken back; a replica takes part
 * in an epoch only through `install` of src/protocol/membership.
 */
import type { Command } from '../protocol/replication/commandLog.ts';
import type { EpochMessage, State } from '../protocol/membership/state.ts';
import type { CopyAsk, CopyMessage, GroupMessage } from './messageCodec.ts';

/** A copy goes over the wire, and into the log, in pieces of about this size. */
const pieceBytes = 1 << 20;
const commandBytes = 64;
/** Between two questions that came to nothing. */
const askMs = 50;

export interface CatchUpOptions {
  readonly state: () => State;
  readonly nowMs: () => number;
  readonly sendTo: (node: string, message: GroupMessage) => void;
  /** Writes down what a replica that waits has copied. */
  readonly keep: (start: number, entries: readonly Command[]) => void;
  readonly copied: readonly Command[];
}

function sizeOf(command: Command): number {
  if (command.kind !== 'write') return commandBytes;
  return commandBytes + 2 * command.key.length + 2 * (command.value?.length ?? 0);
}

export class CatchUp {
  readonly #o: CatchUpOptions;
  /** The slot before the first entry of the copy. */
  #start = 0;
  #entries: Command[];
  #askedMs = -Infinity;
  #source: string | undefined;
  /** Of an epoch that others are in. */
  #behind = false;

  constructor(o: CatchUpOptions) {
    this.#o = o;
    this.#entries = [...o.copied];
  }

  /** The slots that this replica knows to be chosen, and holds. */
  get have(): number {
    return Math.max(this.#o.state().commit, this.#start + this.#entries.length);
  }

  /** What a replica that waits has of the log. */
  get entries(): readonly Command[] {
    return this.#entries;
  }

  /** Copies the log from this node, though it is not a member yet. */
  follow(source: string): void {
    this.#source = source;
  }

  tick(): void {
    if (this.#source !== undefined && this.#o.state().epoch === 0) this.behind(this.#source);
  }

  /** Somebody on this node knows of more. */
  behind(node: string): void {
    this.#behind = true;
    const nowMs = this.#o.nowMs();
    if (nowMs - this.#askedMs < askMs) return;
    this.#ask(node);
  }

  #ask(node: string): void {
    this.#askedMs = this.#o.nowMs();
    const { epoch } = this.#o.state();
    this.#o.sendTo(node, { type: 'copyAsk', epoch, have: this.have });
  }

  /** The next piece of what is chosen; undefined: the asker has it all. */
  answer({ have }: CopyAsk): CopyMessage | undefined {
    const { log, commit, opened } = this.#o.state();
    const chosen = Math.max(commit, opened);
    if (have >= chosen) return undefined;
    let last = have;
    for (let bytes = 0; last < chosen && bytes < pieceBytes; last += 1) {
      bytes += sizeOf(log.at(last + 1));
    }
    return { type: 'copy', start: have, entries: log.slice(have + 1, last) };
  }

  receive({ start, entries }: CopyMessage, node: string): void {
    const { have } = this;
    const fresh = entries.slice(Math.max(0, have - start));
    if (!this.#behind || start > have || fresh.length === 0) return;
    const { commit, epoch } = this.#o.state();
    if (this.#start + this.#entries.length < commit) {
      this.#start = commit;
      this.#entries = [];
    }
    for (const command of fresh) this.#entries.push(command);
    if (epoch === 0) this.#o.keep(have, fresh);
    this.#ask(node);
  }

  /** How the epoch began, with the part of the log that was copied; undefined: some is missing. */
  completed(message: EpochMessage): EpochMessage | undefined {
    const { commit } = this.#o.state();
    if (message.start <= commit) return message;
    if (message.start > this.have) return undefined;
    const copied = this.#entries.slice(commit - this.#start, message.start - this.#start);
    return { ...message, start: commit, entries: [...copied, ...message.entries] };
  }

  /** The epoch is entered: the log holds what was copied. */
  entered(): void {
    this.#start = 0;
    this.#entries = [];
    this.#source = undefined;
    this.#behind = false;
  }
}
