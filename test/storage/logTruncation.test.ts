/** What leaves the log, and what must be true before. */
import { describe, expect, it } from 'vitest';
import type { Kept, LogEntry } from '../../src/storage/log.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { segmentName } from '../../src/storage/segment.ts';
import { SimulatedDisk } from '../simulation/disk.ts';
import { entryOf, imageKind, options, Recovered } from './logModel.ts';

/** Slots 1 to 9 of groups 0 and 1 in turn, in segments of about three records. */
async function filled(disk = new SimulatedDisk()): Promise<LogFile> {
  const log = await LogFile.open(disk, options);
  for (let slot = 1; slot <= 9; slot += 1) {
    for (const group of [0, 1]) await log.append(entryOf(group, slot, 600));
  }
  expect(log.segments.length).toBeGreaterThan(4);
  return log;
}

const kept = (group: number, upTo: Partial<Kept> = {}): Kept => ({
  archived: 9,
  snapshot: 9,
  needed: 10,
  image: entryOf(group, 9, 16, imageKind),
  ...upTo,
});

describe('truncation', () => {
  it('drops all segments but the last, and leaves an image of each group in their place', async () => {
    const disk = new SimulatedDisk();
    const log = await filled(disk);
    const before = log.segments.length;
    expect(await log.truncate((group) => kept(group))).toBeGreaterThanOrEqual(before - 1);
    await log.append(entryOf(0, 10, 16));
    await log.close();
    const recovered = new Recovered();
    const again = await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
    expect([again.mode, recovered.of(0), recovered.of(1), recovered.wrong]).toEqual([
      'up',
      10,
      9,
      0,
    ]);
    expect([...disk.files.keys()].filter((name) => name.endsWith('.wal'))).toEqual(
      again.segments.map(segmentName),
    );
  });

  it.each([
    ['is not in the archive', { archived: 2 }],
    ['is in no durable snapshot', { snapshot: 2 }],
    ['is needed by a member', { needed: 3 }],
  ])('keeps a segment with a slot that %s', async (_, upTo) => {
    const log = await filled();
    const [, second = 0] = log.segments;
    expect(await log.truncate((group) => kept(group, group === 1 ? upTo : {}))).toBe(1);
    expect(log.segments[0]).toBe(second);
    expect(await log.truncate((group) => kept(group, group === 1 ? upTo : {}))).toBe(0);
  });

  it('asks nothing of a group that is deleted', async () => {
    const disk = new SimulatedDisk();
    const log = await filled(disk);
    await log.truncate((group) => (group === 1 ? undefined : kept(group)));
    await log.close();
    const recovered = new Recovered();
    await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
    expect(recovered.of(0)).toBe(9);
  });

  it('keeps a segment with damage that is not healed, and drops it once it is', async () => {
    const disk = new SimulatedDisk();
    await (await filled(disk)).close();
    const bytes = disk.files.get(segmentName(1))?.cached;
    if (bytes !== undefined) bytes[200] = 99;
    const log = await LogFile.open(disk, options);
    expect(log.damage).toMatchObject([{ position: 1, group: 0, slot: 1 }]);
    expect(await log.truncate((group) => kept(group))).toBe(0);
    await log.repair(1, entryOf(0, 1, 600));
    expect(await log.truncate((group) => kept(group))).toBeGreaterThan(3);
    expect(log.mode).toBe('up');
  });

  it('never drops an entry whose maker told no slot', async () => {
    const log = await LogFile.open(new SimulatedDisk(), options);
    const { slot: _, ...untold } = entryOf(0, 1, 2_000);
    await log.append(untold);
    await log.append(entryOf(0, 2, 2_000));
    expect(await log.truncate((group) => kept(group))).toBe(0);
  });

  it('leaves the log as it was where the disk is full, and stops it where the disk fails', async () => {
    for (const [code, mode] of [
      ['ENOSPC', 'up'],
      ['EIO', 'down'],
    ] as const) {
      const disk = new SimulatedDisk();
      const log = await filled(disk);
      // The images that truncation writes fit into the segment that this begins.
      await log.append(entryOf(0, 10, 16));
      const image = (group: number): LogEntry => entryOf(group, 10 - group, 16, imageKind);
      const before = log.segments;
      disk.hook = (operation) => {
        if (/^sync manifest/.test(operation)) throw Object.assign(new Error(code), { code });
      };
      await expect(log.truncate((group) => kept(group, { image: image(group) }))).rejects.toThrow(
        /full|nothing is tried again/,
      );
      disk.hook = () => undefined;
      expect([log.mode, log.segments.slice(0, before.length)]).toEqual([mode, before]);
      if (mode === 'up')
        expect(await log.truncate((group) => kept(group, { image: image(group) }))).toBeGreaterThan(
          0,
        );
      await log.close();
      const recovered = new Recovered();
      await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
      expect([recovered.of(0), recovered.of(1), recovered.wrong]).toEqual([10, 9, 0]);
    }
  });

  it('carries thousands of images in batches that may wait', async () => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, { ...options, segmentBytesMax: 20_000, pendingMax: 64 });
    for (let group = 0; group < 500; group += 1) await log.append(entryOf(group, 1, 8));
    await log.truncate((group) => kept(group, { image: entryOf(group, 1, 16, imageKind) }));
    await log.close();
    const recovered = new Recovered();
    await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
    for (let group = 0; group < 500; group += 1) expect(recovered.of(group)).toBe(1);
  });

  it('carries large images a few at a time, so that entries wait for no more than that', async () => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, { segmentBytesMax: 2_000, pendingMax: 100 });
    for (let slot = 1; slot <= 9; slot += 1) {
      for (let group = 0; group < 6; group += 1) await log.append(entryOf(group, slot, 600));
    }
    let largest = 0;
    disk.taken = (length) => {
      largest = Math.max(largest, length);
      return length;
    };
    const image = (group: number): LogEntry => entryOf(group, 9, 100_000, imageKind);
    const truncated = log.truncate((group) => kept(group, { image: image(group) }));
    // An entry that comes meanwhile is written with the images that are under way, not after all.
    let isOver = false;
    void truncated.then(() => (isOver = true));
    await log.append(entryOf(0, 10, 16));
    expect(isOver).toBe(false);
    expect(await truncated).toBeGreaterThan(10);
    expect(largest).toBeGreaterThan(200_000);
    expect(largest).toBeLessThan(400_000);
    await log.close();
    const recovered = new Recovered();
    await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
    expect([recovered.of(0), recovered.of(5)]).toEqual([10, 9]);
  });
});
