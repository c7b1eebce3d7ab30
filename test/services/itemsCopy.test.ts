/** Items that go from one node to another in pieces: all of one slot, whatever is lost on the way. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ItemsCopy } from '../../src/services/itemsCopy.ts';
import type { Copied } from '../../src/services/itemsCopy.ts';
import { ItemsSource } from '../../src/services/itemsSource.ts';
import { Items } from '../../src/services/items.ts';
import { Turns } from '../../src/services/turns.ts';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const from = { epoch: 1, members: ['a'], storage: ['a'], opened: 0 };
const tokens = [{ token: 't', slot: 3 }];
const value = 'v'.repeat(300_000);

async function itemsOf(): Promise<{ store: ItemStore; items: Items }> {
  const store = await ItemStore.open(await memoryEngine(), { pendingBytesMax: 64 << 20 });
  return { store, items: new Items(store, 1, () => 0) };
}

const unexpected = (error: unknown): void => {
  throw error;
};

const write = (key: string) => ({ kind: 'write', call: 'c', key, value }) as const;

/** A copy over a network that loses what it is told to; the source may be another one from then on. */
async function copied(losses: readonly boolean[], restartAt: number): Promise<Copied | undefined> {
  const [source, target] = [await itemsOf(), await itemsOf()];
  source.items.apply(
    1,
    Array.from({ length: 12 }, (_, i) => write(`k${i}`)),
  );
  let nowMs = 0;
  let sent = 0;
  const lost = (): boolean => losses[(sent += 1) % losses.length] === true && sent < 60;
  let give: ItemsSource;
  let result: Copied | undefined;
  let ended = false;
  const make = (): ItemsSource =>
    new ItemsSource({
      nowMs: () => nowMs,
      snapshot: () => source.items.snapshot(),
      beside: () => ({ from, base: 4, tokens }),
      ...{ turns: new Turns(1), failed: unexpected },
      sendTo: (_, message) => {
        if (!lost()) copy.receive(message, 'source');
      },
    });
  give = make();
  const copy = new ItemsCopy({
    node: 'source',
    turn: new Turns(1).turn(),
    nowMs: () => nowMs,
    sendTo: (_, ask) => {
      if (sent === restartAt) give = make();
      // Later writes are not of the copy.
      source.items.apply(source.items.applied + 1, [write(`k${sent % 3}-late`)]);
      if (!lost()) queueMicrotask(() => give.answer(ask, 'target'));
    },
    install: (slot, items) => target.items.install(slot, items),
    done: (found) => {
      ended = true;
      result = found;
    },
  });
  while (!ended) {
    await new Promise((turn) => setImmediate(turn));
    nowMs += 200;
    copy.tick();
  }
  const at = target.items.applied;
  if (result !== undefined) {
    expect(at).toBeGreaterThanOrEqual(12);
    for (let i = 0; i < 12; i += 1) expect(target.items.get(`k${i}`)).toBe(value);
  } else expect([at, target.items.get('k0')]).toEqual([0, null]);
  give.close();
  await Promise.all([source.store.close(), target.store.close()]);
  return result;
}

/** A copy over a network that loses nothing, and takes its time. */
async function slowly(
  delayMs: number,
): Promise<{ result: Copied | undefined; copies: number; pieces: number }> {
  const [source, target] = [await itemsOf(), await itemsOf()];
  const writes = Array.from({ length: 12 }, (_, i) => write(`k${i}`));
  source.items.apply(1, writes);
  let nowMs = 0;
  let [copies, pieces, ended] = [0, 0, false];
  let result: Copied | undefined;
  const onTheWay: { readonly dueMs: number; readonly deliver: () => void }[] = [];
  const later = (deliver: () => void): void =>
    void onTheWay.push({ dueMs: nowMs + delayMs, deliver });
  const give = new ItemsSource({
    nowMs: () => nowMs,
    snapshot: () => {
      copies += 1;
      return source.items.snapshot();
    },
    beside: () => ({ from, base: 4, tokens }),
    ...{ turns: new Turns(1), failed: unexpected },
    sendTo: (_, message) => {
      pieces += 1;
      later(() => copy.receive(message, 'source'));
    },
  });
  const copy = new ItemsCopy({
    node: 'source',
    turn: new Turns(1).turn(),
    nowMs: () => nowMs,
    sendTo: (_, ask) => later(() => give.answer(ask, 'target')),
    install: (slot, items) => target.items.install(slot, items),
    done: (found) => {
      ended = true;
      result = found;
    },
  });
  while (!ended) {
    await new Promise((turn) => setImmediate(turn));
    nowMs += 100;
    while ((onTheWay[0]?.dueMs ?? Infinity) <= nowMs) onTheWay.shift()!.deliver();
    copy.tick();
  }
  give.close();
  await Promise.all([source.store.close(), target.store.close()]);
  return { result, copies, pieces };
}

describe('a copy of items', () => {
  it.prop([fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })], { seed, numRuns: 15 })(
    'comes whole over a network that loses messages',
    async (losses) => {
      fc.pre(losses.includes(false));
      const result = await copied(losses, -1);
      if (result !== undefined) expect(result).toEqual({ base: 4, from, tokens });
    },
  );

  it('comes with where the log follows and the tokens before that', async () => {
    expect(await copied([false], -1)).toEqual({ base: 4, from, tokens });
  });

  it('ends, and leaves nothing, where its source begins anew', async () => {
    expect(await copied([false], 4)).toBe(undefined);
  });

  it('goes on where every answer comes later than it is asked for again', async () => {
    const { result, copies, pieces } = await slowly(1_100);
    expect(result).toEqual({ base: 4, from, tokens });
    expect(copies).toBe(1);
    // Three of four items and one of none; what is asked for twice does not hold up the rest.
    expect(pieces).toBeLessThanOrEqual(3 * 4);
  });

  it('ends where its source has nothing to say', async () => {
    expect((await slowly(60_000)).result).toBe(undefined);
  });
});
