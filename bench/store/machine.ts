/**
 * What the machine's disk gives without us: appends of 1 KB and an fdatasync, one at a time, and
 * 64 in one write. The file lies where the region's logs lie.
 */
import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface MachineRate {
  readonly perSecond: number;
  readonly syncMs: number;
}

export function machineRate(folder: string, records: number, seconds: number): MachineRate {
  const path = join(folder, 'machine');
  const file = openSync(path, 'w');
  const bytes = Buffer.alloc(1_024 * records, 7);
  const beganMs = performance.now();
  let syncs = 0;
  try {
    while (performance.now() - beganMs < 1_000 * seconds) {
      writeSync(file, bytes, 0, bytes.length, syncs * bytes.length);
      fdatasyncSync(file);
      syncs += 1;
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
  const tookMs = performance.now() - beganMs;
  return { perSecond: (1_000 * syncs * records) / tookMs, syncMs: tookMs / syncs };
}

/** By the magic numbers that Linux gives file systems. */
const kinds = new Map([
  [0x01021994, 'tmpfs: an fsync costs nothing here'],
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlayfs'],
]);

export const diskKind = (folder: string): string => {
  const { type } = statfsSync(folder);
  return kinds.get(type) ?? `file system 0x${type.toString(16)}`;
};
