/**
 * The manifest of a write-ahead log: which segments it consists of, and their salts. It is kept
 * twice, so that no damage to one file leaves the log without it. What must hold: a segment is in
 * both copies before a record is written to it, and is out of both before it is removed; so a file
 * that is listed and not there is lost, and one that is there and not listed holds nothing.
 *
 * Offset 0 the prefix of fileFormat.ts (16), 16 identity of the log (16), 32 generation (8),
 *        40 how many segments (4), 44 zeros (4), 48 for each its first position (8), salt (4) and
 *        zeros (4), at the end the checksum of all before (4)
 */
import { crc32 } from 'node:zlib';
import type { Disk } from '../world/disk.ts';
import { hasPrefix, readCount, writeCount, writePrefix } from './fileFormat.ts';
import type { FileKind } from './fileFormat.ts';
import { LogUnreadable } from './log.ts';
import { segmentFirst } from './segment.ts';
import { readWhole, replaceFile } from './wholeFile.ts';

export const manifestNames = ['manifest-a', 'manifest-b'] as const;
export const manifestKind: FileKind = { magic: 'triadman', format: 1 };
const fixedBytes = 48;
const entryBytes = 16;

export interface ListedSegment {
  readonly first: number;
  readonly salt: number;
}

export interface LogManifest {
  readonly log: string;
  readonly generation: number;
  /** In order of their positions. */
  readonly segments: readonly ListedSegment[];
}

export function encodeManifest({ log, generation, segments }: LogManifest): Buffer {
  const bytes = Buffer.alloc(fixedBytes + segments.length * entryBytes + 4);
  writePrefix(bytes, manifestKind);
  bytes.write(log, 16, 'hex');
  writeCount(bytes, generation, 32);
  bytes.writeUInt32LE(segments.length, 40);
  for (const [index, { first, salt }] of segments.entries()) {
    writeCount(bytes, first, fixedBytes + index * entryBytes);
    bytes.writeUInt32LE(salt, fixedBytes + index * entryBytes + 8);
  }
  const sumAt = bytes.length - 4;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, sumAt)), sumAt);
  return bytes;
}

/** The manifest, or undefined where the bytes are damaged; throws NewerFormat. */
export function decodeManifest(bytes: Buffer, name: string): LogManifest | undefined {
  if (!hasPrefix(bytes, manifestKind, name) || bytes.length < fixedBytes + 4) return undefined;
  const sumAt = bytes.length - 4;
  if (crc32(bytes.subarray(0, sumAt)) !== bytes.readUInt32LE(sumAt)) return undefined;
  const count = bytes.readUInt32LE(40);
  if (bytes.length !== fixedBytes + count * entryBytes + 4) return undefined;
  const segments = Array.from({ length: count }, (_, index) => {
    const at = fixedBytes + index * entryBytes;
    return { first: readCount(bytes, at), salt: bytes.readUInt32LE(at + 8) };
  });
  return { log: bytes.toString('hex', 16, 32), generation: readCount(bytes, 32), segments };
}

export interface ReadManifest {
  readonly manifest: LogManifest;
  /** The copies that are missing, damaged or behind, and are to be written again. */
  readonly stale: readonly string[];
}

/** The newer of the two copies; undefined in a folder without a log. Nothing is touched. */
export async function readManifest(disk: Disk): Promise<ReadManifest | undefined> {
  const copies: { name: string; manifest: LogManifest | undefined }[] = [];
  let present = 0;
  for (const name of manifestNames) {
    const bytes = await readWhole(disk, name);
    if (bytes !== undefined) present += 1;
    copies.push({ name, manifest: bytes && decodeManifest(bytes, name) });
  }
  const newest = copies
    .flatMap(({ manifest }) => manifest ?? [])
    .sort((a, b) => b.generation - a.generation)[0];
  if (newest === undefined) {
    const lost =
      present > 0 || (await disk.list()).some((name) => segmentFirst(name) !== undefined);
    if (!lost) return undefined;
    throw new LogUnreadable(
      'no copy of the manifest of the log is readable. Wipe the folder and let the replica be built again from its peers.',
    );
  }
  const stale = copies.filter(({ manifest }) => manifest?.generation !== newest.generation);
  return { manifest: newest, stale: stale.map(({ name }) => name) };
}

/** Writes these copies; they are durable afterwards. */
export async function writeManifest(
  disk: Disk,
  manifest: LogManifest,
  names: readonly string[] = manifestNames,
): Promise<void> {
  const bytes = encodeManifest(manifest);
  for (const name of names) {
    await replaceFile(disk, name, bytes);
    await disk.syncFolder();
  }
}
