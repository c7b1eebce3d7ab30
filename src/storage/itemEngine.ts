/**
 * Opens the embedded store that items are kept in. What must hold: a folder of a newer format, or in
 * use by another process, is refused before anything in it is touched.
 */
import { ClassicLevel } from 'classic-level';
import { MemoryLevel } from 'memory-level';
import type { Disk } from '../world/disk.ts';
import { hasPrefix, prefixBytes, writePrefix } from './fileFormat.ts';
import type { FileKind } from './fileFormat.ts';
import { ItemsDamaged } from './itemCodec.ts';
import type { Engine } from './itemStore.ts';
import { readWhole, replaceFile } from './wholeFile.ts';

export const itemFormat: FileKind = { magic: 'triaditm', format: 1 };
export const formatName = 'items-format';

const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
const tuning = { writeBufferSize: 16 << 20, cacheSize: 32 << 20, maxFileSize: 8 << 20 };

/** Another process has the folder. */
export class StoreInUse extends Error {
  override readonly name = 'StoreInUse';
}

/** The store does not open for another reason: the disk, or its permissions. */
export class StoreUnreadable extends Error {
  override readonly name = 'StoreUnreadable';
}

function openingFailure(folder: string, { cause, message }: Error): Error {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = cause instanceof Error ? cause.message : message;
  const because = { cause };
  if (code === 'LEVEL_LOCKED') {
    return new StoreInUse(
      `${folder} is in use. Stop that process, or name another folder.`,
      because,
    );
  }
  if (code === 'LEVEL_CORRUPTION') {
    return new ItemsDamaged(
      `the item store in ${folder} is damaged: ${why}. Wipe it, and let it be built again from its peers.`,
      because,
    );
  }
  return new StoreUnreadable(`the item store in ${folder} does not open: ${why}`, because);
}

/** What is kept nowhere but in memory. */
export async function memoryEngine(): Promise<Engine> {
  const level = new MemoryLevel<Buffer, Buffer>({ ...encodings, storeEncoding: 'buffer' });
  await level.open();
  const settled = { compactRange: () => Promise.resolve() };
  return Object.assign(level, settled) as unknown as Engine;
}

/** `folder` is the store's own; its format stands in a file on `disk`, beside it. */
export async function diskEngine(disk: Disk, folder: string): Promise<Engine> {
  const format = await readWhole(disk, formatName);
  if (format !== undefined && !hasPrefix(format, itemFormat, formatName)) {
    throw new ItemsDamaged(
      `${formatName} is damaged. Stop the node, wipe its item store, and let it be built again from its peers.`,
    );
  }
  const level = new ClassicLevel<Buffer, Buffer>(folder, { ...encodings, ...tuning });
  try {
    await level.open();
  } catch (error) {
    throw openingFailure(folder, error as Error);
  }
  if (format === undefined) {
    const bytes = Buffer.alloc(prefixBytes);
    writePrefix(bytes, itemFormat);
    await replaceFile(disk, formatName, bytes);
    await disk.syncFolder();
  }
  return level;
}
