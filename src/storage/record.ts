/**
 * A record of the write-ahead log as bytes. Header, body, padding to 8 bytes; everything is little
 * endian. What must hold: header and body have checksums of their own, so that a damaged body does
 * not hide where the next record begins; a record names the one before it (`previous`), so that one
 * left over from an older use of the file is never taken for its successor.
 *
 * Offset  0  magic 0x5741 (2), format (1), kind (1), length of the body (4)
 *         8  group (4), checksum of the body, as its maker gave it (4)
 *        16  position (8)
 *        24  through (8): how far the log was durable when this was written
 *        32  previous: header checksum of the record before (4), header checksum (4)
 *        40  the body
 */
import { crc32 } from 'node:zlib';

export const formatVersion = 1;
export const headerBytes = 40;
export const alignmentBytes = 8;
/** Largest body: a transaction of 4 MB and its surroundings. */
export const bodyBytesMax = 8 << 20;

const magic = 0x5741;

export interface RecordHeader {
  readonly kind: number;
  readonly group: number;
  readonly position: number;
  readonly through: number;
  readonly previous: number;
  readonly bodyLength: number;
  readonly bodySum: number;
  /** Checksum of the header itself: what the next record names as `previous`. */
  readonly sum: number;
}

export type RecordFields = Omit<RecordHeader, 'bodyLength' | 'sum'>;

/** The checksum that makers of entries give them. */
export const checksum = (body: Uint8Array): number => crc32(body);

/** Bytes that a record with such a body takes in the file. */
export function recordBytes(bodyLength: number): number {
  return Math.ceil((headerBytes + bodyLength) / alignmentBytes) * alignmentBytes;
}

/** Writes a record at `offset`; gives the header's checksum. */
export function writeRecord(
  target: Buffer,
  offset: number,
  fields: RecordFields,
  body: Uint8Array,
): number {
  if (body.length > bodyBytesMax) throw new RangeError('record: the body is too large');
  target.writeUInt16LE(magic, offset);
  target.writeUInt8(formatVersion, offset + 2);
  target.writeUInt8(fields.kind, offset + 3);
  target.writeUInt32LE(body.length, offset + 4);
  target.writeUInt32LE(fields.group, offset + 8);
  target.writeUInt32LE(fields.bodySum, offset + 12);
  target.writeBigUInt64LE(BigInt(fields.position), offset + 16);
  target.writeBigUInt64LE(BigInt(fields.through), offset + 24);
  target.writeUInt32LE(fields.previous, offset + 32);
  const sum = crc32(target.subarray(offset, offset + 36));
  target.writeUInt32LE(sum, offset + 36);
  target.set(body, offset + headerBytes);
  target.fill(0, offset + headerBytes + body.length, offset + recordBytes(body.length));
  return sum;
}

export type HeaderReading =
  | { readonly kind: 'header'; readonly header: RecordHeader }
  /** The bytes end inside it. */
  | { readonly kind: 'short' }
  | { readonly kind: 'bad' }
  /** A whole header, written by a newer program. */
  | { readonly kind: 'newer'; readonly format: number };

/** Reads the header that begins at `offset`. */
export function readHeader(source: Buffer, offset: number): HeaderReading {
  if (source.length - offset < headerBytes) return { kind: 'short' };
  const sum = source.readUInt32LE(offset + 36);
  if (source.readUInt16LE(offset) !== magic) return { kind: 'bad' };
  if (crc32(source.subarray(offset, offset + 36)) !== sum) return { kind: 'bad' };
  const format = source.readUInt8(offset + 2);
  if (format > formatVersion) return { kind: 'newer', format };
  const bodyLength = source.readUInt32LE(offset + 4);
  const position = Number(source.readBigUInt64LE(offset + 16));
  const through = Number(source.readBigUInt64LE(offset + 24));
  if (bodyLength > bodyBytesMax || !Number.isSafeInteger(position) || through >= position) {
    return { kind: 'bad' };
  }
  return {
    kind: 'header',
    header: {
      kind: source.readUInt8(offset + 3),
      bodyLength,
      group: source.readUInt32LE(offset + 8),
      bodySum: source.readUInt32LE(offset + 12),
      position,
      through,
      previous: source.readUInt32LE(offset + 32),
      sum,
    },
  };
}

/** Is what fills a record up to its end as it was written? */
export function isPadded(source: Buffer, offset: number, { bodyLength }: RecordHeader): boolean {
  const end = offset + recordBytes(bodyLength);
  return source.subarray(offset + headerBytes + bodyLength, end).every((byte) => byte === 0);
}

/** The body of a record whose header was read; undefined where the bytes end inside it. */
export function bodyAt(
  source: Buffer,
  offset: number,
  { bodyLength }: RecordHeader,
): Buffer | undefined {
  if (source.length - offset < recordBytes(bodyLength)) return undefined;
  return source.subarray(offset + headerBytes, offset + headerBytes + bodyLength);
}
