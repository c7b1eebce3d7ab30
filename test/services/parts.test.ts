/** Content that is cut for the frames of a link comes out whole, or not at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assembly, contentBytesMax, framesOf } from '../../src/services/parts.ts';
import { Malformed } from '../../src/world/bytes.ts';
import { frameBytesMax } from '../../src/world/frames.ts';

const large = (bytes: number, fill: number): Buffer => Buffer.alloc(bytes, fill || 1);
const whole = (assembly: Assembly, frames: readonly Buffer[]): (Buffer | undefined)[] =>
  frames.map((frame) => assembly.add(frame));

describe('parts', () => {
  it('give back what was cut, between what was not', () => {
    const assembly = new Assembly();
    for (const size of [1, 4 << 20, (4 << 20) + 1, (9 << 20) + 7, 12 << 20]) {
      const content = large(size, size % 251);
      const frames = framesOf(content);
      expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(frameBytesMax);
      const found = whole(assembly, frames);
      expect(found.at(-1)?.equals(content)).toBe(true);
      expect(found.slice(0, -1)).toEqual(frames.slice(1).map(() => undefined));
    }
  });

  it('give nothing of a content that lacks one, and the next one whole', () => {
    const [one, two] = [framesOf(large(13 << 20, 1)), framesOf(large(13 << 20, 2))];
    fc.assert(
      fc.property(fc.nat(one.length - 1), (lost) => {
        const assembly = new Assembly();
        const sent = [...one.slice(0, lost), ...one.slice(lost + 1)];
        expect(whole(assembly, sent)).toEqual(sent.map(() => undefined));
        expect(whole(assembly, two).at(-1)?.[0]).toBe(2);
      }),
      { numRuns: 10 },
    );
  });

  it('are not made of what no link takes, nor taken for it', () => {
    expect(framesOf(Buffer.alloc(contentBytesMax + 1))).toEqual([]);
    const [first] = framesOf(large(5 << 20, 1));
    const many = Buffer.from(first!.subarray(0, 16));
    many[6] = 0x7f;
    expect(() => new Assembly().add(many)).toThrow(Malformed);
  });
});
