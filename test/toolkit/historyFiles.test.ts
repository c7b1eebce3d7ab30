import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createHistoryRecorder,
  exitCodeOf,
  historyLines,
  kv,
  linearizeFiles,
  linearizeText,
  operationAt,
  readHistory,
} from '../../conformance/history.ts';
import type { Columns, Operation, ReadOptions } from '../../conformance/history.ts';
import { generate, randomFrom } from './historyGenerator.ts';

const folder = mkdtempSync(join(tmpdir(), 'bisim-history-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads a text that arrives in pieces of `size` bytes. */
async function read(text: string, options: ReadOptions = {}, size = 7): Promise<Columns> {
  async function* pieces(): AsyncIterable<Uint8Array> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return readHistory(pieces(), { name: 'h.jsonl', model: kv, ...options });
}

const put = {
  ...{ process: 1, op: 'put', key: 'k', value: 'ä', result: null, invoke: 0, return: 1 },
  status: 'ok',
};
const lines = (...all: unknown[]): string =>
  all.map((each) => JSON.stringify(each) + '\n').join('');

describe('reading a history file', () => {
  it('gives back what was written, however the bytes are cut', async () => {
    const shape = { clients: 4, operations: 60, keys: 3, values: 3, info: 10, fail: 10, ties: 0 };
    const kinds = ['get', 'put', 'cas', 'append', 'delete'];
    const history = generate({ ...shape, kinds }, randomFrom(3));

    const columns = await read([...historyLines(history)].join(''), {}, 13);

    const back = history.map((_, row): Operation => operationAt(columns, row));
    expect(back).toEqual(history);
  });

  it('reads events on separate lines; what is open at the end is info', async () => {
    const events = lines(
      { type: 'invoke', process: 'a', op: 'put', key: 'k', value: 1, time: 5 },
      { type: 'invoke', process: 'b', op: 'get', key: 'k', time: 6 },
      { type: 'return', process: 'b', status: 'ok', result: 1, time: 9 },
    );

    const columns = await read(events);

    expect([...columns.invoke]).toEqual([5, 6]);
    expect([...columns.end]).toEqual([Infinity, 9]);
    expect(operationAt(columns, 1).result).toBe(1);
  });

  it.each([
    ['a missing process', { ...put, process: undefined }, '"process"'],
    ['a missing status', { ...put, status: undefined }, '"status"'],
    ['a missing key', { ...put, key: undefined }, '"key": expected with put'],
    ['a get without its result', { ...put, op: 'get', result: undefined }, '"result"'],
    ['a time that is a fraction', { ...put, invoke: 0.5 }, '"invoke": expected a whole number'],
    ['a time that is a text', { ...put, invoke: '0' }, 'expected a whole number, found "0"'],
    ['a return before its invoke', { ...put, invoke: 3 }, 'before its invoke'],
    ['a return of an info operation', { ...put, status: 'info' }, '"return": expected null'],
    ['an ok operation without return', { ...put, return: null }, '"return": expected a whole'],
    ['an operation the model does not know', { ...put, op: 'push' }, 'unknown to the model kv'],
    ['a cas without a pair', { ...put, op: 'cas', result: true }, '"value": expected [from, to]'],
    ['a cas without an outcome', { ...put, op: 'cas', value: [1, 2] }, 'expected true or false'],
    ['what is no object', 7, 'expected an object'],
  ])('refuses %s, with file and line', async (_what, bad, message) => {
    const good = { ...put, process: 9 };
    await expect(read(lines(good, bad))).rejects.toThrow(/^h\.jsonl:2: /);
    await expect(read(lines(good, bad))).rejects.toThrow(message);
  });

  it('refuses a second call of a busy process, and the same operation twice', async () => {
    const busy = { ...put, invoke: 1, return: 4 };
    const long = { ...put, return: 3 };
    await expect(read(lines(long, busy))).rejects.toThrow('h.jsonl:2: process 1 calls at 1 while');
    await expect(read(lines(put, put))).rejects.toThrow('h.jsonl:2: duplicate');
    const call = { type: 'invoke', process: 1, op: 'get', key: 'k' };
    await expect(read(lines(call, call))).rejects.toThrow('open since line 1');
    const back = { type: 'return', process: 2, status: 'ok', result: 1 };
    await expect(read(lines(call, back))).rejects.toThrow('h.jsonl:2: process 2 returns, but');
    await expect(read(lines(call, put))).rejects.toThrow(
      'a line of operations in a file of events',
    );
  });

  it('refuses a torn last line, unless it is told to recover', async () => {
    const torn = lines(put) + JSON.stringify({ ...put, process: 2 }).slice(0, 30);
    await expect(read(torn)).rejects.toThrow('h.jsonl:2: the last line is cut off');
    expect((await read(torn, { recover: true })).count).toBe(1);
    await expect(read(`${lines(put)}{\n${lines(put)}`, { recover: true })).rejects.toThrow(
      'h.jsonl:2: not one JSON value',
    );
  });

  it('takes operations with one token as one', async () => {
    const first = { ...put, status: 'info', return: null, token: 't' };
    const again = { ...put, invoke: 5, return: 8, token: 't' };

    const columns = await read(lines(first, again));

    expect(columns.count).toBe(1);
    expect([columns.invoke[0], columns.end[0], columns.status[0]]).toEqual([0, 8, 0]);
  });
});

describe('createHistoryRecorder', () => {
  it('writes what is read back, open calls as info, also after a torn end', async () => {
    const to = join(folder, 'recorded.jsonl');
    let now = 0;
    const recorder = createHistoryRecorder({ to, clock: () => (now += 1) });
    recorder.invoke({ process: 1, op: 'put', key: 'k', value: 'a' });
    recorder.return(1, 'ok');
    recorder.invoke({ process: 1, op: 'get', key: 'k' });
    recorder.invoke({ process: 2, op: 'get', key: 'k' });
    recorder.return(2, 'ok', 'a');
    expect(() => recorder.invoke({ process: 1, op: 'get', key: 'k' })).toThrow('open already');
    expect(() => recorder.return(3, 'ok')).toThrow('process 3 returns');
    recorder.close();
    const whole = readFileSync(to, 'utf8');

    const columns = await read(whole + '{"type":"ret', { recover: true });

    expect([...columns.invoke]).toEqual([1, 3, 4]);
    expect([...columns.end]).toEqual([2, Infinity, 5]);
  });
});

describe('linearizeFiles', () => {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const read_ = { ...put, process: 2, op: 'get', value: null, invoke: 2, return: 3 };

  it('gives the worst verdict, its reason and its operations', async () => {
    const good = file('good.jsonl', lines(put, { ...read_, result: 'ä' }));
    const bad = file('bad.jsonl', lines(put, { ...read_, result: null }));

    const result = await linearizeFiles([good, bad], { model: 'kv' });

    expect(result.verdict).toBe('violation');
    expect(exitCodeOf(result.verdict)).toBe(1);
    expect(result.operations).toBe(4);
    expect(result.operationsInvolved).toHaveLength(2);
    expect(result.files.map(({ verdict }) => verdict)).toEqual(['ok', 'violation']);
    expect(linearizeText(result.files[1] as (typeof result.files)[0])).toContain('is stale');
  });

  it('refuses what gives no verdict: no file, no operation, no model', async () => {
    const empty = file('empty.jsonl', '');
    await expect(linearizeFiles([], { model: 'kv' })).rejects.toThrow('no history file');
    await expect(linearizeFiles([empty], { model: 'kv' })).rejects.toThrow('no operation');
    await expect(linearizeFiles([empty], { model: 'tree' })).rejects.toThrow('no model "tree"');
    const missing = join(folder, 'missing.jsonl');
    await expect(linearizeFiles([missing], { model: 'kv' })).rejects.toThrow('cannot be read');
  });
});
