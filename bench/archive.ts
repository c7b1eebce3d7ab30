/**
 * What archiving and scrubbing cost: so many MB of writes of 1 KB, each of a key of its own, archived
 * by the archiver of a node into a directory; the archive verified, a replica rebuilt from it alone,
 * and the checksum of a live copy, which the rebuilt one must have.
 *
 *   npm run bench -- archive [MB]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandLog } from '../src/protocol/replication/commandLog.ts';
import type { Command } from '../src/protocol/replication/commandLog.ts';
import { Archiver } from '../src/services/archiver.ts';
import { Items } from '../src/services/items.ts';
import { writesOf } from '../src/services/scrub.ts';
import { Archive } from '../src/storage/archive.ts';
import { directoryStore } from '../src/storage/directoryStore.ts';
import { diskEngine } from '../src/storage/itemEngine.ts';
import { ItemStore } from '../src/storage/itemStore.ts';
import { rebuiltChecksum } from '../src/storage/rebuild.ts';
import { realClock } from '../src/world/clock.ts';
import { realDisk } from '../src/world/disk.ts';

const megabytes = Number(process.argv[2] ?? 256);
const folder = mkdtempSync(join(process.env['TMPDIR'] ?? tmpdir(), 'triad-bench-'));
const group = 1;
const count = megabytes * 1_024;

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begin) / 1_000;
  const cpuSeconds = (user + system) / 1e6;
  const rate = (per: number): string => (megabytes / per).toFixed(0);
  console.log(
    `${what}: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU s; ` +
      `${rate(seconds)} MB/s, ${rate(cpuSeconds)} a CPU second`,
  );
  return result;
}

/** Values that do not compress: what a disk and a digest have to do. */
function commands(): Command[] {
  let state = 1;
  const digits = (): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state.toString(36).padStart(7, '0');
  };
  return Array.from({ length: count }, (_, i): Command => {
    const value = Array.from({ length: 147 }, digits).join('').slice(0, 1_024);
    return { kind: 'write', call: `call-${i}`, key: `key-${i}`, value };
  });
}

async function main(): Promise<void> {
  const log = CommandLog.of(commands());
  const replica = { serving: true, state: { phase: 'leader', commit: count, log } };
  const archive = new Archive(directoryStore(join(folder, 'archive')));
  const archiver = new Archiver({
    archive,
    clock: realClock,
    replicas: new Map([[group, replica]]),
    failing: (error) => {
      if (error !== undefined) throw error;
    },
  });
  console.log(`${count} writes of 1 KB`);
  const through = await timed('archived', () => archiver.request(group));
  await archiver.close();
  const findings = await timed('verified', () => archive.verify(group));
  if (through !== count || findings.length > 0) throw new Error(`archived through ${through}`);
  const open = async (name: string) =>
    diskEngine(await realDisk(join(folder, name)), join(folder, name, 'items'));
  const live = await ItemStore.open(await open('live'), { pendingBytesMax: 32 << 20 });
  await timed('applied by a replica', async () => {
    const items = new Items(live, group, () => 0);
    for (let slot = 1; slot <= count; slot += 1_000) {
      items.apply(slot, log.slice(slot, slot + 999));
      await live.room();
    }
    await live.commit();
  });
  const own = await timed('checksum of the live copy', () => live.checksum(group));
  const engine = await open('rebuilt');
  const wanted = { group, upTo: count, writesOf };
  const rebuilt = await timed('rebuilt, with its checksum', () =>
    rebuiltChecksum(archive, engine, wanted),
  );
  if (own.sum !== rebuilt.sum) throw new Error('the rebuilt copy differs');
  await live.close();
  await engine.close();
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}
