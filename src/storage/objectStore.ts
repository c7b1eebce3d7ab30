/**
 * Where the archive is kept: objects under names, written whole. What must hold: a `put` that has
 * returned is durable, and a name holds one of the bytes that were put under it, never a mixture.
 * `diskStore` keeps each object as a file of a folder; a store of a cloud fits the same shape.
 */
import type { Disk } from '../world/disk.ts';
import { readWhole, replaceFile, unfinished } from './wholeFile.ts';

export interface ObjectStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such object. */
  get(name: string): Promise<Buffer | undefined>;
  /** The names that begin so, sorted. */
  list(prefix: string): Promise<string[]>;
  delete(name: string): Promise<void>;
}

export function diskStore(disk: Disk): ObjectStore {
  return {
    async put(name, bytes) {
      await replaceFile(disk, name, bytes);
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
