/** What goes over links and into logs comes back as it was, and bytes that are none are refused. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { readHello, writeHello } from '../../src/services/hello.ts';
import { readMessage, writeMessage } from '../../src/services/messageCodec.ts';
import {
  readRequest,
  readResponse,
  writeRequest,
  writeResponse,
} from '../../src/services/requestCodec.ts';
import { ByteReader, ByteWriter, Malformed } from '../../src/world/bytes.ts';
import { anyMessage, anyRequest, anyResponse } from './arbitraries.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const runs = { seed, numRuns: process.env['BISIM_LONG'] === '1' ? 1_000_000 : 2_000 };

function written(write: (to: ByteWriter) => void): Buffer {
  const to = new ByteWriter();
  write(to);
  return to.take();
}

/** Reads until the bytes end; what is refused is `Malformed`. */
function readAll(bytes: Uint8Array, read: (from: ByteReader) => unknown): void {
  const from = new ByteReader(bytes);
  try {
    while (from.left > 0) read(from);
  } catch (error) {
    expect(error).toBeInstanceOf(Malformed);
  }
}

const readers = { readMessage, readRequest, readResponse };

describe('codecs', () => {
  it.prop([fc.array(fc.tuple(fc.nat(), anyMessage))], runs)(
    'give messages back as they were, one after the other',
    (messages) => {
      const bytes = written((to) => {
        for (const [group, message] of messages) writeMessage(to, group, message);
      });
      const from = new ByteReader(bytes);
      for (const [group, message] of messages) {
        expect(readMessage(from)).toEqual({ group, message });
      }
      from.end();
    },
  );

  it.prop([anyRequest, anyResponse], runs)('give requests and answers back', (asked, answer) => {
    expect(readRequest(new ByteReader(written((to) => writeRequest(to, asked))))).toEqual(asked);
    const bytes = written((to) => writeResponse(to, answer));
    expect(readResponse(new ByteReader(bytes))).toEqual(answer);
  });

  it.prop([fc.constantFrom('peer', 'client'), fc.string(), fc.string()], runs)(
    'give a greeting back',
    (role, region, from) => {
      const clean = (text: string): string => Buffer.from(text).toString();
      const hello = { role, region: clean(region), from: clean(from) } as const;
      expect(readHello(writeHello(hello))).toEqual(hello);
    },
  );

  it.each(Object.entries(readers))('refuse noise: %s', (_, read) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        readAll(noise, read);
        readAll(noise, () => readHello(noise));
      }),
      runs,
    );
  });

  it.prop(
    [fc.array(anyMessage, { minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 })],
    runs,
  )('read damaged messages as others, or refuse them', (messages, place, change) => {
    const bytes = written((to) => {
      for (const message of messages) writeMessage(to, 1, message);
    });
    const at = place % bytes.length;
    bytes[at] = bytes[at]! ^ change;
    readAll(bytes, readMessage);
    readAll(bytes.subarray(0, at), readMessage);
  });

  it('refuses numbers that no number holds exactly, and more than it was given', () => {
    const many = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
    expect(() => new ByteReader(many).count()).toThrow(Malformed);
    expect(() => new ByteReader(Uint8Array.of(5, 65)).text()).toThrow('ends too soon');
    const list = new ByteReader(Uint8Array.of(100, 1));
    expect(() => list.list((each) => each.byte())).toThrow('ends too soon');
    expect(() => new ByteReader(Uint8Array.of(1)).end()).toThrow('1 bytes too many');
    expect(() => new ByteWriter().count(-1)).toThrow(RangeError);
  });
});
