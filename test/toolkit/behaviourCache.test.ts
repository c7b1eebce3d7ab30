import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cache, cacheFolder, cacheKey } from '../../conformance/behaviour/cache.ts';

let folder: string;
let warnings: string[];
let cache: Cache;
const key = cacheKey(['spec', 'cfg']);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisim-cache-'));
  warnings = [];
  cache = new Cache({ folder, warn: (message) => warnings.push(message) });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (): string => join(folder, key.slice(0, 2), key.slice(2));

describe('cacheKey', () => {
  it('depends on every part and on the boundaries between them', () => {
    const keys = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], [Buffer.from('abc')], []].map(
      cacheKey,
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(cacheKey(['ab', 'c'])).toBe(keys[0]);
  });
});

describe('cacheFolder', () => {
  it('is BISIM_CACHE where that is set', () => {
    expect(cacheFolder({ BISIM_CACHE: '/somewhere' })).toBe('/somewhere');
    expect(cacheFolder({ BISIM_CACHE: '' })).toContain('bisim');
  });
});

describe('Cache', () => {
  it('gives back what was put, and undefined for what was not', async () => {
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, Buffer.from('bytes'));
    expect((await cache.get(key))!.toString()).toBe('bytes');
    await cache.put(key, new Uint8Array(0));
    expect((await cache.get(key))!.length).toBe(0);
    await cache.putJson(key, { a: [1, 'x'] });
    expect(await cache.getJson(key)).toEqual({ a: [1, 'x'] });
    expect(warnings).toEqual([]);
    expect(await readdir(join(folder, key.slice(0, 2)))).toHaveLength(1);
  });

  it('drops an entry that is damaged anywhere, with a warning, and works on', async () => {
    await cache.put(key, Buffer.from('some bytes'));
    const whole = await readFile(entry());
    for (const at of [0, 9, 39, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1;
      await writeFile(entry(), damaged);
      expect(await cache.get(key)).toBeUndefined();
      expect(await readdir(join(folder, key.slice(0, 2)))).toEqual([]);
    }
    for (const cut of [0, 5, 20, whole.length - 1]) {
      await writeFile(entry(), whole.subarray(0, cut));
      expect(await cache.get(key)).toBeUndefined();
    }
    expect(warnings).toHaveLength(8);
    await cache.put(key, Buffer.from('again'));
    expect((await cache.get(key))!.toString()).toBe('again');
  });

  it('drops an entry that should be JSON and is not', async () => {
    await cache.put(key, Buffer.from('{'));
    expect(await cache.getJson(key)).toBeUndefined();
    expect(await cache.get(key)).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  it('warns, and goes on, where the folder cannot be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o400);
    const broken = new Cache({
      folder: join(file, 'below'),
      warn: (message) => warnings.push(message),
    });
    await broken.put(key, Buffer.from('x'));
    expect(await broken.get(key)).toBeUndefined();
    expect(warnings.length).toBeGreaterThan(0);
  });

  it('refuses names that are no keys', async () => {
    await expect(cache.get('../escape')).rejects.toThrow(TypeError);
  });

  it('prunes what was used longest ago', async () => {
    const keys = ['a', 'b', 'c'].map((part) => cacheKey([part]));
    for (const [i, k] of keys.entries()) {
      await cache.put(k, Buffer.alloc(1000));
      const used = new Date(1_000_000 + i * 1000);
      await utimes(join(folder, k.slice(0, 2), k.slice(2)), used, used);
    }
    expect(await cache.prune(2500)).toBe(1040);
    const left = await Promise.all(keys.map(async (k) => (await cache.get(k)) !== undefined));
    expect(left).toEqual([false, true, true]);
  });

  it('serves writers and readers at once: every reading is whole or absent', async () => {
    const bytes = Buffer.alloc(200_000, 'x');
    const other = new Cache({ folder, warn: (message) => warnings.push(message) });
    const work: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      work.push(cache.put(key, bytes), other.put(key, bytes));
      work.push(
        other.get(key).then((found) => expect(found?.length ?? bytes.length).toBe(bytes.length)),
      );
    }
    await Promise.all(work);
    expect((await cache.get(key))!.equals(bytes)).toBe(true);
    expect(warnings).toEqual([]);
    expect(await readdir(join(folder, key.slice(0, 2)))).toHaveLength(1);
  });
});
