/**
 * An immutable sequence of commands, one a slot, slots counted from 1. An
 * append costs O(1): logs that grew from one another share their storage, and
 * only an append to a log that is not the longest of them copies it. A log may
 * be without its first slots; which may go is decided elsewhere.
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

/** Whether two commands are the same one. */
export function sameCommand(a: Command | undefined, b: Command | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === 'noop' || b.kind === 'noop') return a.kind === b.kind;
  if (a.kind === 'reconfigure' || b.kind === 'reconfigure') return sameChange(a, b);
  return a.call === b.call && a.key === b.key && a.value === b.value;
}

function sameChange(a: Command, b: Command): boolean {
  if (a.kind !== 'reconfigure' || b.kind !== 'reconfigure') return false;
  return (
    a.epoch === b.epoch &&
    a.members.join() === b.members.join() &&
    a.storage.join() === b.storage.join()
  );
}

export class CommandLog {
  static readonly empty = new CommandLog([], 0, 0);
  /** All slots count, those that were dropped too. */
  readonly length: number;
  /** The slots 1 to `base` were dropped: they are chosen, archived and applied. */
  readonly base: number;
  readonly #shared: Command[];

  private constructor(shared: Command[], base: number, length: number) {
    this.#shared = shared;
    this.base = base;
    this.length = length;
  }

  /** These commands, in the slots after `base`. */
  static of(commands: readonly Command[], base = 0): CommandLog {
    if (commands.length === 0 && base === 0) return CommandLog.empty;
    return new CommandLog([...commands], base, base + commands.length);
  }

  /** The command of a slot, 1 to length; throws RangeError for one that was dropped. */
  at(slot: number): Command {
    const command = slot <= this.length ? this.#shared[slot - 1 - this.base] : undefined;
    if (command === undefined) {
      throw new RangeError(`no slot ${slot} in a log of ${this.base + 1} to ${this.length}`);
    }
    return command;
  }

  append(command: Command): CommandLog {
    const held = this.length - this.base;
    const free = held > 0 && this.#shared.length === held;
    const shared = free ? this.#shared : this.#shared.slice(0, held);
    shared.push(command);
    return new CommandLog(shared, this.base, this.length + 1);
  }

  /** Whether it grew from another one: true is certain, false is not. */
  extends(other: CommandLog): boolean {
    return this.#shared === other.#shared && this.length >= other.length;
  }

  /** Whether it ends with the stop sign of this epoch; a stop sign that was dropped is of an older one. */
  endsEpoch(epoch: number): boolean {
    const last = this.length > this.base ? this.at(this.length) : noop;
    return last.kind === 'reconfigure' && last.epoch === epoch;
  }

  /** The commands of slots first to last; throws RangeError where one of them was dropped. */
  slice(first: number, last: number = this.length): readonly Command[] {
    const end = Math.min(last, this.length);
    if (first <= this.base && first <= end) throw new RangeError(`slot ${first} was dropped`);
    return this.#shared.slice(Math.max(0, first - 1 - this.base), Math.max(0, end - this.base));
  }

  /**
   * The first `length` slots, and then these commands; those of them that stand in dropped slots
   * are passed over, since they are the same.
   */
  replaceAfter(length: number, commands: readonly Command[]): CommandLog {
    const dropped = Math.max(0, this.base - length);
    if (dropped > commands.length) throw new RangeError(`slot ${this.base} was dropped`);
    const kept = dropped > 0 ? [] : this.slice(this.base + 1, length);
    return CommandLog.of([...kept, ...commands.slice(dropped)], this.base);
  }

  /** The same log without the slots up to `base`. */
  truncate(base: number): CommandLog {
    if (base > this.length) throw new RangeError(`no slot ${base} in a log of ${this.length}`);
    return base <= this.base ? this : CommandLog.of(this.slice(base + 1), base);
  }
}
