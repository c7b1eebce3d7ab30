/** Work that waits its turn, and the copies of items that a node makes and serves at once. */
import { describe, expect, it } from 'vitest';
import { Items } from '../../src/services/items.ts';
import { ItemsCopy } from '../../src/services/itemsCopy.ts';
import type { Copied } from '../../src/services/itemsCopy.ts';
import { ItemsSource } from '../../src/services/itemsSource.ts';
import { Turns } from '../../src/services/turns.ts';
import { ItemsDamaged, itemKey } from '../../src/storage/itemCodec.ts';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import type { ItemSnapshot } from '../../src/storage/itemSnapshot.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';
import type { Engine } from '../../src/storage/itemStore.ts';

describe('turns', () => {
  it('are taken in the order in which they were asked for, so many at once', () => {
    const turns = new Turns(2);
    const began: number[] = [];
    const all = [0, 1, 2, 3, 4].map((i) => {
      const turn = turns.turn();
      turn.begin(() => began.push(i));
      return turn;
    });
    expect([began, turns.running, turns.waiting]).toEqual([[0, 1], 2, 3]);
    all[2]!.leave();
    all[1]!.leave();
    // Who leaves twice makes room once.
    all[1]!.leave();
    expect([began, turns.running, turns.waiting]).toEqual([[0, 1, 3], 2, 1]);
    all[0]!.leave();
    expect([began, turns.running, turns.waiting]).toEqual([[0, 1, 3, 4], 2, 0]);
  });

  it('that are for the taking are taken from their owners, the oldest first, when others wait', () => {
    const turns = new Turns(2);
    const events: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => {
      const turn = turns.turn();
      const begin = (): void => turn.begin(() => events.push(`${name} begins`));
      const offer = (): void =>
        turn.offer(() => {
          events.push(`${name} ends`);
          turn.leave();
        });
      return { begin, offer, leave: turn.leave };
    });
    a!.begin();
    b!.begin();
    b!.offer();
    expect(events).toEqual(['a begins', 'b begins']);
    c!.begin();
    d!.begin();
    expect(events.slice(2)).toEqual(['b ends', 'c begins']);
    a!.offer();
    expect(events.slice(4)).toEqual(['a ends', 'd begins']);
    for (const each of [c, d]) each!.leave();
    expect([turns.running, turns.waiting]).toEqual([0, 0]);
  });
});

const from = { epoch: 1, members: ['a'], storage: ['a'], opened: 0 };
const value = 'v'.repeat(400_000);
const groups = 12;
const servedMax = 2;
const madeMax = 5;

interface Stored {
  readonly engine: Engine;
  readonly store: ItemStore;
}

async function stored(): Promise<Stored> {
  const engine = await memoryEngine();
  return { engine, store: await ItemStore.open(engine, { pendingBytesMax: 64 << 20 }) };
}

/** Two nodes and the network between them: one copies groups that the other has. */
class Copying {
  readonly #source: Stored;
  readonly #target: Stored;
  readonly #turns = { served: new Turns(servedMax), made: new Turns(madeMax) };
  readonly #sources: ItemsSource[] = [];
  readonly #copies: ItemsCopy[] = [];
  readonly #asking = new Set<number>();
  #nowMs = 0;
  #open = 0;
  openMost = 0;
  askingMost = 0;
  readonly done = new Map<number, Copied | undefined>();
  readonly failures: unknown[] = [];

  constructor(source: Stored, target: Stored) {
    this.#source = source;
    this.#target = target;
  }

  /** A snapshot that tells how many of its kind are open. */
  #snapshot(group: number): ItemSnapshot {
    const snapshot = this.#source.store.snapshot(group);
    this.#open += 1;
    this.openMost = Math.max(this.openMost, this.#open);
    const close = snapshot.close.bind(snapshot);
    snapshot.close = () => {
      this.#open -= 1;
      return close();
    };
    return snapshot;
  }

  begin(group: number): void {
    const later = (deliver: () => void): void => queueMicrotask(deliver);
    const nowMs = (): number => this.#nowMs;
    const source = new ItemsSource({
      nowMs,
      snapshot: () => this.#snapshot(group),
      beside: () => ({ from, base: 1, tokens: [] }),
      turns: this.#turns.served,
      failed: (error) => this.failures.push(error),
      sendTo: (_, message) => later(() => copy.receive(message, 'source')),
    });
    const items = new Items(this.#target.store, group, () => 0);
    const copy: ItemsCopy = new ItemsCopy({
      node: 'source',
      turn: this.#turns.made.turn(),
      nowMs,
      install: (slot, all) => items.install(slot, all),
      done: (copied) => {
        this.#asking.delete(group);
        this.done.set(group, copied);
      },
      sendTo: (_, ask) => {
        this.#asking.add(group);
        this.askingMost = Math.max(this.askingMost, this.#asking.size);
        later(() => source.answer(ask, 'target'));
      },
    });
    this.#sources.push(source);
    this.#copies.push(copy);
  }

  async turn(): Promise<void> {
    await new Promise((turn) => setImmediate(turn));
    this.#nowMs += 50;
    for (const each of [...this.#copies, ...this.#sources]) each.tick();
  }

  close(): void {
    for (const source of this.#sources) source.close();
  }
}

describe('copies of items', () => {
  it('of many groups run so many at once on either node, and none is left out', async () => {
    const [source, target] = [await stored(), await stored()];
    for (let group = 1; group <= groups; group += 1) {
      const items = new Items(source.store, group, () => 0);
      const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      items.apply(
        1,
        keys.map((key) => ({ kind: 'write', call: key, key, value }) as const),
      );
    }
    const copying = new Copying(source, target);
    for (let group = 1; group <= groups; group += 1) copying.begin(group);
    while (copying.done.size < groups) await copying.turn();
    expect([...copying.done.values()].filter((copied) => copied === undefined)).toEqual([]);
    expect([copying.openMost, copying.askingMost]).toEqual([servedMax, madeMax]);
    for (let group = 1; group <= groups; group += 1) {
      expect(new Items(target.store, group, () => 0).get('g')).toBe(value);
    }
    copying.close();
    await Promise.all([source.store.close(), target.store.close()]);
  });

  it('of a damaged item come to nothing, and the node that has it is told', async () => {
    const [source, target] = [await stored(), await stored()];
    const items = new Items(source.store, 1, () => 0);
    items.apply(
      1,
      ['a', 'b', 'c'].map((key) => ({ kind: 'write', call: key, key, value }) as const),
    );
    await source.store.commit();
    const key = itemKey(1, Buffer.from('b'));
    const kept = Buffer.from((await source.engine.get(key))!);
    kept.writeUInt8(kept.readUInt8(9) ^ 1, 9);
    await source.engine.put(key, kept);
    const copying = new Copying(source, target);
    copying.begin(1);
    while (copying.done.size < 1) await copying.turn();
    expect(copying.done.get(1)).toBe(undefined);
    // It is asked for again, and told each time.
    expect(copying.failures[0]).toBeInstanceOf(ItemsDamaged);
    expect(copying.failures.every((error) => error instanceof ItemsDamaged)).toBe(true);
    const copy = new Items(target.store, 1, () => 0);
    expect([copy.applied, copy.get('a'), copy.get('b')]).toEqual([0, null, null]);
    copying.close();
    await Promise.all([source.store.close(), target.store.close()]);
  });
});
