/** The archive in an object store: what is listed is there, whole, and equal to what was chosen. */
import { describe, expect, it } from 'vitest';
import { Archive } from '../../src/storage/archive.ts';
import { archivedName, manifestName } from '../../src/storage/archiveManifest.ts';
import { encodeSegment } from '../../src/storage/archiveSegment.ts';
import type { ArchivedEntry } from '../../src/storage/archiveSegment.ts';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';
import type { ItemWrite } from '../../src/storage/itemStore.ts';
import { diskStore } from '../../src/storage/objectStore.ts';
import type { ObjectStore } from '../../src/storage/objectStore.ts';
import { rebuiltChecksum } from '../../src/storage/rebuild.ts';
import { checksum } from '../../src/storage/record.ts';
import { SimulatedDisk } from '../simulation/disk.ts';

const group = 3;

function entriesOf(first: number, last: number): ArchivedEntry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const slot = first + index;
    const body = Buffer.from(`key-${slot % 7}=value of ${slot}`);
    return { slot, kind: 1, body, sum: checksum(body) };
  });
}

const writesOf = ({ body }: ArchivedEntry): ItemWrite[] => {
  const [key = '', value = ''] = Buffer.from(body).toString().split('=');
  return [{ key: Buffer.from(key), value: Buffer.from(value) }];
};

async function filled(
  disk = new SimulatedDisk(),
): Promise<{ disk: SimulatedDisk; archive: Archive }> {
  const archive = new Archive(diskStore(disk));
  for (const [first, last] of [
    [1, 4],
    [5, 5],
    [6, 12],
  ] as const) {
    expect(await archive.add(group, entriesOf(first, last))).toBe(last);
  }
  return { disk, archive };
}

async function slotsOf(archive: Archive, from: number, to: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { slot, body } of archive.entries(group, from, to)) {
    found.push(`${slot}:${Buffer.from(body).toString()}`);
  }
  return found;
}

const expected = entriesOf(1, 12).map(
  ({ slot, body }) => `${slot}:${Buffer.from(body).toString()}`,
);

describe('the archive', () => {
  it('gives back any range of slots, and tells how far it goes', async () => {
    const { archive } = await filled();
    expect(await archive.through(group)).toBe(12);
    expect(await archive.through(4)).toBe(0);
    expect(await slotsOf(archive, 1, 12)).toEqual(expected);
    expect(await slotsOf(archive, 4, 7)).toEqual(expected.slice(3, 7));
    await expect(slotsOf(archive, 4, 13)).rejects.toThrow(/holds no slot 13/);
    expect(await archive.verify(group)).toEqual([]);
  });

  it('takes no entries that leave a hole, none twice, and none that were damaged in memory', async () => {
    const { archive, disk } = await filled();
    const before = await disk.list();
    expect(await archive.add(group, entriesOf(14, 15))).toBe(12);
    expect(await archive.add(group, entriesOf(10, 13))).toBe(12);
    const [entry] = entriesOf(13, 13);
    if (entry === undefined) throw new Error('one entry');
    await expect(archive.add(group, [{ ...entry, sum: entry.sum ^ 1 }])).rejects.toThrow(/damaged/);
    expect(await disk.list()).toEqual(before);
  });

  it('lists no segment that is not read back as it was written', async () => {
    const disk = new SimulatedDisk();
    const store = diskStore(disk);
    const flipping: ObjectStore = {
      ...store,
      put: (name, bytes) => {
        const flipped = Buffer.from(bytes);
        flipped[50] = (flipped[50] ?? 0) ^ 1;
        return store.put(name, name.endsWith('.segment') ? flipped : bytes);
      },
    };
    await expect(new Archive(flipping).add(group, entriesOf(1, 3))).rejects.toThrow(/read back/);
    expect(await new Archive(store).through(group)).toBe(0);
    expect(await new Archive(store).add(group, entriesOf(1, 3))).toBe(3);
  });

  it('finds every flipped bit, and gives back nothing else than what was chosen', async () => {
    const { disk } = await filled();
    let flips = 0;
    for (const [name, { cached }] of disk.files) {
      for (let at = 0; at < cached.length; at += 1) {
        const copy = disk.crashed(() => true);
        const content = copy.files.get(name)?.cached;
        if (content === undefined) throw new Error('the object is there');
        content[at] = (content[at] ?? 0) ^ (1 << (at % 8));
        const archive = new Archive(diskStore(copy));
        expect((await archive.verify(group)).length).toBeGreaterThan(0);
        const found = await slotsOf(archive, 1, 12).catch(() => expected);
        expect(found).toEqual(expected);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(500);
  });

  it('finds every segment that is lost, and mends it from a live replica', async () => {
    for (const [first, last] of [
      [1, 4],
      [5, 5],
      [6, 12],
    ] as const) {
      const { disk, archive } = await filled();
      await disk.remove(archivedName(group, first, last));
      expect(await archive.verify(group)).toEqual([{ kind: 'missing', first, last }]);
      await expect(slotsOf(archive, 1, 12)).rejects.toThrow(/missing or damaged/);
      const other = entriesOf(first, last).map((entry) => {
        const body = Buffer.from('another command');
        return { ...entry, body, sum: checksum(body) };
      });
      expect(await archive.mend(group, other)).toBe(false);
      expect(await archive.mend(group, entriesOf(first, last))).toBe(true);
      expect(await archive.verify(group)).toEqual([]);
    }
  });

  it('finds a hole that a lost manifest and a lost segment leave', async () => {
    const { disk, archive } = await filled();
    await disk.remove(manifestName(group));
    expect(await archive.through(group)).toBe(12);
    expect(await archive.verify(group)).toEqual([{ kind: 'manifest', first: 1, last: 1 }]);
    await disk.remove(archivedName(group, 5, 5));
    expect(await archive.through(group)).toBe(4);
    expect(await archive.verify(group)).toContainEqual({ kind: 'hole', first: 5, last: 5 });
  });

  it('finds what another listed that overlaps with what the manifest lists', async () => {
    const { disk, archive } = await filled();
    const older = await diskStore(disk).get(manifestName(group));
    await archive.add(group, entriesOf(13, 30));
    await archive.add(group, entriesOf(31, 40));
    await diskStore(disk).put(manifestName(group), older ?? Buffer.alloc(0));
    const segment = encodeSegment(group, entriesOf(13, 20));
    await diskStore(disk).put(archivedName(group, 13, 20), segment);
    expect(await archive.through(group)).toBe(40);
    expect(await archive.add(group, entriesOf(41, 44))).toBe(44);
    expect(await archive.verify(group)).toEqual([]);
    const slots = (await slotsOf(archive, 11, 44)).map((entry) => Number.parseInt(entry));
    expect(slots).toEqual(Array.from({ length: 34 }, (_, i) => 11 + i));
    await disk.remove(archivedName(group, 13, 30));
    expect(await archive.verify(group)).toEqual([{ kind: 'missing', first: 13, last: 30 }]);
  });

  it('keeps what was listed through any crash', async () => {
    const whole = new SimulatedDisk();
    let operations = 0;
    whole.hook = () => (operations += 1);
    await filled(whole);
    for (let stop = 0; stop < operations; stop += 1) {
      const disk = new SimulatedDisk();
      let at = 0;
      disk.hook = () => {
        if ((at += 1) > stop) throw new Error('power is gone');
      };
      const archive = new Archive(diskStore(disk));
      let listed = 0;
      try {
        for (const [first, last] of [
          [1, 4],
          [5, 5],
          [6, 12],
        ] as const) {
          listed = await archive.add(group, entriesOf(first, last));
        }
      } catch (error) {
        expect(String(error)).toContain('power is gone');
      }
      for (const bits of [0, 0b0101, 0b1010, -1]) {
        let bit = 0;
        const after = new Archive(
          diskStore(disk.crashed(() => ((bits >> (bit++ % 30)) & 1) === 1)),
        );
        const through = await after.through(group);
        expect(through).toBeGreaterThanOrEqual(listed);
        expect(await slotsOf(after, 1, through)).toEqual(expected.slice(0, through));
        if (through < 12) expect(await after.add(group, entriesOf(through + 1, 12))).toBe(12);
      }
    }
  });

  it('is enough to build a replica that equals the live one', async () => {
    const { archive } = await filled();
    const options = { pendingBytesMax: 64 };
    const live = await ItemStore.open(await memoryEngine(), options);
    for (const entry of entriesOf(1, 10)) {
      live.apply(group, { first: entry.slot, last: entry.slot, writes: writesOf(entry) });
    }
    const engine = await memoryEngine();
    const rebuilt = (upTo: number) => rebuiltChecksum(archive, engine, { group, upTo, writesOf });
    const live10 = await live.checksum(group);
    expect(await rebuilt(10)).toEqual(live10);
    expect((await rebuilt(12)).sum).not.toBe(live10.sum);
    expect(await rebuilt(10)).toEqual(live10);
  });
});
