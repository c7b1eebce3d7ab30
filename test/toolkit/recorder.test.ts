/**
 * The recorder as a program sees it: what stands in the file, whatever happens to the program, the
 * disk or the values; and the reader, which takes files from anywhere.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fc, test } from '@fast-check/vitest';
import { afterAll, describe, expect, it } from 'vitest';
import { change, createRecorder, modelValue } from '../../conformance/recorder.ts';
import type { TlaValue } from '../../conformance/recorder.ts';
import { decodeValue } from '../../conformance/recording/decodeValue.ts';
import { encodeValue } from '../../conformance/recording/encodeValue.ts';
import { EventReader } from '../../conformance/recording/eventReader.ts';
import { mergeRecordings } from '../../conformance/recording/mergeRecordings.ts';
import { readRecording } from '../../conformance/recording/readRecording.ts';
import type { Recording } from '../../conformance/recording/recording.ts';
import { UsageError } from '../../conformance/sources/usageError.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import { header, Recordings } from './validateVoting.ts';

const recordings = new Recordings();
afterAll(() => recordings.remove());

const modelValues = new Set(['a1', 'None']);
const read = (path: string): Promise<Recording> =>
  readRecording(path, { name: 'run', modelValues });

const linesOf = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('createRecorder', () => {
  it('writes a header, then one line an action, at once', () => {
    const file = recordings.path('plain');
    const recorder = createRecorder({ file, process: 'p1', run: 'r' });
    recorder.record('Accept', { r: 'x', b: 2 }, { votes: new Set([1]), best: modelValue('a1') });
    expect(linesOf(file)).toEqual([
      { bisim: 'trace', version: 1, process: 'p1', run: 'r', clock: 0 },
      {
        clock: 1,
        process: 'p1',
        action: 'Accept',
        args: { r: 'x', b: 2 },
        changed: { votes: { '#set': [1] }, best: 'a1' },
      },
    ]);
    recorder.close();
  });

  it('gathers lines up to the bytes asked for, and writes them on flush and close', () => {
    const file = recordings.path('batched');
    const recorder = createRecorder({ file, process: 'p', batchBytes: 1000 });
    recorder.record('A');
    expect(linesOf(file)).toHaveLength(1);
    recorder.flush();
    expect(linesOf(file)).toHaveLength(2);
    for (let i = 0; i < 40; i++) recorder.record('A');
    expect(linesOf(file).length).toBeGreaterThan(20);
    recorder.close();
    expect(linesOf(file)).toHaveLength(42);
  });

  it('orders events of several processes by what caused them, whichever file comes first', async () => {
    const [one, two] = ['one', 'two'].map((process) =>
      createRecorder({ file: recordings.path(process), process, run: 'r' }),
    ) as [ReturnType<typeof createRecorder>, ReturnType<typeof createRecorder>];
    for (let i = 0; i < 5; i++) one.record('Work');
    one.record('Send');
    const token = one.send();
    two.receive(token);
    two.record('Receive');
    one.receive(two.send());
    one.record('Reply');
    two.close();
    one.close();
    const files = [await read(recordings.path('two')), await read(recordings.path('one'))];
    const names = (order: readonly Recording[]): string[] =>
      mergeRecordings(order, { merge: false }).flatMap(({ events }) =>
        events.map(({ actions }) => actions.join()),
      );
    expect(names(files).slice(-3)).toEqual(['Send', 'Receive', 'Reply']);
    expect(names([...files].reverse())).toEqual(names(files));
  });

  it('goes on where an earlier process of its name was torn, with a later clock', async () => {
    const file = recordings.path('again');
    const first = createRecorder({ file, process: 'p' });
    first.record('A');
    first.record('B');
    first.close();
    appendFileSync(file, '{"clock":3,"process":"p","act');
    const second = createRecorder({ file, process: 'p' });
    second.record('C');
    second.close();
    const { events, notes } = await read(file);
    expect(events.map(({ clock, actions }) => [clock, actions[0]])).toEqual([
      [1, 'A'],
      [2, 'B'],
      [3, 'C'],
    ]);
    expect(notes.join('\n')).toMatch(/run:4: this line is torn.*\n.*began to record again/);
  });

  it('never throws into the program, and writes nothing after an error', () => {
    const errors: string[] = [];
    const file = recordings.path('broken');
    const recorder = createRecorder({
      file,
      process: 'p',
      onError: ({ message }) => errors.push(message),
    });
    recorder.record('A', { x: 1 });
    recorder.record('B', { x: 0.5 });
    recorder.record('C', { x: 1 });
    recorder.close();
    expect(errors).toEqual(['x is 0.5, which is no TLA+ value']);
    expect(recorder.error?.message).toBe(errors[0]);
    expect(linesOf(file).slice(1)).toMatchObject([{ action: 'A' }, { bisim: 'stopped' }]);

    mkdirSync(recordings.path('folder'));
    const nowhere = createRecorder({ file: recordings.path('folder'), process: 'p' });
    nowhere.record('A');
    nowhere.close();
    expect(nowhere.error?.message).toContain('EISDIR');
    const asked = {
      onError: (error: Error): never => {
        throw error;
      },
    };
    expect(() =>
      createRecorder({ file: recordings.path('folder'), process: 'p', ...asked }),
    ).toThrow('EISDIR');
  });

  it.skipIf(!existsSync('/dev/full'))('survives a full disk', () => {
    const recorder = createRecorder({ file: '/dev/full', process: 'p' });
    recorder.record('A');
    recorder.close();
    expect(recorder.error?.message).toContain('ENOSPC');
  });

  it('ends before its bound, and says so to the reader', async () => {
    const file = recordings.path('bound');
    const recorder = createRecorder({ file, process: 'p', maxBytes: 500 });
    for (let i = 0; i < 100; i++) recorder.record('Step', { i });
    recorder.close();
    expect(statSync(file).size).toBeLessThan(650);
    const { events, notes } = await read(file);
    expect(events.length).toBeGreaterThan(2);
    expect(notes.join()).toContain('the recorder stopped here: the recording reached its limit');
  });

  it('leaves a readable file behind a process that is killed', async () => {
    const file = recordings.path('killed');
    const recorder = fileURLToPath(new URL('../../dist/conformance/recorder.js', import.meta.url));
    const program = `
      const { createRecorder } = await import(${JSON.stringify(recorder)});
      const recorder = createRecorder({ file: ${JSON.stringify(file)}, process: 'p' });
      for (let i = 0; ; i++) {
        recorder.record('Step', { i: i % 1000 }, { x: new Set([i % 7]) });
        if (i === 2000) process.stdout.write('enough');
        if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const { events, notes } = await read(file);
    expect(events.length).toBeGreaterThan(2000);
    expect(events.map(({ clock }) => clock)).toEqual(events.map((_, i) => i + 1));
    expect(notes.length).toBeLessThanOrEqual(1);
  });

  it('needs no package: production code may carry it', async () => {
    const seen = new Set<string>();
    const follow = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      for (const [, name = ''] of readFileSync(url, 'utf8').matchAll(/from '([^']+)'/g)) {
        if (name.startsWith('.')) follow(new URL(name, url));
        else expect(name).toMatch(/^node:/);
      }
    };
    follow(new URL('../../conformance/recorder.ts', import.meta.url));
    expect(seen.size).toBeLessThan(12);
  });
});

const names = fc.oneof(
  fc.string(),
  fc.constantFrom('#set', '#map', '__proto__', 'constructor', 'a'),
);
const { value } = fc.letrec<{ value: TlaValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.boolean(),
    fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('None', '"', '\\', 'é', '\n').map((text) => text),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((all) => new Set(all)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((all) => new Map(all)),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
}));

describe('values in recordings', () => {
  test.prop([value])('read back as what was recorded', (given) => {
    const table = new ValueTable();
    const encoded = JSON.parse(JSON.stringify(encodeValue(given, 'x'))) as unknown;
    const back = decodeValue(encoded, 'x', { modelValues: new Set() });
    expect(same(table, back)).toEqual(same(table, given));
  });

  test.prop([fc.json()])('are a value or a reason, whatever the JSON', (json) => {
    const recorded = JSON.parse(json) as unknown;
    try {
      decodeValue(recorded, 'x', { modelValues });
    } catch (error) {
      expect((error as Error).name).toBe('BadValueError');
    }
  });
});

/** The number of a value, or the reason it has none: a Map with one key twice, say. */
function same(table: ValueTable, given: TlaValue): unknown {
  try {
    return table.intern(given);
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe('readRecording', () => {
  const refused = async (text: string): Promise<string> => {
    const file = recordings.path('refused');
    writeFileSync(file, text);
    const error: unknown = await read(file).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  };
  const head = `${JSON.stringify(header)}\n`;

  it('refuses what is no recording at its line', async () => {
    expect(await refused('')).toBe('run:1: the file is empty: no recording');
    expect(await refused('noise\n')).toContain('run:1: not one JSON value');
    expect(await refused('noise')).toContain('run:1: there is no header line');
    expect(await refused('{"clock":1,"action":"A"}\n')).toContain('no header line');
    expect(await refused(`${head}[1]\n`)).toBe('run:2: not a JSON object');
    expect(await refused(`${head}{"clock":1,"action":""}\n`)).toContain('run:2: the action is ""');
    expect(await refused(`${head}{"clock":1,"action":"A","args":3}\n`)).toContain(
      'args is no object',
    );
    expect(await refused(`${head}{"clock":2,"action":"A"}\n{"clock":2,"action":"A"}\n`)).toContain(
      'run:3: the clock goes from 2 to 2',
    );
    expect(await refused(`${head}oops\n{"clock":2,"action":"A"}\n`)).toContain(
      'run:2: not one JSON',
    );
    expect(await refused(`${head.replace('1', '9')}`)).toContain('a recording of version 9');
  });

  it('refuses integers that TLC would not hold, with line and variable', async () => {
    const line = (changed: string): string =>
      `${head}{"clock":1,"action":"A","changed":${changed}}\n`;
    expect(await refused(line('{"t":2147483648}'))).toContain(
      "run:2: t is 2147483648: TLC's integers end at ±2147483647",
    );
    expect(await refused(line('{"t":[0,{"#bigint":"-99999999999999999999"}]}'))).toContain(
      't[1] is -9999',
    );
    expect(await refused(line('{"t":{"a":1.5}}'))).toContain(
      't.a is 1.5, which is no whole number',
    );
    expect(await refused(line('{"t":null}'))).toContain('t is null');
  });

  const whole = [
    { ...header, state: { x: 1 } },
    { clock: 1, action: ['A', 'B'], args: [{ a: { '#set': [1] } }, {}], changed: {} },
    { clock: 2, action: 'A', changed: { x: { '#change': [{ at: ['r'], put: { '#tup': [] } }] } } },
  ];
  const text = whole.map((line) => `${JSON.stringify(line)}\n`).join('');
  const spoil = fc.record({
    at: fc.nat(text.length),
    cut: fc.nat(12),
    put: fc.oneof(fc.string(), fc.constantFrom('\n', '"#set":', '{', ']', 'null', '-1', '1e400')),
  });
  const runs = process.env['BISIM_LONG'] === '1' ? 1_000_000 : 500;

  test.prop([fc.array(spoil, { maxLength: 4 })], { numRuns: runs })(
    'gives events or a reason, whatever was done to the bytes',
    (changes) => {
      let spoilt = text;
      for (const { at, cut, put } of changes) {
        spoilt = spoilt.slice(0, at) + put + spoilt.slice(at + cut);
      }
      const reader = new EventReader({ name: 'run', modelValues });
      const lines = spoilt.split('\n');
      const last = lines.pop() ?? '';
      try {
        for (const line of lines) reader.line(line);
        if (last !== '') reader.torn();
        expect(reader.recording().events.length).toBeLessThanOrEqual(lines.length);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    },
    600_000,
  );

  it('passes over a torn last line, and says so', async () => {
    const file = recordings.path('torn');
    writeFileSync(file, `${head}{"clock":1,"action":"A"}\n{"clock":2,"act`);
    const { events, notes } = await read(file);
    expect(events).toHaveLength(1);
    expect(notes).toEqual(['run:3: this line is torn, as a crash leaves it; it is passed over']);
  });

  it('reads model values by their names, and changes of parts', async () => {
    const file = recordings.path('parts');
    const recorder = createRecorder({ file, process: 'p' });
    const none = modelValue('None');
    recorder.record('A', {}, { log: change().put(['a1'], none).append([1], ['b']).add([2]) });
    recorder.close();
    const { events } = await read(file);
    expect(events[0]!.changed!.get('log')).toEqual({
      kind: 'parts',
      parts: [
        { kind: 'put', path: [modelValue('a1')], value: none },
        { kind: 'append', path: ['b'], value: [1] },
        { kind: 'add', path: [], value: new Set([2]) },
      ],
    });
  });
});
