/**
 * Whole runs: processes that each know their own part, merged by what caused what; traces of states
 * from other tools; and the verb, with its exit codes and its report.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { change, createRecorder, modelValue } from '../../conformance/recorder.ts';
import { validateReportSchema } from '../../conformance/report/validateReport.ts';
import { validateVerb, type ValidateFlags } from '../../conformance/validate/validateVerb.ts';
import { validateTraces } from '../../conformance/validate/validateTraces.ts';
import { hasJava } from './tlcPresent.ts';
import { header, Recordings, votingModel } from './validateVoting.ts';

const recordings = new Recordings();
afterAll(() => recordings.remove());

const none = modelValue('None');
const message = (type: string, bal: number, from = none) => ({ type, bal, from });

/** A client and a server, each with a file of its own and a clock that travels with messages. */
function twoProcesses(run: string, o: { lostToken?: boolean } = {}): string[] {
  const files = ['client', 'server'].map((name) => recordings.path(`${run}-${name}`));
  const client = createRecorder({ file: files[0]!, process: 'client', run });
  const server = createRecorder({ file: files[1]!, process: 'server', run });
  const s1 = modelValue('s1');
  for (const bal of [1, 2]) {
    client.record('Ask', { b: bal }, { msgs: change().add([message('ask', bal)]) });
    // The later name wins ties: only the token puts the answer after the ask.
    if (!o.lostToken) server.receive(client.send());
    server.record(
      'Answer',
      { s: s1, b: bal },
      { promised: change().put([s1], bal), msgs: change().add([message('answer', bal, s1)]) },
    );
    if (!o.lostToken) client.receive(server.send());
  }
  for (const recorder of [client, server]) recorder.close();
  return files;
}

const flags: ValidateFlags = { merge: false, cache: false };
const bindingPath = new URL('./validateVoting.ts', import.meta.url).pathname;

async function verb(files: readonly string[], change: Partial<ValidateFlags> = {}) {
  const said: string[] = [];
  const progress = { write: (text: string) => said.push(text) };
  const { signal } = new AbortController();
  const context = { signal, cwd: recordings.folder, progress };
  const outcome = await validateVerb(bindingPath, files, { ...flags, ...change }, context);
  return { ...outcome, report: validateReportSchema.parse(outcome.report) };
}

describe.skipIf(!hasJava)('validate, whole runs', () => {
  it('merges the recordings of one run by their clocks, in whichever order they are named', async () => {
    const files = twoProcesses('told');
    const untold = twoProcesses('untold', { lostToken: true });
    const bound = await votingModel();
    const o = { from: recordings.folder, explain: false };
    const outcome = await validateTraces(bound, [...files].reverse().concat(untold), o);
    expect(outcome.traces).toMatchObject([
      { name: 'told', verdict: 'accepted', events: 4 },
      { name: 'untold', verdict: 'accepted', events: 4 },
    ]);
    const server = await validateTraces(bound, [files[1]!], o);
    expect(server.traces).toMatchObject([{ name: 'told-server', verdict: 'rejected', matched: 0 }]);
  });

  it('holds changes of parts to the whole variable', async () => {
    const ask = { clock: 1, action: 'Ask', args: { b: 1 } };
    const add = (bal: number) => ({ add: { '#set': [{ type: 'ask', bal, from: 'None' }] } });
    const cases: Record<string, [object, string]> = {
      right: [{ msgs: { '#change': [add(1)] } }, 'accepted'],
      more: [{ msgs: { '#change': [add(1), add(2)] } }, 'rejected'],
      elsewhere: [
        { msgs: { '#change': [add(1)] }, promised: { '#change': [{ at: ['s1'], put: 1 }] } },
        'rejected',
      ],
      nobody: [
        { msgs: { '#change': [add(1)] }, promised: { '#change': [{ at: ['s3'], put: 'None' }] } },
        'rejected',
      ],
    };
    const files = Object.entries(cases).map(([name, [changed]]) =>
      recordings.write(`part-${name}`, [header, { ...ask, changed }]),
    );
    const outcome = await validateTraces(await votingModel(), files, { explain: false });
    expect(outcome.traces.map(({ verdict }) => verdict)).toEqual(
      Object.values(cases).map(([, verdict]) => verdict),
    );
  });

  it('takes ITF as a recording of states, with or without the names of steps', async () => {
    const ask = { type: 'ask', bal: { '#bigint': '1' }, from: 'None' };
    const promised = {
      '#map': [
        ['s1', 'None'],
        ['s2', 'None'],
      ],
    };
    const state = (msgs: unknown[], chosen: unknown, meta = {}) => ({
      '#meta': meta,
      promised,
      msgs: { '#set': msgs },
      chosen,
    });
    const itf = (states: unknown[]) => ({ vars: ['promised', 'msgs', 'chosen'], states });
    const write = (name: string, states: unknown[]): string => {
      const file = recordings.path(name);
      writeFileSync(file, JSON.stringify(itf(states)));
      return file;
    };
    const asked = state([ask], 'None', { action: 'Ask', args: { b: 1 } });
    const files = [
      write('named.itf.json', [state([], 'None'), asked, asked]),
      write('plain.itf.json', [state([], 'None'), state([ask], 'None'), state([ask], 'None')]),
      write('wrong.itf.json', [state([], 'None'), state([ask], 1)]),
    ];
    const outcome = await validateTraces(await votingModel(), files, { explain: false });
    expect(outcome.traces.map(({ verdict }) => verdict)).toEqual([
      'accepted',
      'accepted',
      'rejected',
    ]);
  });

  it('tells why in words, and which guard inside a quantifier is false', async () => {
    const early = recordings.write('early', [
      header,
      { clock: 1, action: 'Ask', args: { b: 1 } },
      { clock: 2, action: 'Choose', changed: { chosen: 1 } },
    ]);
    appendFileSync(early, '{"clock":3,"act');
    const { text, report, exitCode, cases, page } = await verb([recordings.run('fine'), early]);
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ verdict: 'violation', matched: 8, events: 9 });
    const { falseGuard, lastMatched } = report.traces[1]!.rejection!;
    expect(lastMatched).toMatchObject({ file: 'early', line: 2 });
    expect(falseGuard).toMatchObject({ action: 'Choose', file: 'Voting.tla', line: 49 });
    expect(falseGuard!.text).toMatch(/^2 \* Cardinality\(.*\) > Cardinality\(Servers\)$/);
    expect(text).toContain('rejected early: 1 of 2 events');
    expect(text).toContain('note: early:4: this line is torn');
    expect(text).toContain('last matched: early:2 Ask(b = 1)');
    expect(text).toContain('enabled there: Ask(b = 1), Ask(b = 2), Answer(s = s1, b = 1)');
    expect(text).toMatch(/false guard of Choose: .*\n +Voting.tla:49:/);
    expect(cases[1]).toMatchObject({ verdict: 'failed', file: 'early', line: 3 });
    expect(page!.counterexamples).toHaveLength(1);
  });

  it('exits with 0 only for accepted traces, and with 4 where a limit ended it', async () => {
    const file = recordings.run('whole');
    expect(await verb([file])).toMatchObject({ exitCode: 0, report: { verdict: 'ok' } });
    const empty = await verb([recordings.write('header', [header])]);
    expect(empty).toMatchObject({ exitCode: 1, report: { verdict: 'violation' } });
    expect(empty.cases[0]!.verdict).toBe('failed');
    const small = await verb([file], { memory: 2 });
    expect(small).toMatchObject({ exitCode: 4, report: { verdict: 'unknown' } });
    expect(small.report.problems.join()).toContain('TLC ran out of its 2 MB');
  });
});
