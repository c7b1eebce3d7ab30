/**
 * An immutable sequence of commands, one a slot, slots counted from 1. An
 * append costs O(1): logs that grew from one another share their storage, and
 * only an append to a log that is not the longest of them copies it.
 * Spec: `log[r]` of specs/replication/Replication.tla.
 */
export interface Write {
  readonly kind: 'write';
  readonly call: string;
  readonly key: string;
  /** The new value; null deletes. */
  readonly value: string | null;
}

/** A new leader's barrier: it changes nothing, and shows what came before. */
export interface Noop {
  readonly kind: 'noop';
}

/** The stop sign of an epoch: its last entry, and the members of the next. */
export interface Reconfigure {
  readonly kind: 'reconfigure';
  /** The epoch that it ends. */
  readonly epoch: number;
  readonly members: readonly string[];
  /** Those of them that apply the log and may lead. */
  readonly storage: readonly string[];
}

export type Command = Write | Noop | Reconfigure;

export const noop: Noop = Object.freeze({ kind: 'noop' });

export class CommandLog {
  static readonly empty = new CommandLog([], 0);
  readonly length: number;
  readonly #shared: Command[];

  private constructor(shared: Command[], length: number) {
    this.#shared = shared;
    this.length = length;
  }

  static of(commands: readonly Command[]): CommandLog {
    return commands.length === 0
      ? CommandLog.empty
      : new CommandLog([...commands], commands.length);
  }

  /** The command of a slot, 1 to length. */
  at(slot: number): Command {
    const command = slot <= this.length ? this.#shared[slot - 1] : undefined;
    if (command === undefined) throw new RangeError(`no slot ${slot} in a log of ${this.length}`);
    return command;
  }

  append(command: Command): CommandLog {
    const free = this.length > 0 && this.#shared.length === this.length;
    const shared = free ? this.#shared : this.#shared.slice(0, this.length);
    shared.push(command);
    return new CommandLog(shared, this.length + 1);
  }

  /** Whether it grew from another one: true is certain, false is not. */
  extends(other: CommandLog): boolean {
    return this.#shared === other.#shared && this.length >= other.length;
  }

  /** Whether it ends with the stop sign of this epoch. */
  endsEpoch(epoch: number): boolean {
    const last = this.length > 0 ? this.at(this.length) : noop;
    return last.kind === 'reconfigure' && last.epoch === epoch;
  }

  /** The commands of slots first to last. */
  slice(first: number, last: number = this.length): readonly Command[] {
    return this.#shared.slice(first - 1, Math.min(last, this.length));
  }

  /** The first `length` slots, and then these commands. */
  replaceAfter(length: number, commands: readonly Command[]): CommandLog {
    return CommandLog.of([...this.slice(1, length), ...commands]);
  }
}
