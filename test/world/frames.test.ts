/** Frames come out of a stream of bytes whole and in order, however it is cut into pieces. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { Malformed } from '../../src/world/bytes.ts';
import { frame, frameBytesMax, FrameReader } from '../../src/world/frames.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 });

function readInPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const reader = new FrameReader();
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const frames: Buffer[] = [];
  let from = 0;
  for (const to of [...places, bytes.length]) {
    frames.push(...reader.read(bytes.subarray(from, to)));
    from = to;
  }
  return frames;
}

describe('frames', () => {
  it.prop([contents, fc.array(fc.nat())], { seed, numRuns: 500 })(
    'come whole and in order',
    (sent, cuts) => {
      const got = readInPieces(Buffer.concat(sent.map(frame)), cuts);
      expect(got.map((each) => [...each])).toEqual(sent.map((each) => [...each]));
    },
  );

  it.prop([contents, fc.nat(), fc.integer({ min: 1, max: 255 })], { seed, numRuns: 500 })(
    'are refused, or not yet whole, from the first damaged byte on',
    (sent, place, change) => {
      const bytes = Buffer.concat(sent.map(frame));
      const at = place % bytes.length;
      bytes[at] = bytes[at]! ^ change;
      const reader = new FrameReader();
      const got: Buffer[] = [];
      try {
        for (const each of reader.read(bytes)) got.push(each);
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
      expect(got.length).toBeLessThan(sent.length);
      expect(got.map((each) => [...each])).toEqual(
        sent.slice(0, got.length).map((each) => [...each]),
      );
    },
  );

  it('are refused by their length alone where they are too large', () => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(frameBytesMax + 1, 0);
    expect(() => [...new FrameReader().read(head)]).toThrow(Malformed);
  });
});
