/**
 * Columns of unsigned integers, seven bits to a byte, low bits first. Readers check every bound: a
 * recording that lies about itself ends in a GraphError, not in a loop or a crash.
 */
import { GraphError } from './graphError.ts';

export class ByteColumn {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;

  /** `value` must be an integer from 0 to 2^53 - 1. */
  put(value: number): void {
    if (this.length + 8 > this.bytes.length) this.reserve(8);
    while (value >= 128) {
      this.bytes[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.bytes[this.length++] = value;
  }

  putSigned(value: number): void {
    this.put(value < 0 ? -2 * value - 1 : 2 * value);
  }

  putText(text: string): void {
    const utf8 = Buffer.from(text, 'utf8');
    this.put(utf8.length);
    this.reserve(utf8.length);
    this.bytes.set(utf8, this.length);
    this.length += utf8.length;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

export class ByteColumnReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || unit > 2 ** 49) throw badRecording('a column ends too early');
      if (byte < 128) return value + byte * unit;
      value += (byte - 128) * unit;
      unit *= 128;
    }
  }

  /** A number below `limit`. */
  getBelow(limit: number): number {
    const value = this.get();
    if (value >= limit) throw badRecording(`${value} stands where less than ${limit} is possible`);
    return value;
  }

  getSigned(): number {
    const value = this.get();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  getText(): string {
    const length = this.getBelow(this.bytes.length - this.at + 1);
    const from = this.at;
    this.at += length;
    return Buffer.from(this.bytes.subarray(from, this.at)).toString('utf8');
  }
}

/** Several columns as one run of bytes, each behind its length. */
export function joinColumns(columns: readonly ByteColumn[]): Buffer {
  const head = new ByteColumn();
  head.put(columns.length);
  for (const column of columns) head.put(column.length);
  const parts = [head, ...columns].map((column) => column.bytes.subarray(0, column.length));
  return Buffer.concat(parts);
}

export function splitColumns(bytes: Uint8Array, count: number): ByteColumnReader[] {
  const head = new ByteColumnReader(bytes);
  if (head.get() !== count) throw badRecording('it has another number of columns');
  const lengths = Array.from({ length: count }, () => head.get());
  let at = bytes.length - lengths.reduce((sum, length) => sum + length, 0);
  if (at < 0) throw badRecording('its columns are longer than it is');
  return lengths.map((length) => new ByteColumnReader(bytes.subarray(at, (at += length))));
}

export function badRecording(what: string, cause?: unknown): GraphError {
  return new GraphError(
    'bad-recording',
    `the recording of a graph is damaged: ${what}`,
    'take it from version control again, or record the graph again where there is Java',
    cause,
  );
}
