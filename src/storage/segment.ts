/**
 * Segments: the files that a write-ahead log consists of, one after the other, each named by the
 * position of its first record. `scanSegment` reads one back. What must hold: whatever the bytes
 * are, every position from the first to the last is reported once, valid or not, in order.
 */
import {
  alignmentBytes,
  bodyAt,
  checksum,
  formatVersion,
  isPadded,
  readHeader,
  recordBytes,
} from './record.ts';
import type { RecordHeader } from './record.ts';

const digits = 16;
const ending = '.wal';

export const segmentName = (first: number): string => String(first).padStart(digits, '0') + ending;

/** The first position of a segment by its name; undefined for any other file. */
export function segmentFirst(name: string): number | undefined {
  return /^\d{16}\.wal$/.test(name) ? Number(name.slice(0, digits)) : undefined;
}

/** A position as it was read back. */
export interface Scanned {
  readonly position: number;
  readonly valid: boolean;
  /** False where the file ends inside the record. */
  readonly whole: boolean;
  /** Of a valid record. */
  readonly header?: RecordHeader;
  readonly body?: Uint8Array;
  /** Where it begins in its segment, and where the next one does. */
  readonly offset: number;
  readonly end: number;
}

/** What is expected of the next record: unknown after a damaged one. */
export interface Chain {
  readonly position: number;
  readonly previous: number | undefined;
}

export interface SegmentScan {
  readonly scanned: readonly Scanned[];
  readonly chain: Chain;
}

/** A file of a newer program: nothing of it is touched. */
export class NewerFormat extends Error {
  override readonly name = 'NewerFormat';

  constructor(format: number, supported: number) {
    super(
      `the log has format ${format}; this program reads up to ${supported}. Run a newer one, or name another data folder.`,
    );
  }
}

type Found =
  | { readonly kind: 'valid'; readonly header: RecordHeader; readonly body: Uint8Array }
  /** The header is right and the body is not: where the next record begins is known. */
  | { readonly kind: 'damaged'; readonly header: RecordHeader }
  /** A record of a later position: those between are missing. */
  | { readonly kind: 'later'; readonly position: number }
  | { readonly kind: 'short' }
  | { readonly kind: 'bad' };

function recordAt(source: Buffer, offset: number, { position, previous }: Chain): Found {
  const reading = readHeader(source, offset);
  if (reading.kind === 'newer') throw new NewerFormat(reading.format, formatVersion);
  if (reading.kind !== 'header') return { kind: reading.kind };
  const { header } = reading;
  if (header.position > position) return { kind: 'later', position: header.position };
  if (header.position < position) return { kind: 'bad' };
  if (previous !== undefined && header.previous !== previous) return { kind: 'bad' };
  const body = bodyAt(source, offset, header);
  if (body === undefined) return { kind: 'short' };
  const valid = checksum(body) === header.bodySum && isPadded(source, offset, header);
  return valid ? { kind: 'valid', header, body } : { kind: 'damaged', header };
}

/** Where the next header is that is right in itself and of a later position; -1: nowhere. */
function resync(source: Buffer, from: number, { position }: Chain): number {
  for (let at = from; at + alignmentBytes <= source.length; at += alignmentBytes) {
    const reading = readHeader(source, at);
    if (reading.kind === 'header' && reading.header.position > position) return at;
  }
  return -1;
}

/** Reads one segment whose first record is expected to follow `start`. */
export function scanSegment(source: Buffer, start: Chain): SegmentScan {
  const scanned: Scanned[] = [];
  let chain = start;
  let offset = 0;
  const bad = (until: number, whole: boolean): void => {
    for (let { position } = chain; position < until; position += 1) {
      scanned.push({ position, valid: false, whole, offset, end: offset });
    }
    chain = { position: until, previous: undefined };
  };
  while (offset >= 0 && offset < source.length) {
    const found = recordAt(source, offset, chain);
    const next = chain.position + 1;
    if (found.kind === 'valid') {
      const { header, body } = found;
      const end = offset + recordBytes(body.length);
      const { position } = chain;
      scanned.push({ position, valid: true, whole: true, header, body, offset, end });
      chain = { position: next, previous: header.sum };
      offset = end;
    } else if (found.kind === 'damaged') {
      bad(next, true);
      chain = { position: next, previous: found.header.sum };
      offset += recordBytes(found.header.bodyLength);
    } else if (found.kind === 'later') {
      bad(found.position, true);
    } else {
      const at = found.kind === 'short' ? -1 : resync(source, offset + alignmentBytes, chain);
      bad(next, found.kind === 'bad');
      offset = at;
    }
  }
  return { scanned, chain };
}
