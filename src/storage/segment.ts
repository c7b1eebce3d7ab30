/**
 * Segments: the files that a write-ahead log consists of, one after the other, each named by the
 * position of its first record and headed by the log's identity and a random salt of its own.
 * `scanSegment` reads one back. What must hold: whatever the bytes are, every position from the
 * first to the last is reported once, valid or not, in order.
 *
 * Offset 0 the prefix of fileFormat.ts (16), 16 identity of the log (16), 32 first position (8),
 *        40 salt (4), 44 zeros (16), 60 checksum of all before (4), 64 the records
 */
import { crc32 } from 'node:zlib';
import { hasPrefix, readCount, writeCount, writePrefix } from './fileFormat.ts';
import type { FileKind } from './fileFormat.ts';
import {
  alignmentBytes,
  bodyAt,
  checksum,
  headerBytes,
  isPadded,
  readHeader,
  recordBytes,
} from './record.ts';
import type { RecordHeader } from './record.ts';

export const segmentHeaderBytes = 64;
export const segmentKind: FileKind = { magic: 'triadwal', format: 1 };
const sumAt = 60;
const digits = 16;
export const segmentEnding = '.wal';

/** More positions than this without a record are no damage of ours. */
export const missingMax = 1 << 20;

export interface SegmentHeader {
  /** 16 bytes as hexadecimal digits: what the files of one log have in common. */
  readonly log: string;
  readonly first: number;
  readonly salt: number;
}

export const segmentName = (first: number): string =>
  String(first).padStart(digits, '0') + segmentEnding;

/** The first position of a segment by its name; undefined for any other file. */
export function segmentFirst(name: string): number | undefined {
  return /^\d{16}\.wal$/.test(name) ? Number(name.slice(0, digits)) : undefined;
}

export function encodeSegmentHeader({ log, first, salt }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  writePrefix(bytes, segmentKind);
  bytes.write(log, 16, 'hex');
  writeCount(bytes, first, 32);
  bytes.writeUInt32LE(salt, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, sumAt)), sumAt);
  return bytes;
}

/** The header, or undefined where it is damaged; throws NewerFormat. */
export function decodeSegmentHeader(source: Buffer, name: string): SegmentHeader | undefined {
  if (!hasPrefix(source, segmentKind, name) || source.length < segmentHeaderBytes) return undefined;
  if (crc32(source.subarray(0, sumAt)) !== source.readUInt32LE(sumAt)) return undefined;
  const log = source.toString('hex', 16, 32);
  return { log, first: readCount(source, 32), salt: source.readUInt32LE(40) };
}

/** A position as it was read back. */
export interface Scanned {
  readonly position: number;
  readonly valid: boolean;
  /** False where the file ends inside the record. */
  readonly whole: boolean;
  /** Of a valid record, and of one whose body alone is damaged. */
  readonly header?: RecordHeader;
  /** Of a valid record. */
  readonly body?: Uint8Array;
  /** Where the next one begins in the segment. */
  readonly end: number;
}

/** What is expected of the next record: its predecessor is unknown after a damaged header. */
export interface Chain {
  readonly position: number;
  readonly previous: RecordHeader | undefined;
}

type Found =
  | { readonly kind: 'valid'; readonly header: RecordHeader; readonly body: Uint8Array }
  /** The header is right and the body is not: where the next record begins is known. */
  | { readonly kind: 'damaged'; readonly header: RecordHeader }
  /** A record of a later position: those between are missing. */
  | { readonly kind: 'later'; readonly position: number }
  | { readonly kind: 'short' }
  | { readonly kind: 'bad' };

interface Source {
  readonly bytes: Buffer;
  readonly salt: number;
}

function recordAt({ bytes, salt }: Source, offset: number, { position, previous }: Chain): Found {
  const header = readHeader(bytes, offset, salt);
  if (typeof header === 'string') return { kind: header };
  if (header.position > position + missingMax) return { kind: 'bad' };
  if (header.position > position) return { kind: 'later', position: header.position };
  if (header.position < position) return { kind: 'bad' };
  if (previous !== undefined && header.previous !== previous.sum) return { kind: 'bad' };
  const body = bodyAt(bytes, offset, header);
  if (body === undefined) return { kind: 'short' };
  const valid = checksum(body) === header.bodySum && isPadded(bytes, offset, header);
  return valid ? { kind: 'valid', header, body } : { kind: 'damaged', header };
}

/**
 * Where the next header is that is right in itself, and of a position that the bytes skipped leave
 * room for; -1: nowhere.
 */
function resync({ bytes, salt }: Source, offset: number, { position }: Chain): number {
  const from = offset + alignmentBytes;
  for (let at = from; at + headerBytes <= bytes.length; at += alignmentBytes) {
    const header = readHeader(bytes, at, salt);
    if (typeof header === 'string' || header.position <= position) continue;
    if (header.position - position <= Math.ceil((at - offset) / headerBytes)) return at;
  }
  return -1;
}

/** Reads one segment whose first record is expected to follow `start`. */
export function* scanSegment(source: Source, start: Chain): Generator<Scanned, Chain> {
  const { bytes } = source;
  let chain = start;
  let offset = segmentHeaderBytes;
  while (offset >= 0 && offset < bytes.length) {
    const found = recordAt(source, offset, chain);
    const { position } = chain;
    const next = position + 1;
    if (found.kind === 'valid') {
      const { header, body } = found;
      offset += recordBytes(body.length);
      yield { position, valid: true, whole: true, header, body, end: offset };
      chain = { position: next, previous: header };
    } else if (found.kind === 'damaged') {
      const { header } = found;
      offset += recordBytes(header.bodyLength);
      yield { position, valid: false, whole: true, header, end: offset };
      chain = { position: next, previous: header };
    } else if (found.kind === 'later') {
      yield* missing(position, found.position, offset);
      chain = { position: found.position, previous: undefined };
    } else {
      const at = found.kind === 'short' ? -1 : resync(source, offset, chain);
      yield { position, valid: false, whole: found.kind === 'bad', end: offset };
      chain = { position: next, previous: undefined };
      offset = at;
    }
  }
  return chain;
}

/** The positions from one up to another that no record was found of. */
export function* missing(from: number, until: number, end: number): Generator<Scanned> {
  for (let position = from; position < until; position += 1) {
    yield { position, valid: false, whole: true, end };
  }
}
