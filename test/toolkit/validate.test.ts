/**
 * Recorded runs held to a spec by TLC: right ones are accepted, and each kind of fault that is
 * planted in one is found where it stands, with its reason.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Cache } from '../../conformance/behaviour/cache.ts';
import { validateTraces } from '../../conformance/validate/validateTraces.ts';
import type {
  ValidateOutcome,
  ValidateOptions,
} from '../../conformance/validate/validateTraces.ts';
import type { Binding } from '../../conformance/replay/binding.ts';
import { createRecorder, modelValue, type RecordedChanges } from '../../conformance/recorder.ts';
import { hasJava } from './tlcPresent.ts';
import { header, Recordings, Voting, votingModel, type Line } from './validateVoting.ts';

const recordings = new Recordings();
afterAll(() => recordings.remove());

const right = (): Line[] =>
  readFileSync(recordings.run(`right-${Math.random()}.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

async function validated(
  files: readonly string[],
  change: Partial<Binding<unknown>> = {},
  o: ValidateOptions = {},
): Promise<ValidateOutcome> {
  return validateTraces(await votingModel(change), files, {
    from: recordings.folder,
    explain: false,
    ...o,
  });
}

/** Clocks as the order of the lines has them. */
const inOrder = (lines: Line[]): Line[] =>
  lines.map((line, i) => (i === 0 ? line : { ...line, clock: i }));

describe.skipIf(!hasJava)('validate', () => {
  it('accepts what the spec allows and finds each planted fault at its event', async () => {
    const wrongValue = right();
    (wrongValue[6]!.changed as Line)['chosen'] = 1;
    const wrongArgument = right();
    (wrongArgument[2]!.args as Line)['s'] = 's2';
    const skipped = inOrder(right().filter((_, i) => i !== 3));
    const [head, first, second, ...rest] = right() as [Line, Line, Line];
    const swapped = inOrder([head, second, first, ...rest]);
    const unsaid = right();
    delete (unsaid[4]!.changed as Line)['msgs'];
    const files = Object.entries({ wrongValue, wrongArgument, skipped, swapped, unsaid }).map(
      ([name, lines]) => recordings.write(name, lines),
    );

    const outcome = await validated([recordings.run('a'), ...files], {}, { explain: true });

    expect(outcome.verdict).toBe('violation');
    const [accepted, ...rejected] = outcome.traces;
    expect(accepted).toMatchObject({ verdict: 'accepted', events: 7, matched: 7 });
    expect(rejected.map(({ name, matched }) => [name, matched])).toEqual([
      ['wrongValue', 5],
      ['wrongArgument', 1],
      ['skipped', 2],
      ['swapped', 0],
      ['unsaid', 3],
    ]);
    expect(outcome.knownBad).toEqual({ rejected: 3, total: 3 });
    expect(rejected[0]!.rejection).toMatchObject({
      event: { file: 'wrongValue', line: 7, actions: ['Choose'] },
      lastMatched: { file: 'wrongValue', line: 6, actions: ['Answer'] },
      state: { chosen: 'None', promised: '(s1 :> 2 @@ s2 :> 2)' },
      differences: [{ variable: 'chosen', recorded: '1', expected: '2' }],
    });
    expect(rejected[1]!.rejection!.fits).toEqual([{ action: 'Answer', args: { s: 's1', b: '1' } }]);
    const { falseGuard, enabled } = rejected[2]!.rejection!;
    expect(falseGuard).toMatchObject({
      action: 'Answer',
      text: '[type |-> "ask", bal |-> b, from |-> None] \\in msgs',
      file: 'Voting.tla',
      line: 39,
    });
    expect(enabled).toContainEqual({ action: 'Ask', args: { b: '2' } });
    expect(enabled).not.toContainEqual({ action: 'Answer', args: { s: 's1', b: '2' } });
    expect(rejected[4]!.rejection!.differences.map(({ variable }) => variable)).toEqual(['msgs']);
  });

  it('rejects one trace whose values the spec cannot compare, and keeps the verdicts of others', async () => {
    const strange = right();
    (strange[6]!.changed as Line)['chosen'] = 'two';
    const files = [recordings.write('strange', strange), recordings.run('b')];
    files.push(recordings.write('strange2', strange));
    const outcome = await validated(files, {}, { explain: true });
    expect(outcome.traces.map(({ verdict, matched }) => [verdict, matched])).toEqual([
      ['rejected', 5],
      ['accepted', 7],
      ['rejected', 5],
    ]);
    expect(outcome.traces[0]!.rejection).toMatchObject({
      tlc: expect.stringContaining('Attempted to check equality') as string,
      differences: [{ variable: 'chosen', recorded: '"two"', expected: '2' }],
    });
  });

  it('lets hidden variables be whatever the spec makes of them', async () => {
    const lines = right();
    for (const line of lines.slice(1)) delete (line['changed'] as Line)['msgs'];
    const seen = recordings.write('seen', lines);
    // Asks are seen by nobody now; without them no answer is possible.
    const unasked = inOrder(lines.filter(({ action }) => action !== 'Ask'));
    const silent = recordings.write('silent', unasked);
    const verdicts = async (change: Partial<Binding<unknown>>): Promise<string[]> =>
      (await validated([seen, silent], change)).traces.map(({ verdict }) => verdict);
    expect(await verdicts({})).toEqual(['rejected', 'rejected']);
    expect(await verdicts({ hidden: ['msgs'] })).toEqual(['accepted', 'rejected']);
    const binding = { hidden: ['msgs'], silent: ['Ask'], silentMax: 1 };
    expect(await verdicts(binding)).toEqual(['accepted', 'accepted']);
  });

  it('lets no more silent steps pass in a row than the binding says', async () => {
    const [program, file] = [new Voting(), recordings.path('two silent')];
    const recorder = createRecorder({ file, process: 'p' });
    for (const bal of [1, 2]) program.ask(bal);
    recorder.record('Answer', { s: modelValue('s1'), b: 2 }, program.answer(0, 2));
    recorder.close();
    const verdict = async (silentMax: number): Promise<unknown> =>
      (await validated([file], { silent: ['Ask'], silentMax })).traces[0]?.verdict;
    expect(await verdict(1)).toBe('rejected');
    expect(await verdict(2)).toBe('accepted');
  });

  it('takes one event for several actions, by the recording or by the binding', async () => {
    const lines = right();
    const [head, ask, answer, ...rest] = lines as [Line, Line, Line];
    const changed = answer['changed'];
    const both = { ...answer, action: ['Ask', 'Answer'], args: [{ b: 1 }, { s: 's1', b: 1 }] };
    const listed = recordings.write('listed', inOrder([head, both, ...rest]));
    const named = { ...answer, action: 'AskAndAnswer', args: { s: 's1', b: 1 }, changed };
    const byName = recordings.write('byName', inOrder([head, named, ...rest]));
    const wrong = recordings.write(
      'wrongPart',
      inOrder([head, ask, { ...both, args: [{ b: 2 }, { s: 's1', b: 1 }] }]),
    );
    const composed = { AskAndAnswer: ['Ask', 'Answer'] };

    const outcome = await validated([listed, byName, wrong], { composed });

    expect(outcome.traces.map(({ verdict, matched }) => [verdict, matched])).toEqual([
      ['accepted', 6],
      ['accepted', 6],
      ['rejected', 1],
    ]);
    expect(outcome.traces[2]!.rejection!.event!.actions).toEqual(['Ask', 'Answer']);
  });

  it('holds an event of several actions to the state before the first of them', async () => {
    const composed = (name: string, changed: (program: Voting) => RecordedChanges): string => {
      const [program, file] = [new Voting(), recordings.path(name)];
      const recorder = createRecorder({ file, process: 'p' });
      recorder.record('Ask', { b: 1 }, program.ask(1));
      for (const [i, s] of ['s1', 's2'].map(modelValue).entries())
        recorder.record('Answer', { s, b: 1 }, program.answer(i, 1));
      recorder.record(['Ask', 'Choose'], { b: 2 }, changed(program));
      recorder.close();
      return file;
    };
    const whole = composed('whole', (program) => ({ ...program.ask(2), ...program.choose(1) }));
    // That nothing was asked is true of its last action alone.
    const part = composed('last part', (program) => program.choose(1));
    const { traces } = await validated([whole, part]);
    expect(traces.map(({ verdict, matched }) => [verdict, matched])).toEqual([
      ['accepted', 4],
      ['rejected', 3],
    ]);
  });

  it('allows stuttering, unnamed steps, open arguments, partial events and a given start', async () => {
    const [head, ask, answer, ...rest] = right() as [Line, Line, Line, ...Line[]];
    const stutter = { action: 'stutter', changed: {} };
    const { args: _args, ...open } = answer;
    const { action: _action, args: _more, ...unnamed } = rest[0]!;
    const { promised } = rest[1]!['changed'] as Line;
    const partial = { ...rest[1], changed: { promised }, partial: true };
    const loose = recordings.write(
      'loose',
      inOrder([head, ask, stutter, open, unnamed, partial, ...rest.slice(2)]),
    );
    const start = {
      promised: {
        '#map': [
          ['s1', 'None'],
          ['s2', 'None'],
        ],
      },
      chosen: 'None',
    };
    const from = recordings.write('from', [{ ...head, state: start }, ask]);
    const elsewhere = recordings.write('elsewhere', [{ ...head, state: { chosen: 2 } }, ask]);
    const nine = { ...ask, args: { b: 9 } };
    const ballotNine = recordings.write('ballotNine', [head, nine]);
    const noStutter = recordings.write(
      'noStutter',
      inOrder([head, { ...stutter, changed: ask['changed'] }]),
    );

    const outcome = await validated([loose, from, noStutter]);
    // A start that is none says which initial state is nearest, and what differs.
    const other = await validated([elsewhere, ballotNine], {}, { explain: true });

    expect(outcome.traces.map(({ verdict }) => verdict)).toEqual([
      'accepted',
      'accepted',
      'rejected',
    ]);
    expect(other.traces[0]).toMatchObject({ verdict: 'rejected', matched: 0 });
    const { event, state, differences } = other.traces[0]!.rejection!;
    expect(event).toBeUndefined();
    expect(state).toMatchObject({ chosen: 'None', msgs: '{}' });
    expect(differences).toMatchObject([{ variable: 'chosen', recorded: '2', expected: 'None' }]);
    const outside = { action: 'Ask', text: 'b \\in Ballots', file: 'Voting.tla', line: 55 };
    expect(other.traces[1]!.rejection!.falseGuard).toMatchObject(outside);
  });

  it('validates fifty traces in one JVM', async () => {
    const files = Array.from({ length: 50 }, (_, i) => recordings.run(`many-${i}`));
    const lines = right();
    (lines[6]!.changed as Line)['chosen'] = 1;
    files[31] = recordings.write('bad-one', lines);
    const outcome = await validated(files);
    const rejected = outcome.traces.filter(({ verdict }) => verdict !== 'accepted');
    expect(rejected.map(({ name }) => name)).toEqual(['bad-one']);
    expect(outcome.matchedSteps).toHaveLength(49 * 7 + 5);
  });

  it('keeps verdicts by the content of traces, spec and rules of the binding', async () => {
    const cache = new Cache({ folder: recordings.path('cache') });
    const lines = right();
    const file = recordings.write('kept', lines);
    expect(await validated([file], {}, { cache })).toMatchObject({ verdict: 'ok', cached: false });
    expect(await validated([file], {}, { cache })).toMatchObject({ verdict: 'ok', cached: true });
    const hidden = await validated([file], { hidden: ['msgs'] }, { cache });
    expect(hidden).toMatchObject({ verdict: 'ok', cached: false });
    (lines[6]!.changed as Line)['chosen'] = 1;
    recordings.write('kept', lines);
    expect(await validated([file], {}, { cache })).toMatchObject({
      verdict: 'violation',
      cached: false,
    });
  });

  it('fails where nothing was checked', async () => {
    const none = recordings.write('none', [header]);
    const outcome = await validated([none]);
    expect(outcome.verdict).toBe('violation');
    expect(outcome.problems.join()).toContain('no events');
    await expect(validated([])).rejects.toThrow('no trace is named');
  });
});
