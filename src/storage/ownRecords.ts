/**
 * The log's own records: what it says of damage it found. They take positions like any other, have
 * no group in their header, and are never handed to services.
 *
 * - A verdict names positions that were found torn or lost when the log was opened: what is written
 *   after it says that more is durable, and must not make them look corrupt later.
 * - A repair holds a peer's copy of the entry of a damaged position, or says that nothing was lost.
 * - A cover says that a group began again with an image: damage of it before that counts no more.
 */
import { readCount, writeCount } from './fileFormat.ts';
import type { Damage, LogEntry } from './log.ts';
import { checksum, ownKinds, slotOf, unknownSlot } from './record.ts';

/** The kinds stand in files: never change one. */
export const ownKind = { verdict: ownKinds, repair: ownKinds + 1, cover: ownKinds + 2 } as const;

/** Positions of a verdict in one record; more are several records. */
export const verdictMax = 10_000;
const verdictBytes = 9;
const repairBytes = 32;

export type Verdict = Pick<Damage, 'position' | 'reason'>;

export function encodeVerdict(verdicts: readonly Verdict[]): Buffer {
  const bytes = Buffer.alloc(verdicts.length * verdictBytes);
  for (const [index, { position, reason }] of verdicts.entries()) {
    writeCount(bytes, position, index * verdictBytes);
    bytes.writeUInt8(reason === 'corrupt' ? 1 : 0, index * verdictBytes + 8);
  }
  return bytes;
}

export function decodeVerdict(bytes: Buffer): Verdict[] {
  return Array.from({ length: Math.floor(bytes.length / verdictBytes) }, (_, index) => ({
    position: readCount(bytes, index * verdictBytes),
    reason: bytes.readUInt8(index * verdictBytes + 8) === 1 ? 'corrupt' : 'torn',
  }));
}

export interface Repair {
  readonly position: number;
  /** Undefined: nothing was lost there. */
  readonly entry: LogEntry | undefined;
}

/** Offset 0 position (8), 8 slot (8), 16 group, 20 kind, 24 checksum, 28 is there an entry (4 each). */
export function encodeRepair({ position, entry }: Repair): Buffer {
  const bytes = Buffer.alloc(repairBytes + (entry?.body.length ?? 0));
  writeCount(bytes, position, 0);
  if (entry === undefined) return bytes;
  writeCount(bytes, entry.slot ?? unknownSlot, 8);
  bytes.writeUInt32LE(entry.group, 16);
  bytes.writeUInt32LE(entry.kind, 20);
  bytes.writeUInt32LE(entry.sum, 24);
  bytes.writeUInt32LE(1, 28);
  bytes.set(entry.body, repairBytes);
  return bytes;
}

/** Undefined where the entry is not the one its maker gave a checksum to. */
export function decodeRepair(bytes: Buffer): Repair | undefined {
  if (bytes.length < repairBytes) return undefined;
  const position = readCount(bytes, 0);
  if (bytes.readUInt32LE(28) === 0) return { position, entry: undefined };
  const body = Buffer.from(bytes.subarray(repairBytes));
  const [group, kind] = [bytes.readUInt32LE(16), bytes.readUInt32LE(20)];
  const sum = bytes.readUInt32LE(24);
  if (checksum(body) !== sum) return undefined;
  return { position, entry: { group, kind, ...slotOf(readCount(bytes, 8)), body, sum } };
}

export interface Cover {
  readonly group: number;
  /** Of the image. */
  readonly position: number;
}

export function encodeCover({ group, position }: Cover): Buffer {
  const bytes = Buffer.alloc(12);
  writeCount(bytes, position, 0);
  bytes.writeUInt32LE(group, 8);
  return bytes;
}

export const decodeCover = (bytes: Buffer): Cover | undefined =>
  bytes.length < 12 ? undefined : { position: readCount(bytes, 0), group: bytes.readUInt32LE(8) };
