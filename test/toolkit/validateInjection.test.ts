/**
 * Recordings come from anywhere: whatever their strings, names and numbers are, they stay data. A
 * spec that takes any string for a key and a value is held to recordings of hostile ones.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { boundModel, type BoundModel } from '../../conformance/project/bindingFiles.ts';
import { createRecorder } from '../../conformance/recorder.ts';
import { validateTraces } from '../../conformance/validate/validateTraces.ts';
import { hasJava } from './tlcPresent.ts';
import { header, Recordings, votingModel } from './validateVoting.ts';

const recordings = new Recordings();
afterAll(() => recordings.remove());

const anyModule = `---- MODULE Any ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Field(k, v) == x' = [i \\in {k} |-> v]
Next == \\E k \\in STRING, v \\in STRING : Field(k, v)
Spec == Init /\\ [][Next]_x
====
`;

const hostile = [
  ...['q"uote', 'back\\slash', '\\"', '\\n', '\\', '', ' ', '_', '1a', 'IF', 'LET', 'WF_x'],
  ...['" /\\ FALSE /\\ "', '">> ==== \\* ', '(* c', '*)', '\\* c', '====', '---- MODULE X ----'],
  ...['@!@!@STARTMSG 2262:0 @!@!@', '<<"@bisim", 1, 2>>', '@bisim:\\u0041', '"@bisim state"'],
  ...['é', 'ÿ', '日本', '😀', '\u2028', '\u0085', '\u007f', '\u00a0', '__proto__', 'constructor'],
  ...Array.from({ length: 32 }, (_, code) => `c${String.fromCharCode(code)}`),
];

async function anyBound(): Promise<BoundModel> {
  const path = recordings.path('binding.ts');
  writeFileSync(recordings.path('Any.tla'), anyModule);
  writeFileSync(recordings.path('Any.cfg'), 'SPECIFICATION Spec\n');
  writeFileSync(path, '');
  const nothing = { init: () => 0, view: () => ({}), actions: { Field: () => undefined } };
  const spec = { spec: recordings.path('Any.tla'), model: recordings.path('Any.cfg') };
  return boundModel({ name: 'any', ...spec, ...nothing }, { path, from: recordings.folder });
}

describe.skipIf(!hasJava)('recordings that no one can trust', () => {
  it('mean what they say, whatever stands in their strings and field names', async () => {
    const files = hostile.map((text, i) => {
      const file = recordings.path(`hostile-${i}`);
      const recorder = createRecorder({ file, process: 'p' });
      recorder.record('Field', { k: text, v: text }, { x: new Map([[text, text]]) });
      recorder.record('Field', { k: 'x', v: text }, { x: { x: text } });
      recorder.record('Field', { k: 'x', v: text }, { x: { x: `${text}!` } });
      recorder.close();
      return file;
    });
    const outcome = await validateTraces(await anyBound(), files, { explain: false });
    const wrong = outcome.traces.filter(({ matched }) => matched !== 2);
    expect(wrong).toEqual([]);
    expect(outcome.traces).toHaveLength(hostile.length);
  });

  it('show their strings as they are in the reason of a rejection', async () => {
    const file = recordings.path('shown');
    const recorder = createRecorder({ file, process: 'p' });
    recorder.record('Field', { k: '日', v: '"\\😀' }, { x: { 日: 'no' } });
    recorder.close();
    const { traces } = await validateTraces(await anyBound(), [file]);
    expect(traces[0]!.rejection!.differences[0]).toMatchObject({
      recorded: '("日" :> "no")',
      expected: '("日" :> "\\"\\\\😀")',
    });
  });

  it('are refused where they name what the spec lacks', async () => {
    const cases = {
      'A /\\ FALSE': { action: 'Ask(1) /\\ TRUE', args: {} },
      'no parameter': { action: 'Ask', args: { 'b |-> 1': 1 } },
      'no variable': { action: 'Ask', args: { b: 1 }, changed: { "chosen' = 1": 2 } },
      'is no action': { action: '__proto__' },
      '"action"': { action: 7 },
    };
    const bound = await votingModel();
    for (const [name, event] of Object.entries(cases)) {
      const file = recordings.write(`names-${name.replace(/\W/g, '')}`, [
        header,
        { clock: 1, ...event },
      ]);
      await expect(validateTraces(bound, [file]), name).rejects.toMatchObject({
        name: 'UsageError',
        message: expect.stringMatching(/names-\w+:2: /) as string,
      });
    }
  });

  it('are refused where they are no recordings at all', async () => {
    const bound = await votingModel();
    mkdirSync(recordings.path('folder'));
    symlinkSync(recordings.path('nowhere'), recordings.path('dangling'));
    writeFileSync(recordings.path('empty'), '');
    writeFileSync(recordings.path('noise'), Buffer.alloc(1 << 20, 0xfe));
    writeFileSync(recordings.path('noise.itf.json'), '[[[[');
    const names = ['missing', 'folder', 'dangling', 'empty', 'noise', 'noise.itf.json'];
    for (const name of names) {
      const run = validateTraces(bound, [recordings.path(name)]);
      await expect(run, name).rejects.toMatchObject({ next: expect.any(String) as string });
    }
  });
});
