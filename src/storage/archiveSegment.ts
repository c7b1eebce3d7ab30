/**
 * A segment of a group's archive as bytes: the commands of consecutive slots, each with the checksum
 * that its maker gave it. What must hold: a segment whose bytes are not those that were written is
 * never read as one, and it names its group and slots itself, so that none is taken for another.
 *
 * Offset 0 the prefix of fileFormat.ts (16), 16 group (4), 20 zeros (4), 24 first slot (8),
 *        32 last slot (8), then for each slot its kind (4), length (4), checksum (4) and body, at
 *        the end the SHA-256 of all before (32)
 */
import { createHash } from 'node:crypto';
import type { Pieces } from './inPieces.ts';
import { atOnce, pieceBytes } from './inPieces.ts';
import { hasPrefix, prefixBytes, readCount, writeCount, writePrefix } from './fileFormat.ts';
import type { FileKind } from './fileFormat.ts';
import { checksum } from './record.ts';

export const archiveKind: FileKind = { magic: 'triadarc', format: 1 };
const fixedBytes = 40;
const entryBytes = 12;
const digestBytes = 32;

/** What was chosen in a slot; `kind` and `body` are the services' own. */
export interface ArchivedEntry {
  readonly slot: number;
  readonly kind: number;
  readonly body: Uint8Array;
  readonly sum: number;
}

export interface SlotRange {
  readonly group: number;
  readonly first: number;
  readonly last: number;
}

export const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Appends the digest of all before it. */
export const sealed = (bytes: Buffer): Buffer => Buffer.concat([bytes, digestOf(bytes)]);

/** What `sealed` was given; undefined where it is damaged, throws NewerFormat. */
export function opened(source: Buffer, kind: FileKind, name: string): Buffer | undefined {
  if (!hasPrefix(source, kind, name) || source.length < prefixBytes + digestBytes) return undefined;
  const bytes = source.subarray(0, source.length - digestBytes);
  return digestOf(bytes).equals(source.subarray(bytes.length)) ? bytes : undefined;
}

export interface EncodedSegment {
  readonly bytes: Buffer;
  /** SHA-256 of all of them, as hexadecimal digits. */
  readonly digest: string;
}

function headOf(group: number, first: number, last: number): Buffer {
  const head = Buffer.alloc(fixedBytes);
  writePrefix(head, archiveKind);
  head.writeUInt32LE(group, 16);
  writeCount(head, first, 24);
  writeCount(head, last, 32);
  return head;
}

function writeEntry(target: Buffer, { slot, kind, body, sum }: ArchivedEntry, at: number): number {
  if (checksum(body) !== sum) throw new RangeError(`archive: the entry of slot ${slot} is damaged`);
  target.writeUInt32LE(kind, at);
  target.writeUInt32LE(body.length, at + 4);
  target.writeUInt32LE(sum, at + 8);
  target.set(body, at + entryBytes);
  return at + entryBytes + body.length;
}

/**
 * The entries are of consecutive slots; throws where one is not as its maker made it. A segment has
 * megabytes: who has other work to do takes it in pieces.
 */
export function* encoding(
  group: number,
  entries: readonly ArchivedEntry[],
): Pieces<EncodedSegment> {
  const [first, last] = [entries[0]?.slot, entries.at(-1)?.slot];
  if (first === undefined || last === undefined) throw new RangeError('archive: no entries');
  let length = fixedBytes + digestBytes;
  for (const { body } of entries) length += entryBytes + body.length;
  const bytes = Buffer.allocUnsafeSlow(length);
  const hash = createHash('sha256');
  bytes.set(headOf(group, first, last));
  let [at, hashed] = [fixedBytes, 0];
  for (const [index, entry] of entries.entries()) {
    if (entry.slot !== first + index) {
      throw new RangeError(`archive: slot ${entry.slot} is out of order`);
    }
    at = writeEntry(bytes, entry, at);
    if (at - hashed < pieceBytes) continue;
    hash.update(bytes.subarray(hashed, at));
    yield at - hashed;
    hashed = at;
  }
  hash.update(bytes.subarray(hashed, at));
  const seal = hash.copy().digest();
  bytes.set(seal, at);
  return { bytes, digest: hash.update(seal).digest('hex') };
}

export const encodeSegment = (group: number, entries: readonly ArchivedEntry[]): Buffer =>
  atOnce(encoding(group, entries)).bytes;

export interface ReadSegment extends SlotRange {
  readonly entries: readonly ArchivedEntry[];
}

/** Undefined where the bytes are damaged; throws NewerFormat. */
export function decodeSegment(source: Buffer, name: string): ReadSegment | undefined {
  const bytes = opened(source, archiveKind, name);
  if (bytes === undefined || bytes.length < fixedBytes) return undefined;
  const [first, last] = [readCount(bytes, 24), readCount(bytes, 32)];
  const entries: ArchivedEntry[] = [];
  for (let at = fixedBytes; at < bytes.length;) {
    const [kind, length, sum] = [0, 4, 8].map((field) => bytes.readUInt32LE(at + field));
    if (kind === undefined || length === undefined || sum === undefined) return undefined;
    const body = bytes.subarray(at + entryBytes, at + entryBytes + length);
    if (checksum(body) !== sum) return undefined;
    entries.push({ slot: first + entries.length, kind, body, sum });
    at += entryBytes + length;
  }
  if (first + entries.length - 1 !== last) return undefined;
  return { group: bytes.readUInt32LE(16), first, last, entries };
}
