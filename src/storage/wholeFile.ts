/**
 * Small files that are replaced whole: written under another name, synced, renamed. What must hold:
 * whoever opens the file sees the old bytes or the new ones, never a part of either. The caller
 * syncs the folder.
 */
import type { Disk, DiskFile } from '../world/disk.ts';

/** Files with this ending were not finished. */
export const unfinished = '.new';

/** Writes all the bytes: a write may be short. */
export async function writeFully(
  file: DiskFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const taken = await file.write(bytes.subarray(written), position + written);
    if (taken <= 0) throw new Error('the disk takes no more bytes');
    written += taken;
  }
}

/** What is synced at once: others who wait for the same disk wait for no more. */
const syncedBytes = 1 << 20;

/** Makes a file of these bytes and syncs it; where that fails there is none. */
export async function writeWhole(disk: Disk, name: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.open(name, 'create');
  let complete = false;
  try {
    for (let at = 0; at === 0 || at < bytes.length; at += syncedBytes) {
      await writeFully(file, bytes.subarray(at, at + syncedBytes), at);
      await file.sync();
    }
    complete = true;
  } finally {
    await file.close();
    // A full disk must not keep what it could not take.
    if (!complete) await disk.remove(name);
  }
}

/** One process at a time replaces a file. */
export async function replaceFile(disk: Disk, name: string, bytes: Uint8Array): Promise<void> {
  const other = name + unfinished;
  // What a crash left over is in the way.
  if ((await disk.list()).includes(other)) await disk.remove(other);
  await writeWhole(disk, other, bytes);
  await disk.rename(other, name);
}

/** The bytes of a file; undefined where there is none. */
export async function readWhole(disk: Disk, name: string): Promise<Buffer | undefined> {
  const file = await disk.open(name, 'existing').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { buffer, byteOffset, length } = await file.read(0, await file.size());
    return Buffer.from(buffer, byteOffset, length);
  } finally {
    await file.close();
  }
}
