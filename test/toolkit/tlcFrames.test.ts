import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { FrameReader, type FrameEvent } from '../../conformance/tlc/frames.ts';

function read(...chunks: (string | Uint8Array)[]): FrameEvent[] {
  const events: FrameEvent[] = [];
  const reader = new FrameReader((event) => events.push(event));
  for (const chunk of chunks) reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  reader.end();
  return events;
}

const frame = (code: number, lines: string[], closed = true, severity = 0): FrameEvent => ({
  type: 'frame',
  code,
  severity,
  lines,
  closed,
  dropped: 0,
});
const line = (text: string): FrameEvent => ({ type: 'line', text });

describe('FrameReader', () => {
  it('separates messages from the lines between them', () => {
    const text =
      '@!@!@STARTMSG 2262:0 @!@!@\nTLC2 Version\n@!@!@ENDMSG 2262 @!@!@\nParsing file X\n@!@!@STARTMSG 2217:4 @!@!@\n1: <Init>\nx = 0\n\n@!@!@ENDMSG 2217 @!@!@\n';
    expect(read(text)).toEqual([
      frame(2262, ['TLC2 Version']),
      line('Parsing file X'),
      frame(2217, ['1: <Init>', 'x = 0', ''], true, 4),
    ]);
  });

  it('hands out a message that never ended as unclosed', () => {
    expect(read('@!@!@STARTMSG 2110:1 @!@!@\nInvariant X')).toEqual([
      frame(2110, ['Invariant X'], false, 1),
    ]);
  });

  it('closes a message where the next begins', () => {
    expect(
      read('@!@!@STARTMSG 1:0 @!@!@\na\n@!@!@STARTMSG 2:0 @!@!@\n@!@!@ENDMSG 2 @!@!@\n'),
    ).toEqual([frame(1, ['a'], false), frame(2, [])]);
  });

  it('keeps an end mark of another code as text', () => {
    const text = '@!@!@STARTMSG 1:0 @!@!@\n@!@!@ENDMSG 2 @!@!@\n@!@!@ENDMSG 1 @!@!@\n';
    expect(read(text)).toEqual([frame(1, ['@!@!@ENDMSG 2 @!@!@'])]);
  });

  it('takes marks inside a line, and malformed ones, as text', () => {
    const text = '"@!@!@STARTMSG 1:0 @!@!@"\n@!@!@STARTMSG x:0 @!@!@\n@!@!@STARTMSG 1:0:2 @!@!@\n';
    expect(read(text).every(({ type }) => type === 'line')).toBe(true);
  });

  it('reads Windows line ends', () => {
    expect(read('@!@!@STARTMSG 1:0 @!@!@\r\na\r\n@!@!@ENDMSG 1 @!@!@\r\n')).toEqual([
      frame(1, ['a']),
    ]);
  });

  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((s) => s.replace(/[\r\n]/g, ''));
  const body = text.filter((s) => !s.startsWith('@!@!@'));
  const anEvent = fc.oneof(
    body.map((each) => line(each)),
    fc
      .record({ code: fc.nat(9999), severity: fc.nat(4), lines: fc.array(body, { maxLength: 5 }) })
      .map(({ code, severity, lines }) => frame(code, lines, true, severity)),
  );
  const print = (event: FrameEvent): string =>
    event.type === 'line'
      ? `${event.text}\n`
      : [
          `@!@!@STARTMSG ${event.code}:${event.severity} @!@!@`,
          ...event.lines,
          `@!@!@ENDMSG ${event.code} @!@!@`,
          '',
        ].join('\n');

  property.prop([fc.array(anEvent), fc.array(fc.nat(40))])(
    'gives back what was printed, however the bytes are cut',
    (events, cuts) => {
      const bytes = Buffer.from(events.map(print).join(''));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(bytes.subarray(at, at + cut));
        at = Math.min(bytes.length, at + cut);
      }
      expect(read(...chunks, bytes.subarray(at))).toEqual(events);
    },
  );

  property.prop([fc.array(fc.uint8Array({ maxLength: 60 }))])(
    'survives any bytes, and no line is lost',
    (chunks) => {
      const whole = Buffer.concat(chunks).toString('utf8');
      const lines = read(...chunks).filter(({ type }) => type === 'line');
      const expected = whole === '' ? 0 : whole.split('\n').length - (whole.endsWith('\n') ? 1 : 0);
      expect(lines).toHaveLength(expected);
    },
  );
});
