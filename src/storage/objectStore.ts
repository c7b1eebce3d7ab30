/**
 * Where the archive is kept: objects under names, written whole. What must hold: a `put` that has
 * returned is durable, and a name holds one of the bytes that were put under it, never a mixture.
 * Several processes put and get at once. Implementations, which all pass one shared suite: here
 * `diskStore`, a file an object in one folder; directoryStore.ts, s3Store.ts.
 */
import { randomUUID } from 'node:crypto';
import type { Disk } from '../world/disk.ts';
import { readWhole, unfinished, writeWhole } from './wholeFile.ts';

export interface ObjectStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such object. */
  get(name: string): Promise<Buffer | undefined>;
  /** The names that begin so, sorted. */
  list(prefix: string): Promise<string[]>;
  delete(name: string): Promise<void>;
  /** What is under way fails. */
  close?(): void;
}

export function diskStore(disk: Disk): ObjectStore {
  return {
    async put(name, bytes) {
      // Of its own name: another process may be putting the same object.
      const other = `${name}.${randomUUID()}${unfinished}`;
      await writeWhole(disk, other, bytes);
      await disk.rename(other, name);
      await disk.syncFolder();
    },
    get: (name) => readWhole(disk, name),
    async list(prefix) {
      const names = await disk.list();
      return names.filter((name) => name.startsWith(prefix) && !name.endsWith(unfinished));
    },
    async delete(name) {
      if ((await disk.list()).includes(name)) await disk.remove(name);
      await disk.syncFolder();
    },
  };
}
