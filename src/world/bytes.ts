/**
 * Bytes of messages and records: integers, texts and blobs one after the other, read back in the
 * same order. What must hold: whatever the bytes are, a reader gives a value or throws `Malformed`,
 * and never takes more memory than a small multiple of what it was given.
 */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** A writer that is used again begins with as much room as it took the last time, within these. */
const firstBytes = 256;
const firstBytesMax = 64 << 10;

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #length = 0;

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  /** A whole number from 0 to the greatest safe one, seven bits a byte. */
  count(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no count: ${value}`);
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) + 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
    return this;
  }

  flag(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  text(value: string): this {
    const size = Buffer.byteLength(value);
    this.count(size).#room(size);
    this.#bytes.write(value, this.#length);
    this.#length += size;
    return this;
  }

  /** A text or nothing. */
  optional(value: string | null): this {
    return value === null ? this.byte(0) : this.byte(1).text(value);
  }

  list<T>(values: readonly T[], each: (writer: this, value: T) => void): this {
    this.count(values.length);
    for (const value of values) each(this, value);
    return this;
  }

  /** What was written; the writer is empty afterwards. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    const room = Math.min(firstBytesMax, Math.max(firstBytes, this.#length));
    this.#bytes = Buffer.allocUnsafe(room);
    this.#length = 0;
    return bytes;
  }
}

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next byte, which stays; undefined: there is none. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new Malformed('the bytes end too soon');
    this.#at += 1;
    return value;
  }

  count(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const next = this.byte();
      value += (next % 0x80) * scale;
      if (next < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new Malformed('a number is too great');
  }

  flag(): boolean {
    const value = this.byte();
    if (value > 1) throw new Malformed(`no flag: ${value}`);
    return value === 1;
  }

  text(): string {
    const size = this.count();
    if (size > this.left) throw new Malformed('a text ends too soon');
    this.#at += size;
    return this.#bytes.toString('utf8', this.#at - size, this.#at);
  }

  optional(): string | null {
    return this.flag() ? this.text() : null;
  }

  list<T>(each: (reader: this) => T): T[] {
    const size = this.count();
    // Every element takes a byte at least.
    if (size > this.left) throw new Malformed('a list ends too soon');
    const values: T[] = [];
    for (let i = 0; i < size; i += 1) values.push(each(this));
    return values;
  }

  end(): void {
    if (this.left > 0) throw new Malformed(`${this.left} bytes too many`);
  }
}
