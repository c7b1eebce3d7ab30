/**
 * An object store in a directory, which several machines may have in common. Names that begin alike
 * share a folder, so that none holds the objects of all groups. What must hold: a folder is durable
 * before what is in it.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { realDisk } from '../world/disk.ts';
import { diskStore } from './objectStore.ts';
import type { ObjectStore } from './objectStore.ts';

/** Of a name: as much as tells the group. */
const folderLength = 16;

function folderOf(name: string): string {
  if (name.length < folderLength) throw new RangeError(`${name} is no name in a directory`);
  return name.slice(0, folderLength);
}

export function directoryStore(directory: string): ObjectStore {
  const opened = new Map<string, Promise<ObjectStore>>();
  const open = async (folder: string): Promise<ObjectStore> => {
    const root = await realDisk(directory);
    const store = diskStore(await realDisk(join(directory, folder)));
    await root.syncFolder();
    return store;
  };
  const making = (folder: string): Promise<ObjectStore> => {
    let store = opened.get(folder);
    if (store === undefined) {
      opened.set(folder, (store = open(folder)));
      // One that could not be made is tried anew the next time.
      store.catch(() => opened.delete(folder));
    }
    return store;
  };
  /** Reading makes nothing. */
  const existing = async (folder: string): Promise<ObjectStore | undefined> => {
    if (opened.has(folder)) return making(folder);
    const isThere = await access(join(directory, folder)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    return isThere ? making(folder) : undefined;
  };
  return {
    put: async (name, bytes) => (await making(folderOf(name))).put(name, bytes),
    get: async (name) => (await existing(folderOf(name)))?.get(name),
    list: async (prefix) => (await existing(folderOf(prefix)))?.list(prefix) ?? [],
    delete: async (name) => (await existing(folderOf(name)))?.delete(name),
  };
}
