/**
 * Reads the NDJSON that a recorder wrote. What must hold: any file gives a recording or a
 * UsageError with file and line; memory is bounded by what is good of it; only a last line that a
 * crash tore is passed over, and that is said.
 */
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UsageError } from '../sources/usageError.ts';
import { EventReader } from './eventReader.ts';
import type { Decoding } from './decodeValue.ts';
import type { Recording } from './recording.ts';

/** A longer line is no event one could check. */
export const lineBytesMax = 16 << 20;
/** TLC holds a trace in memory as a value. */
export const eventsMax = 200_000;

export interface ReadRecording extends Decoding {
  /** The file's name in errors and reports. */
  readonly name: string;
  /** Takes every byte that was read: what a cached verdict is known by. */
  readonly hash?: Hash;
}

export async function readRecording(path: string, o: ReadRecording): Promise<Recording> {
  const reader = new EventReader(o);
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const bytes = chunk as Buffer;
    o.hash?.update(bytes);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      const piece = bytes.subarray(from, end);
      reader.line(decoded(rest.length === 0 ? piece : Buffer.concat([...rest, piece])));
      [rest, restBytes] = [[], 0];
      from = end + 1;
    }
    if (from < bytes.length) {
      rest.push(Buffer.from(bytes.subarray(from)));
      restBytes += bytes.length - from;
      if (restBytes > lineBytesMax) reader.fail(`the line is longer than ${lineBytesMax} bytes`);
    }
    if (reader.count > eventsMax) {
      throw new UsageError(
        'too-long',
        `${o.name} holds more than ${eventsMax} events`,
        'Record shorter runs, each from a known state (the recorder’s `state`).',
      );
    }
  }
  if (restBytes > 0) reader.torn();
  return reader.recording();
}

const decoder = new TextDecoder('utf-8');

function decoded(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
