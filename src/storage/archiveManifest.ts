/**
 * The manifest of a group's archive: which segments it consists of, each with its digest. What must
 * hold: the segments follow one another without a hole, from slot 1 on.
 *
 * Offset 0 the prefix of fileFormat.ts (16), 16 group (4), 20 how many segments (4), then of each the
 *        first slot (8), last slot (8) and digest (32), at the end the SHA-256 of all before (32)
 */
import { opened, sealed } from './archiveSegment.ts';
import { readCount, writeCount, writePrefix } from './fileFormat.ts';
import type { FileKind } from './fileFormat.ts';

export const archiveManifestKind: FileKind = { magic: 'triadarm', format: 1 };
const fixedBytes = 24;
const entryBytes = 48;

export interface ListedRange {
  readonly first: number;
  readonly last: number;
  /** SHA-256 of the segment, as hexadecimal digits. */
  readonly digest: string;
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');
const groupName = (group: number): string => `group-${padded(group, 10)}`;

export const manifestName = (group: number): string => `${groupName(group)}.manifest`;
export const segmentsPrefix = (group: number): string => `${groupName(group)}-`;
export const archivedName = (group: number, first: number, last: number): string =>
  `${segmentsPrefix(group)}${padded(first, 16)}-${padded(last, 16)}.segment`;

/** The slots that a segment's name tells. */
export function rangeOfName(name: string): { first: number; last: number } | undefined {
  const [, first, last] = /-(\d{16})-(\d{16})\.segment$/.exec(name) ?? [];
  return first === undefined ? undefined : { first: Number(first), last: Number(last) };
}

export function encodeArchiveManifest(group: number, segments: readonly ListedRange[]): Buffer {
  const bytes = Buffer.alloc(fixedBytes + segments.length * entryBytes);
  writePrefix(bytes, archiveManifestKind);
  bytes.writeUInt32LE(group, 16);
  bytes.writeUInt32LE(segments.length, 20);
  for (const [index, { first, last, digest }] of segments.entries()) {
    const at = fixedBytes + index * entryBytes;
    writeCount(bytes, first, at);
    writeCount(bytes, last, at + 8);
    bytes.write(digest, at + 16, 'hex');
  }
  return sealed(bytes);
}

/** Undefined where the bytes are damaged or another group's; throws NewerFormat. */
export function decodeArchiveManifest(source: Buffer, group: number): ListedRange[] | undefined {
  const bytes = opened(source, archiveManifestKind, manifestName(group));
  if (bytes === undefined || bytes.length < fixedBytes) return undefined;
  if (bytes.readUInt32LE(16) !== group) return undefined;
  const count = bytes.readUInt32LE(20);
  if (bytes.length !== fixedBytes + count * entryBytes) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const at = fixedBytes + index * entryBytes;
    const digest = bytes.toString('hex', at + 16, at + entryBytes);
    return { first: readCount(bytes, at), last: readCount(bytes, at + 8), digest };
  });
}
