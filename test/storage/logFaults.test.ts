/** What a log does when its disk does not: short writes, a full disk, failed fsyncs, two owners. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LogFull, LogInUse, LogStopped } from '../../src/storage/log.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { manifestNames } from '../../src/storage/logManifest.ts';
import { segmentName } from '../../src/storage/segment.ts';
import { realDisk } from '../../src/world/disk.ts';
import { SimulatedDisk } from '../simulation/disk.ts';
import { entryOf, options, Recovered } from './logModel.ts';

const root = mkdtempSync(join(tmpdir(), 'triad-log-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Fails operations of one kind from the nth on, with a code of the system's. */
function failing(disk: SimulatedDisk, kind: RegExp, code: string, from = 1): { count: number } {
  const seen = { count: 0 };
  disk.hook = (operation) => {
    if (!kind.test(operation)) return;
    seen.count += 1;
    if (seen.count >= from) throw Object.assign(new Error(code), { code });
  };
  return seen;
}

async function recoveredOf(disk: SimulatedDisk): Promise<Recovered> {
  const recovered = new Recovered();
  const log = await LogFile.open(disk.killed(), { ...options, onRecord: recovered.onRecord });
  expect(log.mode).toBe('up');
  await log.close();
  return recovered;
}

describe('a disk that takes part of a write', () => {
  it('is given the rest', async () => {
    const disk = new SimulatedDisk();
    disk.taken = (length) => Math.max(1, Math.floor(length / 3));
    const log = await LogFile.open(disk, options);
    for (let slot = 1; slot <= 9; slot += 1) await log.append(entryOf(0, slot, 700));
    await log.close();
    const recovered = await recoveredOf(disk);
    expect([recovered.of(0), recovered.wrong]).toEqual([9, 0]);
  });

  it('and then nothing more of it stops the log', async () => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, options);
    await log.append(entryOf(0, 1, 100));
    disk.taken = () => 0;
    await expect(log.append(entryOf(0, 2, 100))).rejects.toThrow(/takes no more bytes/);
    expect(log.mode).toBe('down');
  });
});

describe('a full disk', () => {
  it.each([
    ['while an entry is written', /^write \d+\.wal$/, 2],
    ['while a segment is made', /^open .*\.new$/, 2],
    ['while a manifest is written', /^write manifest.*/, 5],
  ])('%s makes the log read-only; what was durable is still there', async (_, kind, from) => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, options);
    const seen = failing(disk, kind, 'ENOSPC', from);
    let kept = 0;
    let outcome: unknown;
    for (let slot = 1; slot <= 20 && outcome === undefined; slot += 1) {
      await log.append(entryOf(0, slot, 600)).then(
        () => (kept = slot),
        (error: unknown) => (outcome = error),
      );
    }
    expect(outcome).toBeInstanceOf(LogFull);
    expect([log.mode, log.modeOf(0)]).toEqual(['readOnly', 'readOnly']);
    const before = seen.count;
    await expect(log.append(entryOf(0, kept + 1, 8))).rejects.toBeInstanceOf(LogFull);
    expect(seen.count).toBe(before);
    await log.close();
    const recovered = await recoveredOf(disk);
    expect(recovered.wrong).toBe(0);
    expect(recovered.of(0)).toBeGreaterThanOrEqual(kept);
  });

  it('with half an entry on it drops that half when it is opened again', async () => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, options);
    await log.append(entryOf(0, 1, 100));
    disk.taken = (length) => Math.floor(length / 2);
    failing(disk, /^write/, 'ENOSPC', 2);
    await expect(log.append(entryOf(0, 2, 500))).rejects.toBeInstanceOf(LogFull);
    await log.close();
    disk.taken = (length) => length;
    expect((await recoveredOf(disk)).of(0)).toBe(1);
  });
});

describe('an fsync that fails', () => {
  it.each(['EIO', 'ENOSPC'])('with %s stops the log, and is never tried again', async (code) => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, options);
    await log.append(entryOf(0, 1, 100));
    const seen = failing(disk, /^sync \d+\.wal$/, code);
    const waiting = [2, 3, 4].map((slot) => log.append(entryOf(0, slot, 100)));
    for (const one of waiting) await expect(one).rejects.toThrow(/nothing is tried again/);
    expect([log.mode, log.durable]).toEqual(['down', 1]);
    disk.hook = () => undefined;
    await expect(log.append(entryOf(0, 5, 8))).rejects.toBeInstanceOf(LogStopped);
    await expect(log.begin(entryOf(0, 5, 8))).rejects.toBeInstanceOf(LogStopped);
    expect(seen.count).toBe(1);
  });

  it('leaves in the page cache what counts only once it was written again', async () => {
    const disk = new SimulatedDisk();
    const first = await LogFile.open(disk, options);
    await first.append(entryOf(0, 1, 100));
    disk.lies = true;
    await expect(first.append(entryOf(0, 2, 700))).rejects.toBeInstanceOf(LogStopped);
    disk.lies = false;
    // The next process reads what was never written, and tells others that it has it.
    expect((await recoveredOf(disk)).of(0)).toBe(2);
    expect((await recoveredOf(disk.crashed(() => false))).of(0)).toBe(2);
  });

  it('anywhere while the log is used loses nothing that was acknowledged', async () => {
    let isReached = true;
    for (let nth = 1; isReached; nth += 1) {
      const disk = new SimulatedDisk();
      const seen = failing(disk, /^sync/, 'EIO', nth);
      let kept = 0;
      try {
        const log = await LogFile.open(disk, options);
        for (let slot = 1; slot <= 8; slot += 1) {
          await log.append(entryOf(0, slot, 600));
          kept = slot;
        }
      } catch (error) {
        expect(String(error)).toMatch(/EIO/);
      }
      isReached = seen.count >= nth;
      const recovered = new Recovered();
      const after = disk.crashed(() => false);
      const log = await LogFile.open(after, { ...options, onRecord: recovered.onRecord });
      if (log.mode === 'up') expect(recovered.of(0)).toBeGreaterThanOrEqual(kept);
    }
  });
});

describe('an entry that was damaged in memory', () => {
  it('stops the log, and nothing of it is written', async () => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, options);
    await log.append(entryOf(0, 1, 100));
    const size = disk.files.get(segmentName(1))?.cached.length;
    const entry = entryOf(0, 2, 100);
    const kept = log.append(entry);
    entry.body[50] = 1;
    await expect(kept).rejects.toThrow(/damaged in memory/);
    expect([log.mode, disk.files.get(segmentName(1))?.cached.length]).toEqual(['down', size]);
  });
});

describe('more entries than may wait', () => {
  it('are refused, and those that wait are kept', async () => {
    const log = await LogFile.open(new SimulatedDisk(), { ...options, pendingMax: 3 });
    const appended = [1, 2, 3, 4].map((slot) => log.append(entryOf(0, slot, 8)));
    await expect(appended[3]).rejects.toThrow(/3 entries wait already/);
    expect(await Promise.all(appended.slice(0, 3))).toEqual([1, 2, 3]);
  });
});

describe('a folder that another log has', () => {
  it('is refused, by the real disk too, until it is closed', async () => {
    for (const disk of [new SimulatedDisk(), await realDisk(join(root, 'used'))]) {
      const log = await LogFile.open(disk, options);
      await expect(LogFile.open(disk, options)).rejects.toBeInstanceOf(LogInUse);
      await log.append(entryOf(0, 1, 8));
      await log.close();
      await (await LogFile.open(disk, options)).close();
    }
  });

  it('is free again after an opening that failed', async () => {
    const folder = join(root, 'unreadable');
    const disk = await realDisk(folder);
    for (const name of manifestNames) writeFileSync(join(folder, name), 'no manifest');
    for (let time = 0; time < 2; time += 1) {
      await expect(LogFile.open(disk, options)).rejects.toThrow(/no copy of the manifest/);
    }
  });
});
