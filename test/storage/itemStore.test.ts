/** The item store on both engines: what is applied, committed, copied, compared and removed. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { writePrefix } from '../../src/storage/fileFormat.ts';
import { diskEngine, formatName, itemFormat, memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore, StoreFull } from '../../src/storage/itemStore.ts';
import type { Engine, ItemWrite } from '../../src/storage/itemStore.ts';
import type { Item } from '../../src/storage/itemSnapshot.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { checksum } from '../../src/storage/record.ts';
import { realDisk } from '../../src/world/disk.ts';
import { SimulatedDisk } from '../simulation/disk.ts';

const root = mkdtempSync(join(tmpdir(), 'triad-items-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, String((folders += 1)));
const options = { pendingBytesMax: 1 << 20 };
const onDisk = async (folder: string): Promise<Engine> =>
  diskEngine(await realDisk(folder), join(folder, 'items'));

const engines: Record<string, () => Promise<Engine>> = {
  'the engine on a disk': () => onDisk(newFolder()),
  'the engine in memory': memoryEngine,
};

const write = (key: string, value?: string): ItemWrite => ({
  key: Buffer.from(key),
  value: value === undefined ? undefined : Buffer.from(value),
});

async function allOf(items: AsyncIterable<Item>): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, value } of items) {
    found.push(`${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
  }
  return found;
}

async function contentOf(store: ItemStore, group: number): Promise<string[]> {
  const snapshot = store.snapshot(group);
  const found = await allOf(snapshot.items());
  await snapshot.close();
  return found;
}

const textOf = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

for (const [name, make] of Object.entries(engines)) {
  describe(name, () => {
    it('shows what is applied at once, and each group only its own', async () => {
      const store = await ItemStore.open(await make(), options);
      store.apply(1, { first: 1, last: 2, writes: [write('a', '1'), write('b', '2')] });
      store.apply(2, { first: 1, last: 1, writes: [write('a', 'other')] });
      expect(textOf(store.get(1, Buffer.from('a')))).toBe('1');
      await store.commit();
      store.apply(1, { first: 3, last: 3, writes: [write('a'), write('c', '3')] });
      expect(store.get(1, Buffer.from('a'))).toBeUndefined();
      expect(await contentOf(store, 1)).toEqual(['b=2', 'c=3']);
      expect(await contentOf(store, 2)).toEqual(['a=other']);
      expect([store.applied(1), store.durable(1), store.groups]).toEqual([3, 2, [1, 2]]);
      await store.close();
    });

    it('takes slots in order, each once', async () => {
      const store = await ItemStore.open(await make(), options);
      store.apply(1, { first: 1, last: 1, writes: [] });
      expect(() => store.apply(1, { first: 1, last: 1, writes: [] })).toThrow(/do not follow/);
      expect(() => store.apply(1, { first: 3, last: 3, writes: [] })).toThrow(/do not follow/);
      await store.close();
    });

    it('holds what a map holds, in order of keys, over any writes, commits and ranges', async () => {
      const key = fc.uint8Array({ maxLength: 3 });
      const writes = fc.array(fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 8 }))), {
        maxLength: 6,
      });
      const steps = fc.array(fc.oneof(writes, fc.constant('commit' as const)), { maxLength: 12 });
      const store = await ItemStore.open(await make(), options);
      let group = 0;
      await fc.assert(
        fc.asyncProperty(steps, key, key, fc.boolean(), async (taken, from, until, reverse) => {
          group += 1;
          const expected = new Map<string, string>();
          for (const step of taken) {
            if (step === 'commit') void store.commit();
            else {
              const slot = store.applied(group) + 1;
              const list = step.map(([k, v]) => ({ key: k, value: v ?? undefined }));
              store.apply(group, { first: slot, last: slot, writes: list });
              for (const { key: k, value } of list) {
                const hex = Buffer.from(k).toString('hex');
                if (value === undefined) expected.delete(hex);
                else expected.set(hex, Buffer.from(value).toString('hex'));
              }
            }
          }
          const snapshot = store.snapshot(group);
          store.apply(group, {
            first: snapshot.slot + 1,
            last: snapshot.slot + 1,
            writes: [write('late', 'x')],
          });
          await store.commit();
          const found: [string, string][] = [];
          for await (const item of snapshot.items({ from, until, reverse })) {
            found.push([
              Buffer.from(item.key).toString('hex'),
              Buffer.from(item.value).toString('hex'),
            ]);
          }
          await snapshot.close();
          const within = [...expected].filter(
            ([k]) =>
              Buffer.compare(Buffer.from(k, 'hex'), from) >= 0 &&
              Buffer.compare(Buffer.from(k, 'hex'), until) < 0,
          );
          within.sort(([a], [b]) => (a < b ? -1 : 1) * (reverse ? -1 : 1));
          expect(found).toEqual(within);
        }),
        { numRuns: 60 },
      );
      await store.close();
    });

    it('gives two groups that hold the same at one slot the same checksum, and any other another', async () => {
      const store = await ItemStore.open(await make(), options);
      store.apply(1, { first: 1, last: 2, writes: [write('a', '1'), write('b', '2')] });
      store.apply(2, { first: 1, last: 1, writes: [write('b', '2')] });
      await store.commit();
      store.apply(2, { first: 2, last: 2, writes: [write('a', '1')] });
      const [one, two] = [await store.checksum(1), await store.checksum(2)];
      expect(one).toEqual(two);
      expect(one).toMatchObject({ slot: 2, items: 2, bytes: 4 });
      store.apply(2, { first: 3, last: 3, writes: [write('a', '1b')] });
      expect((await store.checksum(2)).sum).not.toBe(one.sum);
      store.apply(2, { first: 4, last: 4, writes: [write('a'), write('a1', '')] });
      expect((await store.checksum(2)).sum).not.toBe(one.sum);
      await store.close();
    });

    it('copies a group to another store while it changes, and removes one whole', async () => {
      const source = await ItemStore.open(await make(), options);
      const writes = Array.from({ length: 3_000 }, (_, i) => write(`k${i}`, `v${i}`));
      source.apply(7, { first: 1, last: 9, writes });
      await source.commit();
      const snapshot = source.snapshot(7);
      source.apply(7, { first: 10, last: 10, writes: [write('k0'), write('late', 'x')] });
      const target = await ItemStore.open(await make(), options);
      target.apply(7, { first: 1, last: 1, writes: [write('stale', 'x')] });
      await target.install(7, snapshot.slot, snapshot.items());
      await snapshot.close();
      target.apply(7, { first: 10, last: 10, writes: [write('k0'), write('late', 'x')] });
      expect(await target.checksum(7)).toEqual(await source.checksum(7));
      await target.remove(7);
      expect([target.applied(7), await contentOf(target, 7), target.groups]).toEqual([0, [], []]);
      await Promise.all([source.close(), target.close()]);
    });

    it('removes at its next start a group that was half installed', async () => {
      const engine = await make();
      const store = await ItemStore.open(engine, options);
      async function* broken(): AsyncGenerator<Item> {
        for (let i = 0; i < 2_500; i += 1) yield { key: Buffer.from(`k${i}`), value: Buffer.of(1) };
        throw new Error('the source is gone');
      }
      await expect(store.install(3, 5, broken())).rejects.toThrow('the source is gone');
      const again = await ItemStore.open(engine, options);
      expect([again.groups, await contentOf(again, 3)]).toEqual([[], []]);
      await again.close();
    });
  });
}

/** Whether items are written whose slots the log does not hold durably. */
async function overtakesLog(waits: boolean): Promise<boolean> {
  const disk = new SimulatedDisk();
  const log = await LogFile.open(disk, { segmentBytesMax: 1 << 20, pendingMax: 9 });
  const engine = await memoryEngine();
  let appended: Promise<unknown> = Promise.resolve();
  const logged = waits ? { logged: () => appended } : {};
  const store = await ItemStore.open(engine, { ...options, ...logged });
  const body = Buffer.from('a');
  appended = log.append({ group: 1, kind: 1, slot: 1, body, sum: checksum(body) });
  store.apply(1, { first: 1, last: 1, writes: [write('a', '1')] });
  let overtaken = false;
  // The write of the items ends no later than here, and that of the log not before its fsync.
  disk.hook = (operation) => {
    if (operation.startsWith('sync')) overtaken ||= store.durable(1) > 0;
  };
  await Promise.all([store.commit(), appended]);
  expect(store.durable(1)).toBe(1);
  await Promise.all([store.close(), log.close()]);
  return overtaken;
}

describe('items and the log', () => {
  it('never part: no item is durable before the log holds its slot', async () => {
    expect([await overtakesLog(true), await overtakesLog(false)]).toEqual([false, true]);
  });

  it('stay as they are in memory where the log takes nothing more', async () => {
    const failing = { logged: () => Promise.reject(new Error('the log is full')) };
    const store = await ItemStore.open(await memoryEngine(), { ...options, ...failing });
    store.apply(1, { first: 1, last: 1, writes: [write('a', '1'), write('b', '1')] });
    const commit = store.commit();
    store.apply(1, { first: 2, last: 2, writes: [write('b', '2')] });
    await expect(commit).rejects.toThrow('the log is full');
    store.apply(1, { first: 3, last: 3, writes: [write('c', '3')] });
    expect(await contentOf(store, 1)).toEqual(['a=1', 'b=2', 'c=3']);
    expect([store.applied(1), store.durable(1)]).toEqual([3, 0]);
  });
});

describe('the item store on a disk', () => {
  it('is at every moment of a kill where one of its commits left it', async () => {
    const folder = newFolder();
    const store = await ItemStore.open(await onDisk(folder), options);
    const groups = [1, 2, 3];
    const copies: { copy: string; least: number[] }[] = [];
    for (let slot = 1; slot <= 30; slot += 1) {
      for (const group of groups) {
        const value = `${slot}-${'x'.repeat(slot * 20)}`;
        store.apply(group, {
          first: slot,
          last: slot,
          writes: [write('a', value), write(`b${slot}`, value)],
        });
      }
      const committed = slot % 3 === 0 ? store.commit() : undefined;
      if (slot % 5 === 0) {
        const copy = newFolder();
        const least = groups.map((group) => store.durable(group));
        cpSync(folder, copy, { recursive: true });
        copies.push({ copy, least });
      }
      if (slot % 2 === 0) await committed;
    }
    await store.close();
    for (const { copy, least } of copies) {
      const found = await ItemStore.open(await onDisk(copy), options);
      for (const [index, group] of groups.entries()) {
        const slot = found.applied(group);
        expect(slot).toBeGreaterThanOrEqual(least[index] ?? 0);
        const value = slot === 0 ? undefined : `${slot}-${'x'.repeat(slot * 20)}`;
        expect(textOf(found.get(group, Buffer.from('a')))).toBe(value);
        expect((await found.checksum(group)).items).toBe(slot === 0 ? 0 : slot + 1);
      }
      await found.close();
    }
  });

  it('never serves a value that was damaged, and its checksum tells any damage', async () => {
    const folder = newFolder();
    const store = await ItemStore.open(await onDisk(folder), options);
    const keys = Array.from({ length: 300 }, (_, i) => `key-${i}`);
    store.apply(1, {
      first: 1,
      last: 1,
      writes: keys.map((key) => write(key, `value of ${key}`.repeat(9))),
    });
    await store.commit();
    const { sum } = await store.checksum(1);
    await store.close();
    // A second start moves what the log holds to tables.
    await (await ItemStore.open(await onDisk(folder), options)).close();
    const files = readdirSync(join(folder, 'items')).filter((file) => file.endsWith('.ldb'));
    expect(files.length).toBeGreaterThan(0);
    let detected = 0;
    let flips = 0;
    for (const file of files) {
      const bytes = readFileSync(join(folder, 'items', file));
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
        const copy = newFolder();
        cpSync(folder, copy, { recursive: true });
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 0x10;
        writeFileSync(join(copy, 'items', file), flipped);
        flips += 1;
        const outcome = await scrubbed(copy, keys);
        expect(outcome.wrong).toBe(0);
        if (outcome.sum !== sum) detected += 1;
        rmSync(copy, { recursive: true });
      }
    }
    // A flip of what nothing reads, like an unused filter block, changes no content.
    expect(detected / flips).toBeGreaterThan(0.8);
  });

  async function scrubbed(folder: string, keys: string[]): Promise<{ wrong: number; sum: string }> {
    let wrong = 0;
    try {
      const store = await ItemStore.open(await onDisk(folder), options);
      try {
        for (const key of keys) {
          try {
            const found = textOf(store.get(1, Buffer.from(key)));
            if (found !== undefined && found !== `value of ${key}`.repeat(9)) wrong += 1;
          } catch {
            continue;
          }
        }
        return { wrong, sum: (await store.checksum(1)).sum };
      } finally {
        await store.close();
      }
    } catch (error) {
      return { wrong, sum: String(error) };
    }
  }

  it('refuses a folder that is in use, and one of a newer format, untouched', async () => {
    const folder = newFolder();
    const store = await ItemStore.open(await onDisk(folder), options);
    await expect(onDisk(folder)).rejects.toThrow(/is in use/);
    await store.close();
    const newer = Buffer.alloc(16);
    writePrefix(newer, { ...itemFormat, format: 2 });
    writeFileSync(join(folder, formatName), newer);
    const before = readdirSync(join(folder, 'items'));
    await expect(onDisk(folder)).rejects.toThrow(/has format 2/);
    expect(readdirSync(join(folder, 'items'))).toEqual(before);
  });

  it('stops where a commit fails: what was durable stays so, and nothing more is taken', async () => {
    const engine = await memoryEngine();
    const store = await ItemStore.open(engine, options);
    store.apply(1, { first: 1, last: 1, writes: [write('a', '1')] });
    await store.commit();
    store.apply(1, { first: 2, last: 2, writes: [write('a', '2')] });
    await engine.close();
    await expect(store.commit()).rejects.toThrow(/nothing is tried again/);
    expect(store.durable(1)).toBe(1);
    expect(() => store.apply(1, { first: 3, last: 3, writes: [] })).toThrow(
      /nothing is tried again/,
    );
  });

  it('says so where the disk is full, and goes on being read', async () => {
    const engine = await memoryEngine();
    const store = await ItemStore.open(engine, options);
    const full = new Error('IO error: 000003.log: No space left on device');
    const batch = engine.batch.bind(engine);
    engine.batch = (() => Object.assign(batch(), { write: () => Promise.reject(full) })) as never;
    store.apply(1, { first: 1, last: 1, writes: [write('a', '1')] });
    await expect(store.commit()).rejects.toBeInstanceOf(StoreFull);
    expect(textOf(store.get(1, Buffer.from('a')))).toBe('1');
    expect(() => store.apply(1, { first: 2, last: 2, writes: [] })).toThrow(StoreFull);
  });

  it('says what to do where it does not open', async () => {
    const damaged = newFolder();
    await (await ItemStore.open(await onDisk(damaged), options)).close();
    for (const name of readdirSync(join(damaged, 'items'))) {
      if (name.startsWith('MANIFEST')) writeFileSync(join(damaged, 'items', name), 'no manifest');
    }
    await expect(onDisk(damaged)).rejects.toThrow(/is damaged: .* Wipe it/);
    const occupied = newFolder();
    mkdirSync(occupied);
    writeFileSync(join(occupied, 'items'), 'a file');
    await expect(onDisk(occupied)).rejects.toThrow(/does not open/);
  });

  it('keeps its format readable for a disk that is only simulated', async () => {
    const disk = new SimulatedDisk();
    const folder = newFolder();
    mkdirSync(folder);
    await (await diskEngine(disk, join(folder, 'items'))).close();
    expect(await disk.list()).toEqual([formatName]);
  });
});
