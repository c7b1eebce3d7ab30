/** The applied state of a group, and its copy at exactly one slot, whatever is applied together. */
import { fc, it as prop } from '@fast-check/vitest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../../src/protocol/replication/commandLog.ts';
import { Items } from '../../src/services/items.ts';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';

const group = 3;
const write = (slot: number): Command => {
  const value = slot % 5 === 0 ? null : `value of ${slot}`;
  return { kind: 'write', call: `c${slot}`, key: `k${slot % 4}`, value };
};
const writes = (first: number, last: number): Command[] =>
  Array.from({ length: last - first + 1 }, (_, i) => write(first + i));

let store: ItemStore;
let items: Items;
const begin = async (): Promise<void> => {
  store = await ItemStore.open(await memoryEngine(), { pendingBytesMax: 1 << 20 });
  items = new Items(store, group, () => 0);
};
beforeEach(begin);

/** What a copy is at a slot that nothing was applied beyond. */
async function sumAt(slot: number): Promise<string> {
  const plain = await ItemStore.open(await memoryEngine(), { pendingBytesMax: 1 << 20 });
  if (slot > 0) new Items(plain, group, () => 0).apply(1, writes(1, slot));
  return (await plain.checksum(group)).sum;
}

describe('a copy at a slot', () => {
  prop.prop(
    [fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), fc.nat(40)],
    { seed: Number(process.env['BISIM_SEED'] ?? 1), numRuns: 60 },
  )('is read exactly there, though slots are applied many at once', async (batches, at) => {
    await begin();
    const { reading, late } = items.mark(at);
    let last = 0;
    for (const [index, count] of batches.entries()) {
      items.apply(last + 1, writes(last + 1, last + count));
      last += count;
      if (index % 3 === 1) await store.commit();
    }
    late();
    const seen = await reading;
    if (last < at) expect(seen).toEqual({ kind: 'dropped', applied: last });
    else expect(seen).toMatchObject({ kind: 'read', slot: at, sum: await sumAt(at) });
    expect((await store.checksum(group)).sum).toBe(await sumAt(last));
  });

  it('is read at once where the replica stands there, and not where it has passed', async () => {
    items.apply(1, writes(1, 6));
    expect(await items.mark(5).reading).toEqual({ kind: 'passed', applied: 6 });
    expect(await items.mark(6).reading).toMatchObject({ slot: 6, sum: await sumAt(6) });
  });

  it('is waited for by the last who asked alone', async () => {
    const first = items.mark(4);
    const second = items.mark(3);
    items.apply(1, writes(1, 6));
    expect(await first.reading).toEqual({ kind: 'dropped', applied: 0 });
    expect(await second.reading).toMatchObject({ kind: 'read', slot: 3, sum: await sumAt(3) });
  });

  it('is not read where items came as a whole from elsewhere, beyond it', async () => {
    const { reading } = items.mark(4);
    await items.install(9, (async function* () {})());
    items.apply(10, writes(10, 11));
    expect(await reading).toEqual({ kind: 'dropped', applied: 9 });
  });

  it('that is damaged says so', async () => {
    const engine = await memoryEngine();
    const damaged = await ItemStore.open(engine, { pendingBytesMax: 1 << 20 });
    const copy = new Items(damaged, group, () => 0);
    copy.apply(1, writes(1, 3));
    await damaged.commit();
    for await (const [key, value] of engine.iterator()) {
      if (key[0] === 0) continue;
      value[value.length - 1]! ^= 1;
      await engine.put(key, value);
    }
    expect(await copy.mark(3).reading).toMatchObject({ kind: 'damaged' });
  });
});
