/**
 * Frames on a stream of bytes: length, checksum, content. What must hold: a frame is given whole
 * and as it was sent, or the stream is refused; nothing larger than `frameBytesMax` is ever held.
 */
import { crc32 } from 'node:zlib';
import { Malformed } from './bytes.ts';

export const frameBytesMax = 16 << 20;
const headBytes = 8;

export function frame(content: Uint8Array): Buffer {
  if (content.length > frameBytesMax) throw new RangeError(`a frame of ${content.length} bytes`);
  const bytes = Buffer.allocUnsafe(headBytes + content.length);
  bytes.writeUInt32LE(content.length, 0);
  bytes.writeUInt32LE(crc32(content), 4);
  bytes.set(content, headBytes);
  return bytes;
}

export class FrameReader {
  #chunks: Buffer[] = [];
  #held = 0;

  /** The frames that these bytes complete. Throws `Malformed`; the reader is of no use then. */
  *read(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= headBytes) {
      const head = this.#peek(headBytes);
      const size = head.readUInt32LE(0);
      if (size > frameBytesMax) throw new Malformed(`a frame of ${size} bytes`);
      if (this.#held < headBytes + size) return;
      const bytes = this.#take(headBytes + size);
      const content = bytes.subarray(headBytes);
      if (crc32(content) !== bytes.readUInt32LE(4)) throw new Malformed('a frame is damaged');
      yield content;
    }
  }

  /** A frame has begun and is not whole yet. */
  get isPartial(): boolean {
    return this.#held > 0;
  }

  #peek(size: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= size) return first;
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #take(size: number): Buffer {
    const [first] = this.#chunks;
    if (first === undefined || first.length < size) this.#chunks = [Buffer.concat(this.#chunks)];
    const bytes = this.#chunks[0]!;
    this.#held -= size;
    if (bytes.length === size) this.#chunks.shift();
    else this.#chunks[0] = bytes.subarray(size);
    return bytes.subarray(0, size);
  }
}
