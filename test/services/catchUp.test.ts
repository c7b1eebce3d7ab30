/** What a replica that waits does where the log and the items come to it from several nodes. */
import { describe, expect, it } from 'vitest';
import { init } from '../../src/protocol/membership/state.ts';
import { CatchUp } from '../../src/services/catchUp.ts';
import { Items } from '../../src/services/items.ts';
import { sumOf } from '../../src/services/itemsSource.ts';
import type { GroupMessage, ItemsMessage } from '../../src/services/messageCodec.ts';
import { Turns } from '../../src/services/turns.ts';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';

const from = { epoch: 1, members: ['a-1', 'b-1'], storage: ['a-1', 'b-1'], opened: 0 };
const write = (slot: number) => {
  return { kind: 'write', call: `c${slot}`, key: 'k', value: `v${slot}` } as const;
};

/** A replica that has copied slots 1 and 2 from node a, and is told by it to copy items. */
async function copier() {
  const store = await ItemStore.open(await memoryEngine(), { pendingBytesMax: 1 << 20 });
  const items = new Items(store, 1, () => 0);
  const asked: [string, GroupMessage['type']][] = [];
  const takenUp: number[] = [];
  let nowMs = 0;
  const catchUp = new CatchUp({
    state: () => init({ id: 'c-1', leaseMs: 0, driftMs: 0 }),
    nowMs: () => nowMs,
    sendTo: (node, { type }) => asked.push([node, type]),
    keep: () => undefined,
    takeUp: (slot) => takenUp.push(slot),
    copied: [],
    items,
    turns: new Turns(1),
  });
  catchUp.follow('a');
  catchUp.tick();
  catchUp.receive({ type: 'copy', start: 0, entries: [write(1), write(2)] }, 'a');
  catchUp.receive({ type: 'takeUp', slot: 7, from }, 'a');
  const piece = (key: string, after: string | null, more: Partial<ItemsMessage>): ItemsMessage => {
    const held = [{ key, value: 'v9' }];
    const sum = sumOf(held);
    const rest = { copy: 5, slot: 9, base: 7, from, last: false, tokens: [] };
    return { type: 'items', ...rest, after, items: held, sum, ...more };
  };
  const turns = async (until: () => boolean): Promise<void> => {
    while (!until()) await new Promise((turn) => setImmediate(turn));
  };
  const later = (ms: number): void => {
    nowMs += ms;
    catchUp.tick();
  };
  return { store, items, asked, takenUp, catchUp, piece, turns, later };
}

describe('a replica that copies items', () => {
  it('takes nothing of the log, nor an epoch, before all of them are there', async () => {
    const { store, items, takenUp, catchUp, piece, turns } = await copier();
    catchUp.receive(piece('k', null, {}), 'a');
    // From another node, which was asked before.
    catchUp.receive({ type: 'copy', start: 2, entries: [write(3)] }, 'b');
    expect([catchUp.have, catchUp.copied]).toEqual([2, 0]);
    const epoch = { ...from, type: 'epoch', epoch: 2, start: 2, entries: [write(3)] } as const;
    expect(catchUp.completed(epoch)).toBe(undefined);
    catchUp.receive(piece('l', 'k', { last: true }), 'a');
    await turns(() => {
      catchUp.receive(piece('l', 'k', { last: true }), 'a');
      return takenUp.length > 0;
    });
    await store.commit();
    expect([items.get('k'), items.applied, takenUp]).toEqual(['v9', 9, [7]]);
    await store.close();
  });

  it('copies them from another node where a copy has come to nothing', async () => {
    const { store, items, asked, catchUp, piece, turns, later } = await copier();
    catchUp.receive(piece('k', null, {}), 'a');
    catchUp.receive(piece('k', null, { copy: 6 }), 'a');
    await turns(() => items.applied === 0);
    await store.commit();
    later(100);
    await turns(() => {
      later(4_000);
      catchUp.follow('b');
      return asked.at(-1)?.[0] === 'b';
    });
    expect(asked.at(-1)).toEqual(['b', 'itemsAsk']);
    catchUp.receive({ type: 'copy', start: 2, entries: [write(3)] }, 'b');
    expect([items.applied, catchUp.copied]).toEqual([0, 0]);
    catchUp.receive(piece('k', null, { last: true }), 'b');
    await turns(() => items.applied === 9);
    expect(items.get('k')).toBe('v9');
    await store.close();
  });
});
