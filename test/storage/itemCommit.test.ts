/** A commit of the item store, in the middle of it. */
import { describe, expect, it } from 'vitest';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';
import type { ItemWrite } from '../../src/storage/itemStore.ts';

const item = (key: string, value: string): ItemWrite => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
});

describe('a commit of much', () => {
  it('is put together in many turns, while reads see all of it and more is applied', async () => {
    const engine = await memoryEngine();
    let turns = 0;
    const seen: (string | undefined)[] = [];
    const text = (key: string): string | undefined => {
      const value = store.get(1, Buffer.from(key));
      return value && Buffer.from(value).toString();
    };
    const turn = (): Promise<void> => {
      turns += 1;
      seen.push(text('k0'), text('k499'));
      if (turns === 1) {
        store.apply(1, { first: 501, last: 501, writes: [item('k0', 'newer')] });
      }
      return Promise.resolve();
    };
    const store = await ItemStore.open(engine, { pendingBytesMax: 1 << 20, turn });
    const writes = Array.from({ length: 500 }, (_, i) => item(`k${i}`, `v${i}`));
    store.apply(1, { first: 1, last: 500, writes });

    await store.commit();

    expect(turns).toBeGreaterThan(10);
    expect([...new Set(seen)]).toEqual(['v0', 'v499', 'newer']);
    expect(store.durable(1)).toBe(500);
    expect(text('k0')).toBe('newer');
    await store.commit();
    expect(store.durable(1)).toBe(501);
    await store.close();
  });
});
