/**
 * Where in a group's log the writes stand, by the tokens that their clients gave them: a retry that
 * carries the token of a write in the log is that write, not another one. What must hold: a token
 * is known as long as its slot is among the last `tokensMax`, whether its slot was dropped or not,
 * and all those together are no larger than `tokensBytesMax`.
 */
import type { Command, CommandLog } from '../protocol/replication/commandLog.ts';
import { Malformed } from '../world/bytes.ts';
import type { ByteReader, ByteWriter } from '../world/bytes.ts';

export const tokensMax = 100_000;
/** As a record or a message carries them: the names that clients make take 40 bytes. */
export const tokensBytesMax = 4 << 20;
/** Of a token beside its text. */
const tokenBytes = 4;

/** Of a slot that was dropped. */
export interface TokenSlot {
  readonly token: string;
  readonly slot: number;
}

/** In the order of their slots. */
export function writeTokens(to: ByteWriter, tokens: readonly TokenSlot[]): void {
  let last = 0;
  to.list(tokens, (each, { token, slot }) => {
    each.count(slot - last).text(token);
    last = slot;
  });
}

export function readTokens(from: ByteReader): TokenSlot[] {
  let slot = 0;
  return from.list((each) => {
    slot += each.count();
    if (!Number.isSafeInteger(slot)) throw new Malformed('a slot is too great');
    return { slot, token: each.text() };
  });
}

const sizeOf = (token: string): number => tokenBytes + Buffer.byteLength(token);

export class Tokens {
  /** In the order of their slots. */
  readonly #slots = new Map<string, number>();
  #bytes = 0;
  #log: CommandLog | undefined;

  /** `dropped`: those of slots that the log does not hold any more. */
  constructor(dropped: readonly TokenSlot[] = []) {
    this.know(dropped);
  }

  /** Those of slots before what the log holds; nothing of the log is known yet. */
  know(dropped: readonly TokenSlot[]): void {
    for (const { token, slot } of dropped) this.#note(token, slot);
    this.#shrink();
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Follows the log; slots up to `commit` never change, and of those some may be dropped. */
  follow(log: CommandLog, commit: number): void {
    const before = this.#log;
    if (before === log) return;
    this.#log = log;
    const grown = before !== undefined && log.extends(before);
    let same = grown ? before.length : Math.max(log.base, Math.min(commit, before?.length ?? 0));
    const both = Math.min(before?.length ?? 0, log.length);
    while (same < both && before!.at(same + 1) === log.at(same + 1)) same += 1;
    if (before !== undefined && !grown && same < before.length) {
      for (const command of before.slice(same + 1)) this.#forget(command);
    }
    const first = Math.max(same + 1, log.length - tokensMax + 1);
    for (const [index, command] of log.slice(first).entries()) {
      if (command.kind === 'write') this.#note(command.call, first + index);
    }
    this.#shrink();
  }

  #note(token: string, slot: number): void {
    this.#delete(token);
    this.#slots.set(token, slot);
    this.#bytes += sizeOf(token);
  }

  #delete(token: string): void {
    if (this.#slots.delete(token)) this.#bytes -= sizeOf(token);
  }

  #forget(command: Command): void {
    if (command.kind === 'write') this.#delete(command.call);
  }

  #shrink(): void {
    if (this.#slots.size <= tokensMax && this.#bytes <= tokensBytesMax) return;
    for (const token of this.#slots.keys()) {
      this.#delete(token);
      if (this.#slots.size <= tokensMax && this.#bytes <= tokensBytesMax) return;
    }
  }

  slotOf(token: string): number | undefined {
    return this.#slots.get(token);
  }

  /** Those of the slots up to one, which do not stand in the log any more or soon. */
  through(last: number): TokenSlot[] {
    const found: TokenSlot[] = [];
    for (const [token, slot] of this.#slots) {
      if (slot > last) break;
      found.push({ token, slot });
    }
    return found;
  }
}
