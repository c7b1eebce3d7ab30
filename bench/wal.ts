/**
 * The write-ahead log on a real disk: records a second with 1, 8, 64 and 1,000 writers, each of a
 * group of its own, that wait for their fsync, beside the machine's own append + fdatasync of the
 * same bytes, in alternation; and how long it takes to read a log of 200 MB back.
 *
 *   npx jiti bench/wal.ts [SECONDS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEntry } from '../src/storage/log.ts';
import { LogFile } from '../src/storage/logFile.ts';
import { checksum } from '../src/storage/record.ts';
import { realDisk } from '../src/world/disk.ts';

const spanMs = 1_000 * Number(process.argv[2] ?? 2);
const folder = mkdtempSync(join(process.env['TMPDIR'] ?? tmpdir(), 'triad-bench-'));
const body = Buffer.alloc(1_024, 7);
const sum = checksum(body);
const entryOf = (group: number): LogEntry => ({ group, kind: 1, slot: 1, body, sum });
const options = { segmentBytesMax: 64 << 20, pendingMax: 2_000 };

interface Measured {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function timed(
  one: (writer: number) => Promise<unknown>,
  writers: number,
): Promise<Measured> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let done = 0;
  const writer = async (number: number): Promise<void> => {
    while (performance.now() - begin < spanMs) {
      await one(number);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, number) => writer(number)));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begin) / 1_000;
  return { perSecond: done / seconds, perCpuSecond: done / ((user + system) / 1e6) };
}

async function ours(writers: number): Promise<Measured> {
  const disk = await realDisk(join(folder, `log-${writers}-${performance.now()}`));
  const log = await LogFile.open(disk, options);
  const measured = await timed((group) => log.append(entryOf(group)), writers);
  await log.close();
  return measured;
}

/** One writer alone: what each record costs if none shares its fsync. */
async function machine(): Promise<Measured> {
  const disk = await realDisk(folder);
  const file = await disk.open(`raw-${performance.now()}`, 'create');
  let at = 0;
  const measured = await timed(async () => {
    at += await file.write(body, at);
    await file.sync();
  }, 1);
  await file.close();
  return measured;
}

async function readBack(): Promise<string> {
  const disk = await realDisk(join(folder, 'read-back'));
  const log = await LogFile.open(disk, options);
  const count = 200_000;
  for (let at = 0; at < count; at += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, group) => log.append(entryOf(group))));
  }
  await log.close();
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  let read = 0;
  const again = await LogFile.open(disk, { ...options, onRecord: () => (read += 1) });
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begin) / 1_000;
  await again.close();
  if (read !== count) throw new Error(`${read} of ${count} records were read back`);
  const cpuSeconds = ((user + system) / 1e6).toFixed(2);
  return `${count} records of 1 KB read back in ${seconds.toFixed(2)} s, ${cpuSeconds} CPU s`;
}

const shown = ({ perSecond, perCpuSecond }: Measured): string =>
  `${Math.round(perSecond)} records/s, ${Math.round(perCpuSecond)} a CPU second`;

try {
  for (const writers of [1, 8, 64, 1_000]) {
    const raw = await machine();
    const log = await ours(writers);
    const ratio = (log.perSecond / raw.perSecond).toFixed(2);
    console.log(`${writers} writers: ${shown(log)}; machine alone: ${shown(raw)}; ratio ${ratio}`);
  }
  console.log(await readBack());
} finally {
  rmSync(folder, { recursive: true });
}
