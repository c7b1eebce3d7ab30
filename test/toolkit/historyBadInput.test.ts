import { describe, expect, it } from 'vitest';
import { checkLinearizable, kv, operationAt, readHistory } from '../../conformance/history.ts';
import type { Columns, ReadOptions } from '../../conformance/history.ts';

/** Reads bytes that arrive in pieces of `size`. */
async function read(
  bytes: string | Buffer,
  options: ReadOptions = {},
  size = 1 << 16,
): Promise<Columns> {
  async function* pieces(): AsyncIterable<Uint8Array> {
    const all = Buffer.from(bytes as string);
    for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
  }
  return readHistory(pieces(), { name: 'h.jsonl', model: kv, ...options });
}

const written = (value: string, rest = ''): string =>
  `{"process":1,"op":"put","key":"k","value":${value},"invoke":1,"return":2,"status":"ok"${rest}}\n`;
const seen = (result: string): string =>
  `{"process":1,"op":"get","key":"k","result":${result},"invoke":3,"return":4,"status":"ok"}\n`;

describe('values that reading could change', () => {
  it('keeps integers beyond 2^53 apart, in values and in texts', async () => {
    const near = await read(written('9007199254740993') + seen('9007199254740992'));
    const same = await read(written('{"id":-9007199254740993}') + seen('{"id":-9007199254740993}'));
    const text = await read(written('"9007199254740993 \\" 1e999"'));

    const { verdict, reason } = checkLinearizable(near, kv);
    expect([verdict, reason]).toEqual(['violation', expect.stringContaining('9007199254740992')]);
    expect(checkLinearizable(same, kv).verdict).toBe('ok');
    expect(operationAt(text, 0).value).toBe('9007199254740993 " 1e999');
  });

  it.each([
    ['a number beyond all numbers', '1e400', '1e400 cannot be kept exactly'],
    ['more digits than a number has', '0.123456789012345678901', 'cannot be kept exactly'],
    ['nesting without end', '['.repeat(1e5) + ']'.repeat(1e5), 'more than 500 levels deep'],
  ])('refuses %s at its line', async (_what, value, message) => {
    await expect(read(written('1') + written(value))).rejects.toThrow(`h.jsonl:2: `);
    await expect(read(written('1') + written(value))).rejects.toThrow(message);
  });

  it('keeps decimals as they are written by any language', async () => {
    const columns = await read(written('0.30000000000000004') + seen('1.7976931348623157e308'));

    expect(operationAt(columns, 0).value).toBe(0.1 + 0.2);
    expect(operationAt(columns, 1).result).toBe(Number.MAX_VALUE);
  });

  it('refuses bytes that are no text, which would all be read as one character', async () => {
    const one = Buffer.from(written('"?"') + seen('"?"'), 'latin1');
    one[one.lastIndexOf('?')] = 0xff;

    await expect(read(one)).rejects.toThrow('h.jsonl:2: not UTF-8 text');
    await expect(read(one.subarray(0, -1))).rejects.toThrow('h.jsonl:2: the last line is cut off');
    expect((await read(one.subarray(0, -1), { recover: true })).torn).toBe(2);
  });

  it('keeps __proto__, lone surrogates and NUL as the values they are', async () => {
    const proto = await read(written('{"__proto__":{"a":1}}') + seen('{"__proto__":{"a":2}}'));
    const lone = await read(written('"\\ud800"') + seen('"\\ud801"'));
    const nul = await read(written('"\\u0000"') + seen('""'));

    for (const history of [proto, lone, nul]) {
      expect(checkLinearizable(history, kv).verdict).toBe('violation');
    }
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe('files of other programs', () => {
  it('reads a byte order mark, CRLF and blank lines, however the bytes are cut', async () => {
    const text = `\ufeff${written('"ä"')}   \n\n${seen('"ä"')}`.replaceAll('\n', '\r\n');

    for (const size of [1, 2, 5, 1000]) expect((await read(text, {}, size)).count).toBe(2);
  });

  it('says what it expected of times in nanoseconds and of a line of a list', async () => {
    const late = written('1').replace('"invoke":1', '"invoke":1700000000000000001');

    await expect(read(late)).rejects.toThrow(
      'field "invoke": expected a whole number below 2^53, found 1700000000000000001',
    );
    await expect(read('[1]\n')).rejects.toThrow('expected an object, one operation a line');
    await expect(read('{"type":"ok","process":1}\n')).rejects.toThrow(
      'field "type": expected "invoke" or "return", found "ok"',
    );
  });

  it('takes times from all events or from none', async () => {
    const invoke = '{"type":"invoke","process":1,"op":"put","key":"k","value":1,"time":100}\n';
    const back = '{"type":"return","process":1,"status":"ok"}\n';

    await expect(read(invoke + back)).rejects.toThrow('h.jsonl:2: field "time": expected on all');
  });
});

describe('retries', () => {
  const retry = (status: string, more: string, value = '"a"'): string => {
    const put = written(value, `,"token":"t"`).replace('"status":"ok"', `"status":"${status}"`);
    return put.replace('"invoke":1,"return":2', more);
  };

  it('fail where every attempt failed, and are unknown where one is', async () => {
    const failed = await read(
      retry('fail', '"invoke":1,"return":2') + retry('fail', '"invoke":5,"return":6'),
    );
    const open = await read(retry('info', '"invoke":1') + retry('fail', '"invoke":5,"return":6'));
    const answered = await read(
      retry('ok', '"invoke":5,"return":9') + retry('fail', '"invoke":1,"return":2'),
    );

    expect([failed, open, answered].map(({ status }) => status[0])).toEqual([1, 2, 0]);
    expect([answered.invoke[0], answered.end[0]]).toEqual([1, 9]);
  });

  it('are one operation in the event form too', async () => {
    const call = '"op":"put","key":"k","value":1,"token":"t"';
    const columns = await read(
      `{"type":"invoke","process":1,${call},"time":1}\n` +
        '{"type":"return","process":1,"status":"info","time":4}\n' +
        `{"type":"invoke","process":1,${call},"time":5}\n` +
        '{"type":"return","process":1,"status":"ok","time":7}\n',
    );

    expect([columns.count, columns.invoke[0], columns.end[0]]).toEqual([1, 1, 7]);
  });

  it.each([
    ['another value', retry('ok', '"invoke":5,"return":6', '"b"'), 'two different operations'],
    ['a return before its call', retry('ok', '"invoke":5,"return":4'), 'before its invoke'],
  ])('refuse %s', async (_what, second, message) => {
    const first = retry('ok', '"invoke":1,"return":2');
    await expect(read(first + second)).rejects.toThrow(`h.jsonl:2: `);
    await expect(read(first + second)).rejects.toThrow(message);
  });

  it('refuse two answers to one cas, and leave other operations checked', async () => {
    const cas = (result: boolean, at: number): string =>
      `{"process":${at},"op":"cas","key":"k","value":[1,2],"result":${result},` +
      `"invoke":${at},"return":${at + 1},"status":"ok","token":"t"}\n`;

    await expect(read(cas(true, 1) + cas(false, 5))).rejects.toThrow('true and then false');
    const busy = cas(true, 1) + cas(true, 5) + written('7') + written('8');
    await expect(read(busy)).rejects.toThrow('h.jsonl:4: duplicate');
  });
});
