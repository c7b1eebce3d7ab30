/**
 * Reads a history from JSON lines, as a stream, into columns: one operation a line, or invoke and
 * return events on separate lines. Every complaint names file and line. Nothing is decided on a
 * partly read file: what cannot be read ends the reading, but for a torn last line under
 * `recover`, which a recorder that was killed leaves behind.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import type { Columns } from './columns.ts';
import { HistoryFileError, LineReader, MisshapenLine } from './lineReader.ts';
import type { ReadOptions } from './lineReader.ts';
import { HistoryError } from './operation.ts';

/** Longest line taken; beyond it one value would be larger than any report can show. */
export const lineBytesMax = 64 * 1024 * 1024;

const newline = 10;

/** Reads bytes. The file is read to its end before anything is returned. */
export async function readHistory(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<Columns> {
  try {
    return await readLines(source, options);
  } catch (cause) {
    if (!(cause instanceof MisshapenLine)) throw cause;
    const { explainLine } = await import('./historySchema.ts');
    const { file, line, kind, parsed } = cause;
    throw new HistoryFileError(file, line, explainLine(kind, parsed), cause);
  }
}

async function readLines(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<Columns> {
  const reader = new LineReader(options);
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = chunk.lastIndexOf(newline);
    if (last === -1) {
      rest = Buffer.concat([rest, chunk]);
      if (rest.length > lineBytesMax) reader.tooLong(lineBytesMax);
      continue;
    }
    const whole = Buffer.concat([rest, chunk.subarray(0, last)]);
    takeLines(reader, begun ? whole : withoutMark(whole));
    begun = true;
    rest = Buffer.from(chunk.subarray(last + 1));
  }
  if (!begun) rest = withoutMark(rest);
  if (rest.length > 0) reader.lastLine(isUtf8(rest) ? rest.toString('utf8') : rest);
  return reader.columns();
}

function takeLines(reader: LineReader, whole: Buffer): void {
  if (isUtf8(whole)) {
    for (const line of whole.toString('utf8').split('\n')) reader.line(line);
    return;
  }
  for (let from = 0; from <= whole.length;) {
    const next = whole.indexOf(newline, from);
    const line = whole.subarray(from, next === -1 ? whole.length : next);
    if (!isUtf8(line)) reader.notText();
    reader.line(line.toString('utf8'));
    from += line.length + 1;
  }
}

/** Some editors begin a file with a byte order mark. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

export async function readHistoryFile(path: string, options: ReadOptions = {}): Promise<Columns> {
  const bytes: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    return await readHistory(bytes, { name: path, ...options });
  } catch (cause) {
    if (cause instanceof HistoryError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new HistoryError(`${options.name ?? path}: cannot be read: ${message}`, { cause });
  }
}
