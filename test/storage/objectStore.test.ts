/** One suite for every object store. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directoryStore } from '../../src/storage/directoryStore.ts';
import { diskStore } from '../../src/storage/objectStore.ts';
import type { ObjectStore } from '../../src/storage/objectStore.ts';
import { s3Store } from '../../src/storage/s3Store.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import { s3Server } from './s3Server.ts';
import type { S3Server } from './s3Server.ts';

const root = mkdtempSync(join(tmpdir(), 'triad-objects-'));
const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
  rmSync(root, { recursive: true });
});

let server: S3Server | undefined;
/** The process of the S3 server, and the credentials it knows. */
async function s3(): Promise<S3Server> {
  if (server !== undefined) return server;
  server = await s3Server();
  ends.push(() => server!.close());
  Object.assign(process.env, server.environment);
  return server;
}

const stores: Record<string, () => Promise<ObjectStore>> = {
  'a folder of a disk': async () => diskStore(memoryDisk()),
  'a directory': async () => directoryStore(join(root, 'a/b')),
  'a bucket of S3': async () => s3Store({ ...(await s3()).archive, pageMax: 50 }),
};

const nameOf = (group: number, rest = ''): string =>
  `group-${String(group).padStart(10, '0')}${rest}`;

for (const [kind, make] of Object.entries(stores)) {
  describe(kind, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await make();
    });

    it('gives back what was put, byte for byte, and the newest of it', async () => {
      const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const large = Buffer.alloc(3_000_000, every);
      for (const bytes of [every, Buffer.alloc(0), large]) {
        await store.put(nameOf(1, '-x'), bytes);
        expect((await store.get(nameOf(1, '-x')))?.equals(bytes)).toBe(true);
      }
    });

    it('has nothing where nothing was put', async () => {
      expect(await store.get(nameOf(2, '-x'))).toBeUndefined();
      expect(await store.list(nameOf(2))).toEqual([]);
      await store.delete(nameOf(2, '-x'));
    });

    it('lists the names that begin so, all of them and in order', async () => {
      const names = Array.from({ length: 120 }, (_, i) => nameOf(3, `-${100 + i}.segment`));
      for (let at = 0; at < names.length; at += 40) {
        const some = names.slice(at, at + 40).reverse();
        await Promise.all(some.map((name) => store.put(name, Buffer.from(name))));
      }
      await store.put(nameOf(3, '.manifest'), Buffer.from('m'));
      await store.put(nameOf(33, '-1'), Buffer.from('other'));
      expect(await store.list(nameOf(3, '-'))).toEqual(names);
      expect(await store.list(nameOf(3, '-21'))).toEqual(
        names.filter((name) => name.startsWith(nameOf(3, '-21'))),
      );
    });

    it('forgets what was deleted', async () => {
      await store.put(nameOf(4, '-a'), Buffer.from('a'));
      await store.put(nameOf(4, '-b'), Buffer.from('b'));
      await store.delete(nameOf(4, '-a'));
      expect(await store.list(nameOf(4))).toEqual([nameOf(4, '-b')]);
      expect(await store.get(nameOf(4, '-a'))).toBeUndefined();
    });

    it('holds one of the objects whole that are put under one name at once', async () => {
      const puts = Array.from({ length: 12 }, (_, i) => Buffer.alloc(100_000 + i, 65 + i));
      await Promise.all(puts.map((bytes) => store.put(nameOf(5, '-x'), bytes)));
      const found = await store.get(nameOf(5, '-x'));
      expect(puts.filter((bytes) => found?.equals(bytes))).toHaveLength(1);
      expect(await store.list(nameOf(5))).toEqual([nameOf(5, '-x')]);
    });
  });
}

describe('a directory', () => {
  it('is made by putting alone, and keeps the objects of one group in one folder', async () => {
    const path = join(root, 'fresh');
    const store = directoryStore(path);
    await store.get(nameOf(1, '-x'));
    await store.list(nameOf(1));
    expect(readdirSync(root)).not.toContain('fresh');
    await store.put(nameOf(1, '-x'), Buffer.from('x'));
    await store.put(nameOf(2, '.manifest'), Buffer.from('x'));
    expect(readdirSync(path).sort()).toEqual([nameOf(1), nameOf(2)]);
    await expect(store.put('short', Buffer.from('x'))).rejects.toThrow(/short is no name/);
  });
});

describe('a bucket of S3', () => {
  it('holds what two regions put under their prefixes apart', async () => {
    const { archive } = await s3();
    const [one, other] = ['x/', 'y/'].map((prefix) => s3Store({ ...archive, prefix }));
    await one!.put(nameOf(1, '-a'), Buffer.from('one'));
    expect([await other!.get(nameOf(1, '-a')), await other!.list(nameOf(1))]).toEqual([
      undefined,
      [],
    ]);
    expect(await one!.list(nameOf(1))).toEqual([nameOf(1, '-a')]);
  });

  it('that is not there, or does not let in, is told with what was asked', async () => {
    const { archive } = await s3();
    const elsewhere = s3Store({ ...archive, bucket: 'no-such-bucket' });
    const name = nameOf(1, '-a');
    await expect(elsewhere.put(name, Buffer.from('x'))).rejects.toThrow(
      /putting group-0000000001-a in the bucket no-such-bucket at http.* failed: NoSuchBucket/,
    );
    await expect(elsewhere.get(name)).rejects.toThrow(/getting .* NoSuchBucket/);
    await expect(elsewhere.list(name)).rejects.toThrow(
      /listing .* NoSuchBucket.*Check the archive/,
    );
  });

  it('fails what is under way when it is closed', async () => {
    const { archive } = await s3();
    const store = s3Store({ ...archive, endpoint: 'http://127.0.0.1:1' });
    const put = expect(store.put(nameOf(1, '-a'), Buffer.from('x'))).rejects.toThrow(/putting/);
    store.close?.();
    await put;
  });
});
