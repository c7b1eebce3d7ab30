import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import {
  checkLinearizable,
  createHistoryRecorder,
  kv,
  readHistoryFile,
} from '../../conformance/history.ts';
import type { RecordedCall } from '../../conformance/history.ts';

const folder = mkdtempSync(join(tmpdir(), 'bisim-recorder-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that writes and reads its own key as fast as it can. */
function client(to: string, name: string, count: number) {
  const entry = fileURLToPath(new URL('../../dist/conformance/history.js', import.meta.url));
  const program = `
    const { createHistoryRecorder } = await import(${JSON.stringify(entry)});
    const recorder = createHistoryRecorder({ to: ${JSON.stringify(to)} });
    const [process_, key] = [${JSON.stringify(name)}, ${JSON.stringify(name)}];
    for (let i = 0; i < ${count}; i++) {
      recorder.invoke({ process: process_, op: 'put', key, value: 'x'.repeat(i % 300) + i });
      recorder.return(process_, 'ok');
      recorder.invoke({ process: process_, op: 'get', key });
      recorder.return(process_, 'ok', 'x'.repeat(i % 300) + i);
      if (i === 500) process.stdout.write('enough');
      if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('createHistoryRecorder', () => {
  it('leaves a whole history behind a process that is killed, and goes on in its file', async () => {
    const to = join(folder, 'killed.jsonl');
    const child = client(to, 'a', Infinity);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');

    const killed = await readHistoryFile(to, { model: kv, recover: true });
    appendFileSync(to, '{"type":"invoke","process":"a","op":"g');
    const again = createHistoryRecorder({ to });
    again.invoke({ process: 'b', op: 'put', key: 'b', value: 1 });
    again.close();
    const both = await readHistoryFile(to, { model: kv });

    expect(killed.count).toBeGreaterThan(1000);
    expect(checkLinearizable(killed, kv).verdict).toBe('ok');
    expect(both.count).toBe(killed.count + 1);
    expect(both.invoke.at(-1)).toBeGreaterThan(killed.invoke.at(-1) as number);
  });

  it('takes lines of several processes into one file, on one clock', async () => {
    const to = join(folder, 'shared.jsonl');
    const children = ['a', 'b'].map((name) => client(to, name, 600));
    await Promise.all(children.map((child) => once(child, 'close')));

    const columns = await readHistoryFile(to, { model: kv });

    expect(columns.count).toBe(2400);
    expect(checkLinearizable(columns, kv).verdict).toBe('ok');
    const [first, last] = [columns.invoke[0] as number, columns.invoke.at(-1) as number];
    expect(last - first).toBeLessThan(600e6);
  });

  it('records retries of one operation, and where the server put it', async () => {
    const to = join(folder, 'retried.jsonl');
    const recorder = createHistoryRecorder({ to });
    const call: RecordedCall = { process: 1, op: 'put', key: 'k', value: 'v', token: 't1' };
    recorder.invoke(call);
    recorder.return(1, 'info');
    recorder.invoke(call);
    recorder.return(1, 'ok', null, { position: 12 });
    recorder.close();

    const columns = await readHistoryFile(to, { model: kv });

    expect([columns.count, columns.status[0], columns.position?.[0]]).toEqual([1, 0, 12]);
  });

  it.each([
    ['NaN', NaN],
    ['a bigint', { id: 10n }],
    ['a rounded integer', [2 ** 53]],
    ['a map', new Map()],
    ['a function', () => 1],
  ])('refuses %s, which reading would give back otherwise', (_what, value) => {
    const lines: string[] = [];
    const recorder = createHistoryRecorder({ to: (line) => lines.push(line) });
    const call = { process: 1, op: 'put', key: 'k', value };

    expect(() => recorder.invoke(call)).toThrow('the value holds');
    recorder.invoke({ ...call, value: 'plain' });
    expect(lines).toHaveLength(1);
  });

  it('writes nothing more after a line failed, nor with a clock that is none', () => {
    let full = false;
    const recorder = createHistoryRecorder({
      to: () => {
        if (full) throw new Error('no space left');
      },
    });
    recorder.invoke({ process: 1, op: 'get', key: 'k' });
    full = true;
    expect(() => recorder.return(1, 'ok', 1)).toThrow('no space left');
    full = false;
    expect(() => recorder.return(1, 'ok', 1)).toThrow('the recorder stopped');
    const odd = createHistoryRecorder({ to: () => undefined, clock: () => 1.5 });
    expect(() => odd.invoke({ process: 1, op: 'get' })).toThrow('the clock gave 1.5');
  });

  it('continues no file that ends later than its clock', () => {
    const to = join(folder, 'later.jsonl');
    const first = createHistoryRecorder({ to, clock: () => 1000 });
    first.invoke({ process: 1, op: 'get', key: 'k' });
    first.close();

    expect(() => createHistoryRecorder({ to, clock: () => 999 })).toThrow('later than the clock');
    expect(readFileSync(to, 'utf8').split('\n')).toHaveLength(2);
  });
});
