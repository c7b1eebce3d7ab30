/**
 * Reads a write-ahead log back, segment by segment, and hands its entries on. What must hold: every
 * entry that is handed on is as its maker made it, and in the order of positions; the disk is not
 * written to.
 */
import type { LogEntry } from './log.ts';
import { LogUnreadable } from './log.ts';
import type { LogFolder } from './logFolder.ts';
import type { ListedSegment } from './logManifest.ts';
import { LogReading } from './logReading.ts';
import { noGroup, slotOf, unknownSlot } from './record.ts';
import { missing, missingMax, scanSegment, segmentHeaderBytes } from './segment.ts';
import type { Scanned } from './segment.ts';

export type OnEntry = (entry: LogEntry, position: number) => void;

/** A segment as it stands on the disk. */
export interface SegmentFacts {
  readonly listed: ListedSegment;
  /** Where its last whole record ends; undefined where the file is lost. */
  end: number | undefined;
  /** Of each group with entries in it the last slot they are about. */
  readonly slots: Map<number, number>;
}

export interface ReadLog {
  readonly reading: LogReading;
  readonly segments: readonly SegmentFacts[];
  /** Those whose header is damaged, and nothing else because of it. */
  readonly headers: readonly ListedSegment[];
  /** Whether nothing may be appended to the last segment: it ends in damage, or is not there. */
  readonly isClosed: boolean;
  /** Where, in the last segment, those records begin of which none says that it was durable. */
  readonly unproven: number;
}

export function noteSlot(slots: Map<number, number>, group: number, slot = unknownSlot): void {
  slots.set(group, Math.max(slot, slots.get(group) ?? 0));
}

function entryOf({ header, body }: Scanned): LogEntry | undefined {
  if (header === undefined || body === undefined || header.group === noGroup) return undefined;
  const { group, kind, slot, bodySum: sum } = header;
  return { group, kind, ...slotOf(slot), body, sum };
}

/** The positions before a segment that none was found of: a file is lost, or ends too early. */
function* gap(reading: LogReading, first: number): Generator<Scanned> {
  const from = reading.chain.position;
  if (first - from > missingMax) {
    throw new LogUnreadable(
      `no segment of the log holds the positions ${from} to ${first - 1}. Wipe the folder and let the replica be built again from its peers.`,
    );
  }
  yield* missing(from, first, 0);
}

/** Entries up to the first damage are handed on while reading; the others once all is known. */
export async function readLog(folder: LogFolder, onEntry: OnEntry): Promise<ReadLog> {
  const reading = new LogReading();
  const segments: SegmentFacts[] = [];
  const headers: ListedSegment[] = [];
  let isClosed = false;
  let tail: Pick<Scanned, 'position' | 'end'>[] = [];
  let unproven = segmentHeaderBytes;
  for (const [index, listed] of folder.segments.entries()) {
    const isLast = index === folder.segments.length - 1;
    if (index === 0) reading.chain = { position: listed.first, previous: undefined };
    for (const one of gap(reading, listed.first))
      reading.note(one, segments.at(-1)?.end === undefined);
    const bytes = await folder.read(listed);
    const facts: SegmentFacts = { listed, end: bytes && segmentHeaderBytes, slots: new Map() };
    segments.push(facts);
    isClosed = bytes === undefined;
    if (bytes === undefined) {
      if (isLast)
        for (const one of missing(listed.first, listed.first + 1, 0)) reading.note(one, true);
      continue;
    }
    if (!folder.hasHeader(bytes, listed)) headers.push(listed);
    const next = folder.segments[index + 1]?.first ?? Infinity;
    tail = [];
    let proven = 0;
    unproven = segmentHeaderBytes;
    for (const one of scanSegment({ bytes, salt: listed.salt }, reading.chain)) {
      if (one.position >= next) break;
      const known = isLast ? one : { ...one, whole: true };
      reading.note(known);
      if (one.whole) tail.push({ position: one.position, end: one.end });
      for (; (tail[proven]?.position ?? Infinity) <= reading.through; proven += 1)
        unproven = tail[proven]?.end ?? unproven;
      isClosed = !one.valid && known.whole;
      facts.end = one.end;
      const entry = entryOf(one);
      if (entry === undefined) continue;
      noteSlot(facts.slots, entry.group, entry.slot);
      if (!reading.isDamaged) onEntry(entry, one.position);
    }
  }
  if (reading.isDamaged) await handOn(folder, reading, onEntry);
  for (const { position, entry } of reading.repairs.values()) {
    const facts = segments.findLast(({ listed }) => listed.first <= position);
    if (facts !== undefined && entry !== undefined) noteSlot(facts.slots, entry.group, entry.slot);
  }
  return { reading, segments, headers, isClosed, unproven };
}

/** The second reading of a damaged log: what is reliable, with repairs in their places. */
async function handOn(folder: LogFolder, reading: LogReading, onEntry: OnEntry): Promise<void> {
  const from = reading.firstBad ?? 0;
  const isReliable = reading.reliable();
  for (const [index, listed] of folder.segments.entries()) {
    const next = folder.segments[index + 1]?.first ?? reading.chain.position;
    if (next <= from) continue;
    for (const { entry, position } of await entriesOf(folder, reading, listed, next)) {
      if (position >= from && isReliable(entry, position)) onEntry(entry, position);
    }
  }
}

interface Placed {
  readonly entry: LogEntry;
  readonly position: number;
}

async function entriesOf(
  folder: LogFolder,
  reading: LogReading,
  listed: ListedSegment,
  next: number,
): Promise<Placed[]> {
  const { first, salt } = listed;
  const bytes = (await folder.read(listed)) ?? Buffer.alloc(0);
  const placed: Placed[] = [];
  for (const one of scanSegment({ bytes, salt }, { position: first, previous: undefined })) {
    const entry = entryOf(one);
    if (entry === undefined || reading.isBad(one.position)) continue;
    placed.push({ entry, position: one.position });
  }
  for (const { position, entry } of reading.repairs.values()) {
    if (entry !== undefined && position >= first && position < next)
      placed.push({ entry, position });
  }
  return placed.sort((a, b) => a.position - b.position);
}
