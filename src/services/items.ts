/**
 * The applied state of one group: the value of each key after the commands up to a slot.
 * Implementations pass one shared suite. What must hold: `apply` takes slots in order, each once.
 */
import type { Command } from '../protocol/replication/commandLog.ts';

export interface Items {
  /** The last slot that is applied. */
  readonly applied: number;
  get(key: string): string | null;
  /** The commands of the slots `first` and on; those applied already change nothing. */
  apply(first: number, commands: readonly Command[]): void;
}

export class MemoryItems implements Items {
  #applied = 0;
  readonly #values = new Map<string, string>();

  get applied(): number {
    return this.#applied;
  }

  get(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  apply(first: number, commands: readonly Command[]): void {
    if (first > this.#applied + 1) throw new Error(`slot ${first} after ${this.#applied}`);
    for (const command of commands.slice(this.#applied + 1 - first)) {
      this.#applied += 1;
      if (command.kind !== 'write') continue;
      if (command.value === null) this.#values.delete(command.key);
      else this.#values.set(command.key, command.value);
    }
  }
}
