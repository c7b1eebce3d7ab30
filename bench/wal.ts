/**
 * The write-ahead log on a real disk: records a second with 1, 8 and 64 writers that wait for their
 * fsync, beside the machine's own append + fdatasync of the same bytes, in alternation.
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
const entry: LogEntry = { group: 1, kind: 1, slot: 1, body, sum: checksum(body) };

interface Measured {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function timed(one: () => Promise<unknown>, writers: number): Promise<Measured> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let done = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() - begin < spanMs) {
      await one();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begin) / 1_000;
  return { perSecond: done / seconds, perCpuSecond: done / ((user + system) / 1e6) };
}

async function ours(writers: number): Promise<Measured> {
  const disk = await realDisk(join(folder, `log-${writers}-${performance.now()}`));
  const log = await LogFile.open(disk, { segmentBytesMax: 64 << 20, pendingMax: 1_000 });
  const measured = await timed(() => log.append(entry), writers);
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

const shown = ({ perSecond, perCpuSecond }: Measured): string =>
  `${Math.round(perSecond)} records/s, ${Math.round(perCpuSecond)} a CPU second`;

try {
  for (const writers of [1, 8, 64]) {
    const raw = await machine();
    const log = await ours(writers);
    const ratio = (log.perSecond / raw.perSecond).toFixed(2);
    console.log(`${writers} writers: ${shown(log)}; machine alone: ${shown(raw)}; ratio ${ratio}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
