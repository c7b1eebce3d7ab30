/** What the golden files hold; the tests that read them expect it for ever. */
import type { ArchivedEntry } from '../../../src/storage/archiveSegment.ts';
import type { ItemWrite } from '../../../src/storage/itemStore.ts';
import { checksum } from '../../../src/storage/record.ts';

/** Group, slot and size of each entry, in order. */
export const logEntries: readonly (readonly [number, number, number])[] = [
  [0, 1, 16],
  [1, 1, 24],
  [2, 1, 300],
  [0, 2, 1_200],
  [1, 2, 600],
  [0, 3, 900],
  [2, 2, 8],
  [1, 3, 2_500],
  [0, 4, 9],
];

export const itemWrites: readonly (readonly [number, readonly ItemWrite[]])[] = [
  [
    1,
    [
      { key: Buffer.from('a'), value: Buffer.from('one') },
      { key: Buffer.from('b'), value: Buffer.alloc(2_000, 7) },
      { key: Buffer.from([0, 255]), value: Buffer.alloc(0) },
    ],
  ],
  [900, [{ key: Buffer.from('a'), value: Buffer.from('other') }]],
];

export const archived: readonly ArchivedEntry[] = ['put a', 'put b', '', 'delete a'].map(
  (text, index) => {
    const body = Buffer.from(text);
    return { slot: index + 1, kind: index, body, sum: checksum(body) };
  },
);
