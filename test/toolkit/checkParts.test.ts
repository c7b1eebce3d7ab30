/** The parts of bisim check that need no Java: progress, estimates, flags, versions, the watchdog. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checksProgress,
  duration,
  estimate,
  progressText,
  type Sample,
} from '../../conformance/check/checkProgress.ts';
import { exitCodeOf } from '../../conformance/check/checkRun.ts';
import { requireHost } from '../../conformance/check/workerVerb.ts';
import { parseSimulate, parseWorkers } from '../../conformance/commands/tlcFlags.ts';
import { featuresOf } from '../../conformance/tlc/features.ts';
import { FrameReader } from '../../conformance/tlc/frames.ts';
import { TlcReader } from '../../conformance/tlc/reading.ts';
import type { TlcReading } from '../../conformance/tlc/result.ts';
import { watch } from '../../conformance/tlc/watchdog.ts';

const sample = (at: number, queue: number, more: Partial<Sample> = {}): Sample => ({
  ...{ phase: 'search', depth: 9, generated: at * 1000, distinct: at * 100 },
  ...{ at, queue },
  ...more,
});

describe('the estimate', () => {
  it.each([
    [[], 'no estimate yet'],
    [[sample(60, 100)], 'no estimate yet'],
    [[sample(60, 100), sample(120, 150)], 'no estimate (the queue grows)'],
    [[sample(60, 100), sample(120, 100)], 'no estimate (the queue grows)'],
    [[sample(60, 400), sample(120, 300)], 'about 3 min left'],
    [[sample(60, 400), sample(120, 0)], 'no estimate'],
  ])('of %j is: %s', (samples, said) => {
    expect(estimate(samples)).toBe(said);
  });

  it('stands beside depth, states, speed and queue', () => {
    expect(progressText([sample(60, 400), sample(120, 300)], 130)).toBe(
      'depth 9, 12,000 distinct, 1,000 states/s, 300 on the queue, about 3 min left, 2 min',
    );
    expect(progressText([sample(60, 4, { phase: 'liveness' })], 61)).toContain('checking liveness');
    expect([duration(5), duration(500), duration(50_000)]).toEqual(['5 s', '8 min', '13.9 h']);
  });

  it('is a line of its own where there is no terminal', () => {
    const said: string[] = [];
    const sink = { write: (text: string) => said.push(text) };
    const progress = checksProgress({ sink, environment: {}, total: 1, now: () => 0 });
    const run = progress.start('M');
    run.report(sample(1, 5));
    run.end('ok');
    progress.end();
    expect(said.join('')).toMatch(/^M: depth 9, .*\n\[1\/1\] M: ok\n$/);
  });
});

describe('flags', () => {
  it('reads what a simulation is', () => {
    expect(parseSimulate('num=5,seed=9')).toEqual({ num: 5, depth: 100, seed: 9 });
    for (const wrong of ['num=0', 'num=x', 'deep=3', 'seed=99999999999', 'num']) {
      expect(() => parseSimulate(wrong)).toThrow();
    }
  });

  it('reads workers and hosts, and nothing that Java could take for an option', () => {
    expect([parseWorkers('auto'), parseWorkers('8')]).toEqual(['auto', 8]);
    expect(() => parseWorkers('-1')).toThrow();
    expect([requireHost('build-3.lan'), requireHost('::1')]).toEqual(['build-3.lan', '::1']);
    for (const wrong of ['-Dx=y', '', 'a b', 'a;b']) expect(() => requireHost(wrong)).toThrow();
  });
});

describe('exit codes', () => {
  it.each([
    ['ok', null, 0],
    ['violation', 'invariant', 1],
    ['violation', 'empty', 1],
    ['error', 'parse', 2],
    ['error', 'evaluation', 2],
    ['error', 'crash', 3],
    ['unknown', 'disk', 3],
    ['unknown', 'memory', 4],
    ['unknown', 'timeout', 4],
    ['unknown', 'interrupted', 130],
  ] as const)('%s, %s is %d', (verdict, kind, exitCode) => {
    expect(exitCodeOf(verdict, kind)).toBe(exitCode);
  });
});

describe('versions of TLC', () => {
  it.each([
    ['2.18', false],
    ['2.19', false],
    ['2.20', true],
    ['2026.05.12', true],
  ])('%s knows ALIAS and POSTCONDITION: %s', (version, has) => {
    expect(featuresOf(version)).toEqual({ alias: has, postcondition: has });
  });
});

function read(messages: readonly [code: number, severity: number, text: string][]): TlcReading {
  const reader = new TlcReader();
  const frames = new FrameReader((event) => reader.take(event));
  for (const [code, severity, text] of messages) {
    const frame = `@!@!@STARTMSG ${code}:${severity} @!@!@\n${text}\n@!@!@ENDMSG ${code} @!@!@\n`;
    frames.push(Buffer.from(frame));
  }
  frames.end();
  return reader.finish(0);
}

describe('what TLC says', () => {
  it('keeps the first behaviour of each property, and counts the others', () => {
    const violated = (name: string, x: number): [number, number, string][] => [
      [2110, 1, `Invariant ${name} is violated.`],
      [2121, 1, 'The behavior up to this point is:'],
      [2217, 4, `1: <Initial predicate>\nx = ${x}\n`],
    ];
    const reading = read([...violated('A', 1), ...violated('B', 2), ...violated('A', 3)]);
    expect(reading).toMatchObject({ property: 'A', violations: 3, trace: [{ state: { x: '1' } }] });
    expect(reading.further).toMatchObject([{ property: 'B', trace: [{ state: { x: '2' } }] }]);
  });

  it('reads coverage by expression, and the last count of each', () => {
    const place = 'line 7, col 6 to line 7, col 10 of module K';
    const { expressions } = read([
      [2221, 0, `  ${place}: 1`],
      [2221, 0, `  |${place}: 2`],
      [2775, 0, `  ${place}: 1,018:36`],
    ]);
    const location = { file: 'K.tla', line: 7, column: 6 };
    expect(expressions).toEqual([
      { location, depth: 0, count: 1018 },
      { location, depth: 1, count: 2 },
    ]);
  });

  it('takes a finished server for a success only when its queue is empty', () => {
    const stats = (left: number): [number, number, string] => [
      2199,
      0,
      `75 states generated, 27 distinct states found, ${left} states left on queue.`,
    ];
    expect(read([stats(0), [2211, 0, 'vm, work completed. Thank you!']]).verdict).toBe('ok');
    expect(read([stats(3), [2211, 0, 'vm, work completed. Thank you!']]).verdict).toBe('error');
    expect(read([stats(0)]).verdict).toBe('error');
  });

  it('drops where TLC threw', () => {
    const { message } = read([
      [1000, 1, 'It was a StackOverflowError\n\tat tlc2.Tool(Tool.java:1)'],
    ]);
    expect(message).toBe('It was a StackOverflowError');
  });
});

describe.skipIf(process.platform === 'win32')('the watchdog', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bisim-watch-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const module = new URL('../../dist/conformance/tlc/watchdog.js', import.meta.url).pathname;
  /** Stands for bisim: starts a child of its own group, watches it, says its id, and waits. */
  const script = `import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { watch } from '${module}';
mkdirSync(process.argv[1]);
const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
watch(child.pid, process.argv[1]);
console.log(child.pid);
setInterval(() => {}, 1000);`;

  it('ends the group and removes the folder once its bisim was killed', async () => {
    const made = join(folder, 'run');
    const bisim = spawn(process.execPath, ['--input-type=module', '-e', script, made]);
    const [chunk] = (await once(bisim.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    bisim.kill('SIGKILL');
    const alive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
    await expect.poll(alive, { timeout: 10_000 }).toBe(false);
  });

  it('touches nothing where the run ended in order', async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const kept = mkdtempSync(join(folder, 'kept-'));
    watch(child.pid, kept)();
    expect([child.exitCode, readdirSync(folder).length]).toEqual([null, 1]);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
