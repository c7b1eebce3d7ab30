/**
 * A record of the write-ahead log as bytes: header, body, padding to 8 bytes, little endian. What
 * must hold: header and body have checksums of their own, so that a damaged body does not hide where
 * the next record begins; header checksums start from the file's random salt, so that no body can
 * hold what is taken for a record; a record names the one before it by its checksum.
 *
 * Offset  0  magic 0x5741 (2), kind (1), kind of the record before (1), length of the body (4)
 *         8  group (4), checksum of the body, as its maker gave it (4)
 *        16  position (8)
 *        24  slot (8)
 *        32  through (8): how far the log was durable when this was written
 *        40  how many positions back the group's record before this one is, 0: there is none (4)
 *        44  group of the record before, whichever it is (4), and its slot (8)
 *        56  checksum of the header before (4), checksum of this header (4)
 *        64  the body
 *
 * What a record says of others is there for damage: it tells whose a lost record was.
 */
import { crc32 } from 'node:zlib';
import { readCount, writeCount } from './fileFormat.ts';

export const headerBytes = 64;
export const alignmentBytes = 8;
/** Largest body of an entry: a transaction of 4 MB and its surroundings. */
export const bodyBytesMax = 8 << 20;
/** A repair carries an entry and says of what. */
const recordBodyBytesMax = bodyBytesMax + 64;
/** The group of records that are the log's own, and of a record before that is not known. */
export const noGroup = 0xffff_ffff;
/** The slot of an entry whose maker did not tell it. */
export const unknownSlot = Number.MAX_SAFE_INTEGER;
/** Kinds from here on are the log's own. */
export const ownKinds = 128;

const magic = 0x5741;
const sumAt = 60;

/** Whose a record is, without its body. */
export interface Owner {
  readonly group: number;
  readonly kind: number;
  readonly slot: number;
}

export interface RecordFields extends Owner {
  readonly position: number;
  readonly through: number;
  /** The group's record before this one is at `position - back`; 0: there is none. */
  readonly back: number;
  readonly before: Owner;
  readonly previous: number;
  readonly bodySum: number;
}

export interface RecordHeader extends RecordFields {
  readonly bodyLength: number;
  /** Checksum of the header itself: what the next record names as `previous`. */
  readonly sum: number;
}

/** The checksum that makers of entries give them. */
export const checksum = (body: Uint8Array): number => crc32(body);

/** The slot of an entry as it was read back. */
export const slotOf = (slot: number): { slot?: number } => (slot === unknownSlot ? {} : { slot });

/** Bytes that a record with such a body takes in the file. */
export function recordBytes(bodyLength: number): number {
  return Math.ceil((headerBytes + bodyLength) / alignmentBytes) * alignmentBytes;
}

/** Writes a record at `offset`; gives the header's checksum. */
export function writeRecord(
  target: Buffer,
  offset: number,
  { fields, body, salt }: { fields: RecordFields; body: Uint8Array; salt: number },
): number {
  if (body.length > recordBodyBytesMax) throw new RangeError('record: the body is too large');
  const { before } = fields;
  target.writeUInt16LE(magic, offset);
  target.writeUInt8(fields.kind, offset + 2);
  target.writeUInt8(before.kind, offset + 3);
  target.writeUInt32LE(body.length, offset + 4);
  target.writeUInt32LE(fields.group, offset + 8);
  target.writeUInt32LE(fields.bodySum, offset + 12);
  writeCount(target, fields.position, offset + 16);
  writeCount(target, fields.slot, offset + 24);
  writeCount(target, fields.through, offset + 32);
  target.writeUInt32LE(fields.back, offset + 40);
  target.writeUInt32LE(before.group, offset + 44);
  writeCount(target, before.slot, offset + 48);
  target.writeUInt32LE(fields.previous, offset + 56);
  const sum = crc32(target.subarray(offset, offset + sumAt), salt);
  target.writeUInt32LE(sum, offset + sumAt);
  target.set(body, offset + headerBytes);
  target.fill(0, offset + headerBytes + body.length, offset + recordBytes(body.length));
  return sum;
}

export type HeaderReading = RecordHeader | 'short' | 'bad';

const isMeant = ({ position, through, slot, back, before, bodyLength }: RecordHeader): boolean =>
  Number.isSafeInteger(position) &&
  Number.isSafeInteger(slot) &&
  Number.isSafeInteger(before.slot) &&
  through < position &&
  back < position &&
  bodyLength <= recordBodyBytesMax;

/** Reads the header that begins at `offset`; `short`: the bytes end inside it. */
export function readHeader(source: Buffer, offset: number, salt: number): HeaderReading {
  if (source.length - offset < headerBytes) return 'short';
  if (source.readUInt16LE(offset) !== magic) return 'bad';
  const sum = source.readUInt32LE(offset + sumAt);
  if (crc32(source.subarray(offset, offset + sumAt), salt) !== sum) return 'bad';
  const header: RecordHeader = {
    kind: source.readUInt8(offset + 2),
    bodyLength: source.readUInt32LE(offset + 4),
    group: source.readUInt32LE(offset + 8),
    bodySum: source.readUInt32LE(offset + 12),
    position: readCount(source, offset + 16),
    slot: readCount(source, offset + 24),
    through: readCount(source, offset + 32),
    back: source.readUInt32LE(offset + 40),
    before: {
      kind: source.readUInt8(offset + 3),
      group: source.readUInt32LE(offset + 44),
      slot: readCount(source, offset + 48),
    },
    previous: source.readUInt32LE(offset + 56),
    sum,
  };
  return isMeant(header) ? header : 'bad';
}

/** Is what fills a record up to its end as it was written? */
export function isPadded(source: Buffer, offset: number, { bodyLength }: RecordHeader): boolean {
  const end = offset + recordBytes(bodyLength);
  for (let at = offset + headerBytes + bodyLength; at < end; at += 1) {
    if (source[at] !== 0) return false;
  }
  return true;
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
