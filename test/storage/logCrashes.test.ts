/**
 * Every state in which a crash may leave the log: the workload is stopped before each operation on
 * the disk, and of what is not synced each name and each sector may or may not be there. Where the
 * choices are too many to try all, they are drawn; fast-check's seed is printed. What must hold: an
 * acknowledged entry is read back as it was written, or the log is in quarantine; a crash alone is
 * never called corruption; every flipped bit is seen.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../src/storage/logFile.ts';
import type { LogEntry } from '../../src/storage/logFile.ts';
import { checksum } from '../../src/storage/record.ts';
import { SimulatedDisk } from '../simulation/disk.ts';

const isLong = process.env['BISIM_LONG'] === '1';
const statesMax = isLong ? 100_000 : 10_000;
const exhaustiveBits = 8;
/** Where the fates are more than 2 to that. */
const drawn = 60;

const options = { segmentBytesMax: 2_000, pendingMax: 100 };

function entryOf(index: number, size: number): LogEntry {
  const body = Buffer.alloc(size, index % 251);
  body.writeUInt32LE(index, 0);
  return { group: index % 3, kind: 1, body, sum: checksum(body) };
}

/** What an fsync has confirmed before the crash, and what was only asked for. */
interface Outcome {
  readonly workload: Workload;
  readonly disk: SimulatedDisk;
  readonly acknowledged: number;
  readonly asked: number;
}

/** Sizes of the entries that are appended together, batch after batch. */
type Workload = readonly (readonly number[])[];

const fixedWorkload: Workload = [[100], [40, 700], [1_200, 8, 8], [300], [900, 500], [8]];
const size = fc.oneof(fc.integer({ min: 8, max: 100 }), fc.integer({ min: 8, max: 3_000 }));
const workloads = fc.array(fc.array(size, { minLength: 1, maxLength: 5 }), {
  minLength: 2,
  maxLength: 6,
});

/** Runs the workload until operation number `stopBefore`; -1: to its end. */
async function run(
  workload: Workload,
  stopBefore: number,
): Promise<Outcome & { operations: number }> {
  const disk = new SimulatedDisk();
  let operations = 0;
  let acknowledged = 0;
  let asked = 0;
  disk.hook = () => {
    if (operations === stopBefore) throw new Error('power is gone');
    operations += 1;
  };
  try {
    const log = await LogFile.open(disk, options);
    for (const batch of workload) {
      const appended = batch.map((bytes) => {
        asked += 1;
        return log.append(entryOf(asked, bytes));
      });
      const positions = await Promise.all(appended);
      acknowledged = positions.at(-1) ?? acknowledged;
    }
    await log.close();
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'power is gone') throw error;
  }
  return { disk, workload, acknowledged, asked, operations };
}

interface ReadBack {
  readonly mode: string;
  readonly reason: string;
  readonly wrong: number;
  readonly known: number;
}

async function readBack(disk: SimulatedDisk, workload: Workload): Promise<ReadBack> {
  const sizes = workload.flat();
  let wrong = 0;
  const onRecord = ({ body, sum }: LogEntry, position: number): void => {
    const expected = entryOf(position, sizes[position - 1] ?? 0);
    if (sum !== expected.sum || !expected.body.every((byte, at) => byte === body[at])) wrong += 1;
  };
  const { mode, reason, known } = await LogFile.open(disk, { ...options, onRecord });
  return { mode, reason, known, wrong };
}

async function holds({
  disk,
  workload,
  acknowledged,
  asked,
}: Outcome): Promise<'up' | 'quarantined'> {
  const { mode, reason, known, wrong } = await readBack(disk, workload);
  expect(wrong).toBe(0);
  expect(reason).not.toBe('corrupt');
  if (mode !== 'up') return 'quarantined';
  expect(known).toBeGreaterThanOrEqual(acknowledged);
  expect(known).toBeLessThanOrEqual(asked);
  return 'up';
}

const bitsOf = (mask: number, bits: number): boolean[] =>
  Array.from({ length: bits }, (_, bit) => ((mask >> bit) & 1) === 1);

/** All fates of what is not durable where they are few, else some. */
function fatesOf(bits: number): boolean[][] {
  if (bits <= exhaustiveBits) {
    return Array.from({ length: 2 ** bits }, (_, mask) => bitsOf(mask, bits));
  }
  return fc.sample(fc.array(fc.boolean(), { minLength: bits, maxLength: bits }), drawn);
}

describe('a crash of the whole machine', () => {
  it('leaves every acknowledged entry, or a log that knows it is torn', async () => {
    const seen = { up: 0, quarantined: 0 };
    while (seen.up + seen.quarantined < statesMax) {
      const [workload = fixedWorkload] = fc.sample(workloads, 1);
      const { operations } = await run(workload, -1);
      for (let stop = 0; stop <= operations; stop += 1) {
        const outcome = await run(workload, stop);
        for (const fate of fatesOf(outcome.disk.uncertain)) {
          let at = 0;
          const disk = outcome.disk.crashed(() => fate[at++] === true);
          seen[await holds({ ...outcome, disk })] += 1;
        }
      }
    }
    expect(Math.min(seen.up, seen.quarantined)).toBeGreaterThan(statesMax / 20);
  });

  it('after a killed process leaves what that one’s successor had read back', async () => {
    const { operations } = await run(fixedWorkload, -1);
    let read = 0;
    for (let stop = 0; stop <= operations; stop += 1) {
      const { disk } = await run(fixedWorkload, stop);
      disk.hook = () => undefined;
      const { mode, known } = await readBack(disk, fixedWorkload);
      if (mode !== 'up') continue;
      const after = await readBack(
        disk.crashed(() => false),
        fixedWorkload,
      );
      expect(after.known).toBe(known);
      read += known;
    }
    expect(read).toBeGreaterThan(0);
  });
});

describe('damage', () => {
  it('that takes a whole segment away between others is seen; a gap too large to be one is refused', async () => {
    const workload = [...fixedWorkload, ...fixedWorkload, ...fixedWorkload];
    const { disk } = await run(workload, -1);
    disk.hook = () => undefined;
    expect(disk.files.size).toBeGreaterThan(2);
    const [, second = ''] = [...disk.files.keys()].sort();
    await disk.remove(second);
    expect((await readBack(disk, workload)).mode).toBe('quarantined');
    await disk.open('0009000000000000.wal', 'create');
    await expect(readBack(disk, workload)).rejects.toThrow(/no segment holds/);
  });

  it('of any bit is seen: the log is in quarantine, and no wrong entry is read', async () => {
    const { disk } = await run(fixedWorkload, -1);
    let flips = 0;
    const step = isLong ? 1 : 7;
    for (const [name, { durable }] of disk.files) {
      for (let bit = 0; bit < durable.length * 8; bit += step) {
        const flipped = disk.crashed(() => true);
        const content = flipped.files.get(name);
        if (content === undefined) throw new Error('the segment is there');
        content.cached[bit >> 3] = (content.cached[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const { mode, wrong } = await readBack(flipped, fixedWorkload);
        expect([mode, wrong]).toEqual(['quarantined', 0]);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(1_000);
  });
});
