/**
 * A replica's items from the archive alone. It is the reference that live copies are compared with,
 * so it goes its own way to the disk: a bug of the code by which replicas apply is not in it.
 */
import type { Archive } from './archive.ts';
import type { ArchivedEntry } from './archiveSegment.ts';
import { itemKey, itemsFrom, itemsUntil, sealItem } from './itemCodec.ts';
import { ItemSnapshot } from './itemSnapshot.ts';
import type { ItemChecksum } from './itemSnapshot.ts';
import type { Engine, ItemWrite } from './itemStore.ts';

/** Written at once. */
const batchBytes = 1 << 20;

export interface RebuildOptions {
  readonly group: number;
  readonly upTo: number;
  readonly writesOf: (entry: ArchivedEntry) => readonly ItemWrite[];
  /** Aborted, it ends with that reason. */
  readonly signal?: AbortSignal;
}

/** `engine` is a store for this alone; nothing of the group is left in it. */
export async function rebuiltChecksum(
  archive: Archive,
  engine: Engine,
  o: RebuildOptions,
): Promise<ItemChecksum> {
  const { group, upTo } = o;
  try {
    await rebuild(archive, engine, o);
    const copy = new ItemSnapshot(engine, { group, slot: upTo, layers: [] });
    try {
      return await copy.checksum();
    } finally {
      await copy.close();
    }
  } finally {
    await engine.clear({ gte: itemsFrom(group), lt: itemsUntil(group) });
  }
}

async function rebuild(
  archive: Archive,
  engine: Engine,
  { group, upTo, writesOf, signal }: RebuildOptions,
): Promise<void> {
  let batch = engine.batch();
  let bytes = 0;
  for await (const entry of archive.entries(group, 1, upTo)) {
    for (const { key, value } of writesOf(entry)) {
      const stored = itemKey(group, key);
      if (value === undefined) batch.del(stored);
      else batch.put(stored, sealItem(stored, value));
      bytes += key.length + (value?.length ?? 0);
    }
    if (bytes < batchBytes) continue;
    await batch.write();
    signal?.throwIfAborted();
    batch = engine.batch();
    bytes = 0;
  }
  await batch.write();
}
