/**
 * Makes the golden files of a format: `npx jiti test/storage/golden/make.ts FOLDER`. The folders
 * beside this file were made so by the program that first wrote their format; they are never made
 * anew. A new format gets a folder of its own.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Archive } from '../../../src/storage/archive.ts';
import { diskEngine } from '../../../src/storage/itemEngine.ts';
import { ItemStore } from '../../../src/storage/itemStore.ts';
import { LogFile } from '../../../src/storage/logFile.ts';
import { diskStore } from '../../../src/storage/objectStore.ts';
import { segmentName } from '../../../src/storage/segment.ts';
import { realDisk } from '../../../src/world/disk.ts';
import { entryOf, imageKind, options } from '../logModel.ts';
import { archived, itemWrites, logEntries } from './content.ts';

async function makeLog(folder: string): Promise<void> {
  const disk = await realDisk(folder);
  const log = await LogFile.open(disk, options);
  for (const [group, slot, size] of logEntries) await log.append(entryOf(group, slot, size));
  await log.close();
  // Two entries are damaged: one is repaired, the other's group begins anew.
  const path = join(folder, segmentName(1));
  const bytes = readFileSync(path);
  for (const marker of [entryOf(1, 1, 24), entryOf(2, 1, 300)]) {
    bytes.writeUInt8(0xee, bytes.indexOf(marker.body) + 9);
  }
  writeFileSync(path, bytes);
  const again = await LogFile.open(disk, options);
  await again.repair(2, entryOf(1, 1, 24));
  await again.begin(entryOf(2, 7, 16, imageKind));
  await again.append(entryOf(2, 8, 40));
  await again.close();
}

async function makeItems(folder: string): Promise<void> {
  const engine = await diskEngine(await realDisk(folder), join(folder, 'items'));
  const store = await ItemStore.open(engine, { pendingBytesMax: 1 << 20 });
  for (const [group, writes] of itemWrites) store.apply(group, { first: 1, last: 3, writes });
  await store.close();
}

async function makeArchive(folder: string): Promise<void> {
  const archive = new Archive(diskStore(await realDisk(folder)));
  await archive.add(5, archived.slice(0, 2));
  await archive.add(5, archived.slice(2));
}

const [folder = 'golden'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await makeLog(join(folder, 'log'));
await makeItems(join(folder, 'items'));
await makeArchive(join(folder, 'archive'));
