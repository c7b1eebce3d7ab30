/**
 * Content that is too large for one frame goes over a link in parts, one after the other. What must
 * hold: what comes out is what went in, whole, or nothing; a part that was not sent takes the others
 * with it, and no more than `contentBytesMax` is ever put together.
 */
import { ByteReader, ByteWriter, Malformed } from '../world/bytes.ts';

/** A frame with more is cut. */
const partBytes = 4 << 20;
/** More is not sent at all: a link would hold it back (`unsentBytesMax` of wire.ts). */
export const contentBytesMax = 48 << 20;
/** No group has this number: a frame that begins with it is a part. */
const partMark = 2 ** 32;
const mark = new ByteWriter().count(partMark).take();

/** The frames of a content; none where it is too large. */
export function framesOf(content: Buffer): readonly Buffer[] {
  if (content.length <= partBytes) return [content];
  if (content.length > contentBytesMax) return [];
  const count = Math.ceil(content.length / partBytes);
  return Array.from({ length: count }, (_, index) => {
    const head = new ByteWriter().count(partMark).count(index).count(count).take();
    return Buffer.concat([head, content.subarray(index * partBytes, (index + 1) * partBytes)]);
  });
}

/** Puts together what came in parts on one link. */
export class Assembly {
  #parts: Buffer[] = [];

  /** A content that is whole now; undefined: some of it is to come. */
  add(frame: Buffer): Buffer | undefined {
    if (!frame.subarray(0, mark.length).equals(mark)) return frame;
    const from = new ByteReader(frame);
    from.count();
    const [index, count] = [from.count(), from.count()];
    if (index >= count || count * partBytes > contentBytesMax + partBytes) {
      throw new Malformed(`part ${index} of ${count}`);
    }
    // One was not sent, or this is the first of another content.
    if (index !== this.#parts.length) this.#parts = [];
    if (index !== this.#parts.length) return undefined;
    this.#parts.push(frame.subarray(frame.length - from.left));
    if (index + 1 < count) return undefined;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    return whole;
  }
}
