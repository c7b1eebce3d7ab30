/**
 * How every file of the storage begins: what kind of file it is and in which format it was written,
 * with a checksum of its own. What must hold, in all formats to come: these 16 bytes keep their
 * meaning, so that a file of a newer program is told from a damaged one, and is refused untouched.
 *
 * Offset 0 magic (8), 8 format (4), 12 checksum of the 12 bytes before (4)
 */
import { crc32 } from 'node:zlib';

export const prefixBytes = 16;
const sumAt = 12;

/** A file of a newer program: nothing of it is touched. */
export class NewerFormat extends Error {
  override readonly name = 'NewerFormat';

  constructor(file: string, format: number, supported: number) {
    super(
      `${file} has format ${format}; this program reads up to ${supported}. Run a newer program, or name another data folder.`,
    );
  }
}

/** The kind of a file: eight letters, and the newest format that this program knows of it. */
export interface FileKind {
  readonly magic: string;
  readonly format: number;
}

export function writePrefix(target: Buffer, { magic, format }: FileKind): void {
  if (magic.length !== 8) throw new RangeError('fileFormat: a magic has eight letters');
  target.write(magic, 0, 'latin1');
  target.writeUInt32LE(format, 8);
  target.writeUInt32LE(crc32(target.subarray(0, sumAt)), sumAt);
}

/** Whether the bytes begin a file of that kind; throws NewerFormat, naming `file`. */
export function hasPrefix(source: Buffer, { magic, format }: FileKind, file: string): boolean {
  if (source.length < prefixBytes) return false;
  if (crc32(source.subarray(0, sumAt)) !== source.readUInt32LE(sumAt)) return false;
  if (source.toString('latin1', 0, 8) !== magic) return false;
  const found = source.readUInt32LE(8);
  if (found > format) throw new NewerFormat(file, found, format);
  return true;
}

const half = 2 ** 32;

/** A whole number up to 2^53 - 1, little endian in 8 bytes. */
export function writeCount(target: Buffer, value: number, offset: number): void {
  target.writeUInt32LE(value % half, offset);
  target.writeUInt32LE(Math.floor(value / half), offset + 4);
}

/** What `writeCount` wrote; what cannot be one is larger than any safe integer. */
export function readCount(source: Buffer, offset: number): number {
  return source.readUInt32LE(offset + 4) * half + source.readUInt32LE(offset);
}
