/**
 * The cache: a folder of entries named by the SHA-256 of what they were made from.
 *
 * What must hold: an entry is whole or absent (written aside, then renamed), checked against its own
 * SHA-256 on each reading, and dropped with a warning where it does not match. Two processes may use it
 * at once: both write the same bytes under the same name. A cache that cannot be written costs time,
 * never a result: that is a warning too.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';

const magic = Buffer.from('bisimc1\n');
const digestBytes = 32;
export const cacheBytesMax = 2 * 2 ** 30;

export interface CacheOptions {
  /** BISIM_CACHE, else the platform's cache folder, where not given. */
  readonly folder?: string | undefined;
  readonly warn?: ((message: string) => void) | undefined;
}

/** Where the cache is unless told otherwise. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['BISIM_CACHE'];
  return chosen !== undefined && chosen !== '' ? chosen : envPaths('bisim', { suffix: '' }).cache;
}

/** The name of what was made from `parts`; their boundaries count. */
export function cacheKey(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    hash.update(`${typeof part === 'string' ? 's' : 'b'}${bytes.length}:`);
    hash.update(bytes);
  }
  return hash.digest('hex');
}

export class Cache {
  readonly folder: string;
  private readonly warn: (message: string) => void;

  constructor(options: CacheOptions = {}) {
    this.folder = options.folder ?? cacheFolder(process.env);
    this.warn = options.warn ?? ((message) => process.emitWarning(message));
  }

  /** The bytes kept under `key`; undefined where there are none, or none that are whole. */
  async get(key: string): Promise<Buffer | undefined> {
    const path = this.path(key);
    let entry: Buffer;
    try {
      entry = await readFile(path);
    } catch (error) {
      if (!isCode(error, 'ENOENT'))
        this.warn(`the cache entry ${path} cannot be read: ${String(error)}`);
      return undefined;
    }
    const payload = entry.subarray(magic.length + digestBytes);
    const digest = entry.subarray(magic.length, magic.length + digestBytes);
    if (!entry.subarray(0, magic.length).equals(magic) || !digest.equals(sha256(payload))) {
      this.warn(`the cache entry ${path} is damaged: it is dropped and will be made again`);
      await this.drop(key);
      return undefined;
    }
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return payload;
  }

  /** Keeps `bytes` under `key`. Never throws: a full disk is a warning. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.path(key);
    const aside = `${path}.${process.pid}.${randomUUID()}.part`;
    try {
      await mkdir(join(this.folder, key.slice(0, 2)), { recursive: true });
      await writeFile(aside, Buffer.concat([magic, sha256(bytes), bytes]), { flag: 'wx' });
      await rename(aside, path);
    } catch (error) {
      this.warn(`the cache cannot keep ${path}: ${String(error)}`);
      await rm(aside, { force: true }).catch(() => undefined);
    }
  }

  async getJson(key: string): Promise<unknown> {
    const bytes = await this.get(key);
    if (bytes === undefined) return undefined;
    try {
      return JSON.parse(bytes.toString('utf8')) as unknown;
    } catch {
      this.warn(
        `the cache entry ${this.path(key)} is no JSON: it is dropped and will be made again`,
      );
      await this.drop(key);
      return undefined;
    }
  }

  async putJson(key: string, value: unknown): Promise<void> {
    await this.put(key, Buffer.from(JSON.stringify(value), 'utf8'));
  }

  async drop(key: string): Promise<void> {
    await rm(this.path(key), { force: true }).catch(() => undefined);
  }

  /** Removes the entries used longest ago, until at most `bytesMax` are left. Returns the bytes freed. */
  async prune(bytesMax = cacheBytesMax): Promise<number> {
    const entries = await this.entries();
    entries.sort((a, b) => b.usedMs - a.usedMs);
    let kept = 0;
    let freed = 0;
    for (const entry of entries) {
      kept += entry.bytes;
      if (kept <= bytesMax) continue;
      await rm(entry.path, { force: true }).catch(() => undefined);
      kept -= entry.bytes;
      freed += entry.bytes;
    }
    return freed;
  }

  private async entries(): Promise<{ path: string; bytes: number; usedMs: number }[]> {
    const found: { path: string; bytes: number; usedMs: number }[] = [];
    for (const prefix of await readdir(this.folder).catch(() => [])) {
      if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
      for (const name of await readdir(join(this.folder, prefix)).catch(() => [])) {
        const path = join(this.folder, prefix, name);
        const information = await stat(path).catch(() => undefined);
        if (information === undefined) continue;
        found.push({ path, bytes: information.size, usedMs: information.mtimeMs });
      }
    }
    return found;
  }

  private path(key: string): string {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new TypeError(`${key} is no cache key: use cacheKey()`);
    return join(this.folder, key.slice(0, 2), key.slice(2));
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
