import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { linearize } from '../../conformance/linearize/linearize.ts';
import type { LinearizeRequest } from '../../conformance/linearize/linearize.ts';
import { checkLinearizable, checkLinearizableAsync, kv } from '../../conformance/history.ts';
import type { Model, Operation, Switches } from '../../conformance/history.ts';
import { readHistoryFile } from '../../conformance/history/historyFile.ts';
import { linearizeFile } from '../../conformance/history/linearizeFiles.ts';
import { checkingTurns } from '../../conformance/history/linearizability.ts';
import { allOn } from '../../conformance/history/switches.ts';
import { linearizeReportSchema } from '../../conformance/report/linearizeReport.ts';

const histories = fileURLToPath(new URL('histories/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bisim-linearize-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (files: string[], more: Partial<LinearizeRequest> = {}) =>
  linearize({
    ...{ files, model: 'kv', consistency: 'linearizable', recover: false, cwd: folder },
    ...{ signal: new AbortController().signal, ...more },
  });

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const put = {
  ...{ process: 1, op: 'put', key: 'k', value: 'a', result: null, invoke: 0, return: 1 },
  status: 'ok',
};
const stale = { ...put, process: 2, op: 'get', value: null, result: null, invoke: 2, return: 3 };
const lines = (...all: unknown[]): string => all.map((o) => `${JSON.stringify(o)}\n`).join('');

describe('bisim linearize', () => {
  it('gives the verdict as exit code, and a report that its schema knows', async () => {
    const good = await run([file('good.jsonl', lines(put))]);
    const bad = await run([file('bad.jsonl', lines(put, stale))]);

    expect([good.exitCode, bad.exitCode]).toEqual([0, 1]);
    const report = linearizeReportSchema.parse(JSON.parse(JSON.stringify(bad.report)));
    expect(report).toMatchObject({ verdict: 'violation', operations: 2 });
    expect(report.reason).toContain('is stale');
    expect(report.operationsInvolved).toHaveLength(2);
    expect(bad.text).toContain('To repeat: bisim linearize bad.jsonl --model kv');
  });

  it('writes the timeline of the first file that is not ok, with faults as bands', async () => {
    file('faults.jsonl', lines({ from: 1, to: 3, label: 'partition of 2' }));
    await run(['good.jsonl', 'bad.jsonl'], { html: 'out.html', faults: 'faults.jsonl' });
    const page = readFileSync(join(folder, 'out.html'), 'utf8');
    expect(page).toContain('bad.jsonl: violation');
    expect(page).toContain('partition of 2');
    expect(page).toContain('bisim linearize bad.jsonl');
  });

  it("takes a user's own model from a file", async () => {
    const model = `export const model = { name: 'max', operations: ['raise', 'top'], init: 0,
      step: (s, o) => o.op === 'raise' ? Math.max(s, o.value) : o.result === s ? s : undefined };`;
    file('max.ts', model);
    const raise = { ...put, op: 'raise', value: 3 };
    const top = { ...stale, op: 'top', result: 2 };
    const found = await run([file('max.jsonl', lines(raise, top))], { model: './max.ts' });
    expect(found.exitCode).toBe(1);
  });

  it('holds a history to other models by name', async () => {
    const levels = { sequential: 0, causal: 0, session: 0 };
    for (const [consistency, exitCode] of Object.entries(levels)) {
      expect((await run(['bad.jsonl'], { consistency })).exitCode, consistency).toBe(exitCode);
    }
    const late = file(
      'late.jsonl',
      lines(put, { ...stale, eventual: true, invoke: 9, return: 10 }),
    );
    const exits = ['staleness=8', 'staleness=7'].map((consistency) => run([late], { consistency }));
    expect((await Promise.all(exits)).map(({ exitCode }) => exitCode)).toEqual([0, 1]);
    const odd = file('odd.jsonl', lines(put, { ...stale, eventual: true, result: 'never' }));
    const phantomRead = await run([odd], { consistency: 'staleness=99' });
    expect(phantomRead.text).toContain('no write could have left');
    const none = run(['bad.jsonl'], { consistency: 'staleness=5' });
    await expect(none).rejects.toThrow('no read is marked "eventual": true');
    const txn = { ...put, op: 'txn', value: [['r', 'x', null]], result: [7] };
    const phantom = await run([file('txn.jsonl', lines(txn))], { consistency: 'serializable' });
    expect(phantom.text).toContain('phantom');
  });

  it.each([
    ['a file that is not there', ['none.jsonl'], {}, 'cannot be read'],
    ['a model that is not there', ['good.jsonl'], { model: 'tree' }, 'no model tree'],
    ['a consistency that is not there', ['good.jsonl'], { consistency: 'x' }, 'no consistency'],
    ['a limit that is none', ['good.jsonl'], { limit: 'soon' }, 'no duration'],
    ['no file at all', [], {}, 'no history is named'],
    ['a model file that exports none', ['good.jsonl'], { model: './bad.ts' }, 'no file'],
  ])('refuses %s, and says what to do', async (_what, files, more, message) => {
    const refused = run(files, more);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ next: expect.any(String) as string });
  });

  it("the timeline tells operations in the words of the user's model", async () => {
    const path = join(folder, file('told.jsonl', lines(put, stale)));
    const told = { ...kv, describe: ({ op }: Operation) => `${op}, said the model` } as Model;

    const { timeline } = await linearizeFile(path, { model: told, timeline: {} });

    expect(timeline).toContain('<title>get, said the model</title>');
    expect(timeline).toContain('<li>put, said the model</li>');
  });

  it('refuses an empty history and a torn one, unless told to recover', async () => {
    await expect(run([file('empty.jsonl', '')])).rejects.toThrow('no operation');
    const failed = file('failed.jsonl', lines({ ...put, status: 'fail' }));
    await expect(run([failed])).rejects.toThrow('every operation failed');
    const torn = file('torn.jsonl', `${lines(put)}{"proc`);
    await expect(run([torn])).rejects.toThrow('torn.jsonl:2: the last line is cut off');
    expect((await run([torn], { recover: true })).exitCode).toBe(0);
  });

  it('ends when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(run(['good.jsonl'], { signal })).rejects.toThrow('interrupted');
  });
});

describe('histories with a known verdict', () => {
  const names = readdirSync(histories).filter((name) => name.endsWith('.jsonl'));

  it.each(names)('%s, with every idea turned off in turn and under another seed', async (name) => {
    const expected = name.split('-')[0];
    const columns = await readHistoryFile(join(histories, name), { model: kv });
    expect(checkLinearizable(columns, kv, { seed: 99 }).verdict).toBe(expected);
    for (const off of Object.keys(allOn) as (keyof Switches)[]) {
      expect(checkLinearizable(columns, kv, { switches: { [off]: false } }).verdict).toBe(expected);
    }
  });
});

describe('the asynchronous form', () => {
  const count = 200_000;
  const long = Array.from({ length: count }, (_, at): Operation => {
    const write = at % 2 === 0;
    const value = `v${at - (at % 2)}`;
    return {
      ...{ process: at % 2, op: write ? 'put' : 'get', key: 'k', value: write ? value : null },
      ...{ result: write ? null : value, invoke: 10 * at, return: 10 * at + 5, status: 'ok' },
    };
  });

  it('works in steps, none of which handles more than a part of a large key', () => {
    let steps = 0;
    const work = checkingTurns(long, kv, {});
    for (let step = work.next(); step.done !== true; step = work.next()) steps += 1;
    expect(steps).toBeGreaterThan(count / 8192);
  });

  it('lets others run meanwhile, and can be ended by them', async () => {
    const ending = new AbortController();
    setImmediate(() => ending.abort(new Error('enough')));
    const check = checkLinearizableAsync(long, kv, { signal: ending.signal });
    await expect(check).rejects.toThrow('enough');
  });
});
