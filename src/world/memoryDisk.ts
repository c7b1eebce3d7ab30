/** A disk that keeps nothing beyond its process: for trials, and regions in memory. */
import type { Disk, DiskFile } from './disk.ts';

class MemoryFile implements DiskFile {
  #bytes = Buffer.alloc(0);
  #size = 0;

  write(bytes: Uint8Array, position: number): Promise<number> {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
    return Promise.resolve(bytes.length);
  }

  read(position: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.#size, position + length);
    return Promise.resolve(Buffer.from(this.#bytes.subarray(position, Math.max(position, end))));
  }

  size(): Promise<number> {
    return Promise.resolve(this.#size);
  }

  truncate(length: number): Promise<void> {
    this.#bytes.fill(0, length);
    this.#size = length;
    return Promise.resolve();
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function failure(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: ${name}`), { code });
}

export function memoryDisk(): Disk {
  const files = new Map<string, MemoryFile>();
  const locks = new Set<string>();
  const existing = (name: string): MemoryFile => {
    const file = files.get(name);
    if (file === undefined) throw failure('ENOENT', name);
    return file;
  };
  return {
    async open(name, mode) {
      if (mode === 'existing') return existing(name);
      if (files.has(name)) throw failure('EEXIST', name);
      const file = new MemoryFile();
      files.set(name, file);
      return file;
    },
    list: () => Promise.resolve([...files.keys()].sort()),
    async rename(from, to) {
      files.set(to, existing(from));
      files.delete(from);
    },
    async remove(name) {
      existing(name);
      files.delete(name);
    },
    syncFolder: () => Promise.resolve(),
    async lock(name) {
      if (locks.has(name)) return undefined;
      locks.add(name);
      return async () => {
        locks.delete(name);
      };
    },
  };
}
