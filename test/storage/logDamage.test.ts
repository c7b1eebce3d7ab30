/**
 * Damage at rest: any bit, any byte, a lost file, a forged record. What must hold: it is seen, no
 * wrong entry is handed on, the groups it does not concern go on whole, and the others are healed by
 * what their peers hold.
 */
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/storage/log.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { checksum, headerBytes, writeRecord } from '../../src/storage/record.ts';
import { segmentHeaderBytes, segmentName } from '../../src/storage/segment.ts';
import { sectorBytes, SimulatedDisk } from '../simulation/disk.ts';
import { entryOf, fixedWorkload, groups, imageKind, options, Recovered, run } from './logModel.ts';

const isLong = process.env['BISIM_LONG'] === '1';
const timeout = isLong ? 3_600_000 : 120_000;

/** Leaves more segments than two. */
const batches = fixedWorkload.filter((action) => typeof action !== 'string');
const longWorkload = [...batches, ...batches, ...batches];

/** A closed log, and a copy of it with some bytes changed. */
async function written(): Promise<{ disk: SimulatedDisk; asked: ReadonlyMap<number, number> }> {
  return run(new SimulatedDisk(), fixedWorkload, -1);
}

function changed(
  disk: SimulatedDisk,
  name: string,
  change: (bytes: Buffer) => void,
): SimulatedDisk {
  const copy = disk.crashed(() => true);
  const content = copy.files.get(name);
  if (content === undefined) throw new Error(`${name} is there`);
  change(content.cached);
  content.durable = Buffer.from(content.cached);
  return copy;
}

interface Opened {
  readonly log: LogFile;
  readonly recovered: Recovered;
}

async function opened(disk: SimulatedDisk): Promise<Opened> {
  const recovered = new Recovered();
  const log = await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
  return { log, recovered };
}

/** Nothing wrong was handed on, the damage was seen, and groups that are up are whole. */
async function isSeen(disk: SimulatedDisk, asked: ReadonlyMap<number, number>): Promise<string> {
  const { log, recovered } = await opened(disk);
  const seen = log.mode === 'quarantined' || log.mended.length > 0;
  const whole = groups.every(
    (group) => log.modeOf(group) !== 'up' || recovered.of(group) === asked.get(group),
  );
  await log.close();
  if (recovered.wrong > 0) return 'wrong entries';
  if (!seen) return 'silent';
  return whole ? 'seen' : 'a group that is up lacks entries';
}

const segmentsOf = (disk: SimulatedDisk): string[] =>
  [...disk.files.keys()].filter((name) => name.endsWith('.wal')).sort();

describe('damage at rest', () => {
  it('of any bit of any file is seen, and hands on nothing wrong', { timeout }, async () => {
    const { disk, asked } = await written();
    const outcomes = new Map<string, number>();
    const step = isLong ? 1 : 13;
    for (const [name, { durable }] of disk.files) {
      for (let bit = 0; bit < durable.length * 8; bit += step) {
        const flipped = changed(disk, name, (bytes) => {
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        });
        const outcome = await isSeen(flipped, asked);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    expect([...outcomes.keys()]).toEqual(['seen']);
    expect(outcomes.get('seen')).toBeGreaterThan(1_000);
  });

  it('that leaves any other value in any byte of a segment is seen', { timeout }, async () => {
    const { disk, asked } = await written();
    const [name = ''] = segmentsOf(disk);
    const length = disk.files.get(name)?.durable.length ?? 0;
    let values = 0;
    for (let at = 0; at < length; at += isLong ? 1 : 97) {
      for (let by = 1; by < 256; by += isLong ? 1 : 19) {
        const other = changed(disk, name, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ by;
        });
        expect(await isSeen(other, asked)).toBe('seen');
        values += 1;
      }
    }
    expect(values).toBeGreaterThan(100);
  });

  it('of a file that is lost, cut or swapped with another is seen', async () => {
    const { disk, asked } = await run(new SimulatedDisk(), longWorkload, -1);
    const names = segmentsOf(disk);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const lost = disk.crashed(() => true);
      await lost.remove(name);
      expect(await isSeen(lost, asked)).toBe('seen');
      const empty = disk.crashed(() => true);
      const content = empty.files.get(name);
      if (content !== undefined) content.cached = Buffer.alloc(0);
      expect(await isSeen(empty, asked)).toBe('seen');
      const other = names.find((one) => one !== name) ?? '';
      const swapped = disk.crashed(() => true);
      const [from, to] = [swapped.files.get(other), swapped.files.get(name)];
      if (from !== undefined && to !== undefined) to.cached = Buffer.from(from.cached);
      expect(await isSeen(swapped, asked)).toBe('seen');
    }
  });

  it('of a sector that is lost, or holds what another should, is seen', async () => {
    const { disk, asked } = await run(new SimulatedDisk(), longWorkload, -1);
    const files = [...disk.files].map(([name, { durable }]) => ({ name, bytes: durable }));
    const sectors = files.flatMap(({ name, bytes }) =>
      Array.from({ length: Math.ceil(bytes.length / sectorBytes) }, (_, index) => {
        const at = index * sectorBytes;
        return { name, at, bytes: bytes.subarray(at, at + sectorBytes) };
      }),
    );
    const zeros = Buffer.alloc(sectorBytes);
    let damages = 0;
    for (const { name, at, bytes } of sectors) {
      for (const other of [zeros, ...sectors.map((sector) => sector.bytes)]) {
        const put = Buffer.concat([other, zeros]).subarray(0, bytes.length);
        if (put.equals(bytes)) continue;
        damages += 1;
        const copy = changed(disk, name, (content) => content.set(put, at));
        expect(await isSeen(copy, asked)).toBe('seen');
      }
    }
    expect(damages).toBeGreaterThan(100);
  });

  it('of both copies of the manifest is refused, and nothing is touched', async () => {
    const { disk } = await written();
    for (const lose of [true, false]) {
      const copy = disk.crashed(() => true);
      for (const name of ['manifest-a', 'manifest-b']) {
        if (lose) await copy.remove(name);
        else copy.files.get(name)?.cached.fill(7, 30, 40);
      }
      const before = await copy.list();
      await expect(opened(copy)).rejects.toThrow(/no copy of the manifest/);
      expect(await copy.list()).toEqual(before);
    }
  });
});

/** Three groups take turns, one record a batch; gives where each record begins in the segment. */
async function inTurns(count: number): Promise<{ disk: SimulatedDisk; offsets: number[] }> {
  const disk = new SimulatedDisk();
  const log = await LogFile.open(disk, options);
  const offsets: number[] = [];
  for (let index = 0; index < count; index += 1) {
    offsets.push(disk.files.get(segmentName(1))?.cached.length ?? segmentHeaderBytes);
    await log.append(entryOf(index % 3, Math.floor(index / 3) + 1, 32));
  }
  await log.close();
  return { disk, offsets };
}

const flipAt = (disk: SimulatedDisk, offsets: readonly number[]): SimulatedDisk =>
  changed(disk, segmentName(1), (bytes) => {
    for (const at of offsets) bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  });

describe('what a damaged log knows', () => {
  it('is whose entry it was, from its own header, or from those that follow', async () => {
    const { disk, offsets } = await inTurns(9);
    const at = offsets[4] ?? 0;
    const whose = { position: 5, reason: 'corrupt', group: 1, kind: 1, slot: 2 };
    for (const where of [at + headerBytes + 3, at + 20]) {
      const { log } = await opened(flipAt(disk, [where]));
      expect(log.damage).toEqual([whose]);
      expect(groups.map((group) => log.modeOf(group))).toEqual(['up', 'quarantined', 'up']);
    }
    // Two headers in a row: of the first only the group is known, from its next record.
    const { log } = await opened(flipAt(disk, [at + 20, (offsets[5] ?? 0) + 20]));
    expect(log.damage).toEqual([
      { position: 5, reason: 'corrupt', group: 1 },
      { position: 6, reason: 'corrupt', group: 2, kind: 1, slot: 2 },
    ]);
    expect(log.modeOf(0)).toBe('up');
  });

  it('is that a group without a later record may have lost one whose owner nobody tells', async () => {
    const { disk, offsets } = await inTurns(9);
    const { log } = await opened(
      flipAt(
        disk,
        [7, 8].map((index) => (offsets[index] ?? 0) + 20),
      ),
    );
    expect(log.damage.map(({ reason, group }) => [reason, group])).toEqual([['torn', undefined]]);
    // Group 0's last record is the seventh: any of the groups may have written after it.
    expect(groups.map((group) => log.modeOf(group))).toEqual(Array(3).fill('quarantined'));
    expect(log.modeOf(99)).toBe('quarantined');
  });

  it('stays the same when it is opened again, and a torn entry is never called corrupt', async () => {
    const { disk, offsets } = await inTurns(9);
    const damaged = flipAt(disk, [(offsets[8] ?? 0) + 70]);
    for (let time = 0; time < 3; time += 1) {
      const { log } = await opened(damaged);
      expect(log.damage).toEqual([{ position: 9, reason: 'torn', group: 2, kind: 1, slot: 3 }]);
      await log.append(entryOf(0, 4 + time, 16));
      await log.close();
    }
  });

  it('does not include records that a body holds', async () => {
    const disk = new SimulatedDisk();
    const log = await LogFile.open(disk, options);
    const forged = Buffer.alloc(200);
    const body = Buffer.alloc(16, 9);
    const fields = {
      ...{ group: 0, kind: 1, slot: 99, position: 2, through: 1, back: 1, previous: 0 },
      before: { group: 0, kind: 1, slot: 98 },
      bodySum: checksum(body),
    };
    for (let at = 0; at < 160; at += 8) writeRecord(forged, 0, { fields, body, salt: 0 });
    const entry: LogEntry = { group: 0, kind: 1, slot: 1, body: forged, sum: checksum(forged) };
    await log.append(entry);
    await log.append(entryOf(1, 1, 16));
    await log.close();
    // The header that leads over the body is damaged: the search for the next one goes through it.
    const { log: again, recovered } = await opened(flipAt(disk, [segmentHeaderBytes + 20]));
    expect(again.damage).toMatchObject([{ position: 1, group: 0, slot: 1 }]);
    expect(recovered.upTo.get(0)).toBeUndefined();
  });
});

describe('a quarantined group', () => {
  it('takes nothing, while the others go on', async () => {
    const { disk, offsets } = await inTurns(9);
    const { log, recovered } = await opened(flipAt(disk, [(offsets[4] ?? 0) + 70]));
    expect([...recovered.upTo]).toEqual([
      [0, 3],
      [1, 1],
      [2, 3],
    ]);
    await expect(log.append(entryOf(1, 4, 16))).rejects.toThrow(/group 1 are damaged/);
    expect(await log.append(entryOf(0, 4, 16))).toBe(10);
  });

  it('is up again once a peer’s copy fills the place, in its place, and only the right one', async () => {
    const { disk, offsets } = await inTurns(9);
    const damaged = flipAt(disk, [(offsets[4] ?? 0) + 70]);
    const { log } = await opened(damaged);
    const { sum } = entryOf(1, 2, 32);
    await expect(log.repair(5, entryOf(0, 2, 32))).rejects.toThrow(/another group/);
    await expect(log.repair(5, { ...entryOf(1, 2, 32), sum: sum ^ 1 })).rejects.toThrow(/itself/);
    await expect(log.repair(4, entryOf(1, 2, 32))).rejects.toThrow(/not damaged/);
    await log.repair(5, entryOf(1, 2, 32));
    expect([log.mode, log.modeOf(1)]).toEqual(['up', 'up']);
    await log.append(entryOf(1, 4, 16));
    await log.close();
    const again = await opened(damaged);
    expect([again.log.mode, again.recovered.of(1), again.recovered.wrong]).toEqual(['up', 4, 0]);
    await again.log.close();
    // The repair is an entry like others: damaged itself, the group is in quarantine again.
    const name = segmentName(1);
    const repairAt = (disk.files.get(name)?.cached.length ?? 0) + headerBytes + 40;
    const twice = changed(damaged, name, (bytes) => (bytes[repairAt] = 99));
    expect((await opened(twice)).log.modeOf(1)).toBe('quarantined');
  });

  it('is up again once it begins anew with an image, and so is one that was only suspected', async () => {
    const { disk, offsets } = await inTurns(9);
    const damaged = flipAt(disk, [(offsets[3] ?? 0) + 70, (offsets[8] ?? 0) + 20]);
    const { log } = await opened(damaged);
    expect(groups.map((group) => log.modeOf(group))).toEqual(Array(3).fill('quarantined'));
    for (const group of groups) await log.begin(entryOf(group, 5, 24, imageKind));
    expect(groups.map((group) => log.modeOf(group))).toEqual(Array(3).fill('up'));
    await log.append(entryOf(0, 6, 16));
    await log.close();
    const again = await opened(damaged);
    expect(groups.map((group) => again.log.modeOf(group))).toEqual(Array(3).fill('up'));
    expect([again.recovered.of(0), again.recovered.of(2), again.recovered.wrong]).toEqual([
      6, 5, 0,
    ]);
    // A new group can begin too, though nobody knows whose the lost record was.
    await expect(again.log.append(entryOf(7, 1, 16))).rejects.toThrow(/damaged/);
    await again.log.begin(entryOf(7, 0, 16, imageKind));
    await again.log.append(entryOf(7, 1, 16));
    await again.log.repair(9, undefined);
    expect([again.log.mode, again.log.damage]).toEqual(['up', []]);
  });
});
