/**
 * The disk as the storage sees it: files of a folder, written at positions, made durable by `sync`.
 * Implementations: `realDisk`, and simulated ones in tests, which all pass one shared suite. What
 * must hold: nothing is durable before a sync of the file, and no name before a sync of the folder.
 */
import { constants } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from './lockFile.ts';
import { makeFolder } from './makeFolder.ts';

export interface DiskFile {
  /** How many bytes were taken: a write may be short. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** The bytes from a position on; fewer where the file ends before. */
  read(position: number, length: number): Promise<Uint8Array>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Data, and the size it needs, are durable afterwards. After it failed, nothing is known. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** Opens a file for reading and writing; `create` makes an empty one and fails where one is. */
  open(name: string, mode: 'create' | 'existing'): Promise<DiskFile>;
  /** The names in the folder, sorted. */
  list(): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names made, renamed or removed are durable afterwards. */
  syncFolder(): Promise<void>;
  /**
   * Takes the folder for this process under a name; gives what releases it, or undefined where a
   * living process has it, this one included. A lock ends with the process that holds it.
   */
  lock(name: string): Promise<(() => Promise<void>) | undefined>;
}

class RealFile implements DiskFile {
  private readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.handle.write(bytes, 0, bytes.length, position)).bytesWritten;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.handle.read(
        bytes,
        filled,
        length - filled,
        position + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  truncate(length: number): Promise<void> {
    return this.handle.truncate(length);
  }

  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** The disk below a folder, which is made where it is missing. */
export async function realDisk(folder: string): Promise<Disk> {
  await makeFolder(folder);
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  return {
    async open(name, mode) {
      const flags = mode === 'create' ? O_RDWR | O_CREAT | O_EXCL : O_RDWR;
      return new RealFile(await open(join(folder, name), flags, 0o600));
    },
    async list() {
      return (await readdir(folder)).sort();
    },
    rename: (from, to) => rename(join(folder, from), join(folder, to)),
    remove: (name) => rm(join(folder, name)),
    lock: (name) => lockFile(join(folder, name)),
    async syncFolder() {
      const handle = await open(folder, constants.O_RDONLY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}
