/**
 * The applied state of one group, in the node's item store. What must hold: slots are applied in
 * order, each once; what the store holds already is not applied again; a copy that is to be read at
 * a slot is read exactly there.
 */
import type { State } from '../protocol/membership/state.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Item, ItemSnapshot } from '../storage/itemSnapshot.ts';
import type { ItemStore, ItemWrite } from '../storage/itemStore.ts';
import { CopyMark } from './copyMark.ts';
import type { Reading } from './copyMark.ts';

/** Whether a replica applies the log; another one keeps the log alone. */
export function applies({ group }: State): boolean {
  return group.storage.includes(group.id);
}

export class Items {
  readonly #store: ItemStore;
  readonly #group: number;
  readonly #logged: () => number;
  #mark: CopyMark | undefined;
  #known = 0;

  /** `logged`: the last slot that a durable record of the log tells to be chosen. */
  constructor(store: ItemStore, group: number, logged: () => number) {
    this.#store = store;
    this.#group = group;
    this.#logged = logged;
  }

  /** The last slot that is applied. */
  get applied(): number {
    return this.#store.applied(this.#group);
  }

  /** What a crash leaves known to be chosen: the items hold it, and the log says so. */
  get kept(): number {
    return Math.min(this.#store.durable(this.#group), this.#logged());
  }

  /** The last slot that a member of an epoch knows to be chosen and has had applied. */
  get known(): number {
    return this.#known;
  }

  get(key: string): string | null {
    const value = this.#store.get(this.#group, Buffer.from(key));
    return value === undefined
      ? null
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  }

  /** The commands of the slots `first` and on; those applied already change nothing. */
  apply(first: number, commands: readonly Command[]): void {
    this.copy(first, commands);
    this.#known = Math.max(this.#known, first + commands.length - 1);
  }

  /** Of one that waits to be a member: it may enter an epoch with less of the log than it copied. */
  copy(first: number, commands: readonly Command[]): void {
    const { applied } = this;
    if (first > applied + 1) throw new Error(`slot ${first} after ${applied}`);
    let fresh = commands.slice(applied + 1 - first);
    for (let mark = this.#mark; mark?.settled === false && fresh.length > 0;) {
      const count = mark.take(this.applied, fresh.length);
      this.#write(fresh.slice(0, count));
      fresh = fresh.slice(count);
      mark.read(() => this.#store.snapshot(this.#group));
    }
    this.#write(fresh);
  }

  /**
   * Reads the copy where exactly the slots up to this one are applied, now or when it comes there;
   * who waited for another slot waits no more. `late` ends the waiting.
   */
  mark(slot: number): { readonly reading: Promise<Reading>; readonly late: () => void } {
    this.#mark?.drop(this.applied);
    let answer: (reading: Reading) => void = () => undefined;
    const reading = new Promise<Reading>((done) => (answer = done));
    const mark = new CopyMark(this.applied, slot, answer);
    this.#mark = mark;
    mark.read(() => this.#store.snapshot(this.#group));
    return { reading, late: () => mark.drop(this.applied) };
  }

  #write(commands: readonly Command[]): void {
    if (commands.length === 0) return;
    const { applied } = this;
    const writes = commands.flatMap((command): ItemWrite[] => {
      if (command.kind !== 'write') return [];
      const { key, value } = command;
      return [{ key: Buffer.from(key), value: value === null ? undefined : Buffer.from(value) }];
    });
    this.#store.apply(this.#group, { first: applied + 1, last: applied + commands.length, writes });
  }

  /** As they are now; it must be closed. */
  snapshot(): ItemSnapshot {
    return this.#store.snapshot(this.#group);
  }

  /** What another replica has at a slot takes the place of what is here; nothing where it fails. */
  async install(slot: number, items: AsyncIterable<Item>): Promise<void> {
    try {
      await this.#store.install(this.#group, slot, items);
    } catch (error) {
      await this.#store.remove(this.#group);
      throw error;
    }
  }
}
