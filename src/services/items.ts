/**
 * The applied state of one group, in the node's item store. What must hold: slots are applied in
 * order, each once; what the store holds already is not applied again.
 */
import type { Command } from '../protocol/replication/commandLog.ts';
import type { ItemStore, ItemWrite } from '../storage/itemStore.ts';

export class Items {
  readonly #store: ItemStore;
  readonly #group: number;

  constructor(store: ItemStore, group: number) {
    this.#store = store;
    this.#group = group;
  }

  /** The last slot that is applied. */
  get applied(): number {
    return this.#store.applied(this.#group);
  }

  get(key: string): string | null {
    const value = this.#store.get(this.#group, Buffer.from(key));
    return value === undefined
      ? null
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  }

  /** The commands of the slots `first` and on; those applied already change nothing. */
  apply(first: number, commands: readonly Command[]): void {
    const { applied } = this;
    if (first > applied + 1) throw new Error(`slot ${first} after ${applied}`);
    const fresh = commands.slice(applied + 1 - first);
    if (fresh.length === 0) return;
    const writes = fresh.flatMap((command): ItemWrite[] => {
      if (command.kind !== 'write') return [];
      const { key, value } = command;
      return [{ key: Buffer.from(key), value: value === null ? undefined : Buffer.from(value) }];
    });
    this.#store.apply(this.#group, { first: applied + 1, last: applied + fresh.length, writes });
  }
}
