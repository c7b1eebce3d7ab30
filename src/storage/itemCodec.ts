/**
 * Items of many groups in one ordered store of bytes. What must hold: a group's items stand together
 * in the order of their keys; a value carries a checksum over group, key and value, so that one that
 * is damaged, or stands in another's place, is never served.
 *
 * Key of an item: 1 (1), group (4, big endian), the item's key. Value: checksum (4), the value.
 * Key of what is known of a group: 0 (1), group (4, big endian). Value: checksum (4), state (1),
 * zeros (3), applied slot (8).
 */
import { crc32 } from 'node:zlib';
import { readCount, writeCount } from './fileFormat.ts';

const itemMark = 1;
const groupMark = 0;
const markBytes = 5;
const sumBytes = 4;

/** What was read is not what was written; the replica is to be built again. */
export class ItemsDamaged extends Error {
  override readonly name = 'ItemsDamaged';
}

/** What the embedded store itself refuses to read is damaged too. */
export function asDamage(error: unknown, where: string): unknown {
  if ((error as { code?: string }).code !== 'LEVEL_CORRUPTION') return error;
  return new ItemsDamaged(`the item store is damaged where ${where}`, { cause: error });
}

function marked(mark: number, group: number, rest = 0): Buffer {
  const bytes = Buffer.allocUnsafe(markBytes + rest);
  bytes.writeUInt8(mark, 0);
  bytes.writeUInt32BE(group, 1);
  return bytes;
}

export function itemKey(group: number, key: Uint8Array): Buffer {
  const bytes = marked(itemMark, group, key.length);
  bytes.set(key, markBytes);
  return bytes;
}

/** The item's own key. */
export const keyOf = (stored: Buffer): Buffer => stored.subarray(markBytes);

/** Before every item of a group, and after. */
export const itemsFrom = (group: number): Buffer => marked(itemMark, group);
export const itemsUntil = (group: number): Buffer =>
  group === 0xffff_ffff ? Buffer.of(itemMark + 1) : marked(itemMark, group + 1);

const sumOf = (key: Uint8Array, value: Uint8Array): number => crc32(value, crc32(key));

function sealed(key: Buffer, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(sumBytes + value.length);
  bytes.writeUInt32LE(sumOf(key, value), 0);
  bytes.set(value, sumBytes);
  return bytes;
}

function opened(key: Buffer, stored: Buffer): Buffer {
  const value = stored.subarray(sumBytes);
  if (stored.length >= sumBytes && stored.readUInt32LE(0) === sumOf(key, value)) return value;
  throw new ItemsDamaged(
    `the item store is damaged at key ${key.toString('hex')}. Stop the node, wipe its item store, and let it be built again from its peers.`,
  );
}

export const sealItem = sealed;
export const openItem = opened;

export interface GroupFacts {
  /** `partial`: its items are being installed or removed; a restart removes them. */
  readonly state: 'live' | 'partial';
  readonly applied: number;
}

export const groupKey = (group: number): Buffer => marked(groupMark, group);
export const groupsFrom = Buffer.of(groupMark);
export const groupsUntil = Buffer.of(groupMark + 1);
export const groupOf = (key: Buffer): number => key.readUInt32BE(1);

export function encodeFacts(group: number, { state, applied }: GroupFacts): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(state === 'live' ? 0 : 1, 0);
  writeCount(bytes, applied, 4);
  return sealed(groupKey(group), bytes);
}

export function decodeFacts(key: Buffer, stored: Buffer): GroupFacts {
  const bytes = opened(key, stored);
  return { state: bytes[0] === 0 ? 'live' : 'partial', applied: readCount(bytes, 4) };
}
