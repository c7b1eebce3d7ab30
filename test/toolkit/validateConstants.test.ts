/**
 * Runs that say what the spec's constants were, ticks of a clock that nobody waits for, and queues
 * that lose their beginning: what recordings of a real system need beyond those of a model.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { createRecorder, change, modelValue } from '../../conformance/recorder.ts';
import type { RecordedValues } from '../../conformance/recorder.ts';
import { validateTraces } from '../../conformance/validate/validateTraces.ts';
import { hasJava } from './tlcPresent.ts';
import { Recordings, votingModel } from './validateVoting.ts';

const recordings = new Recordings();
afterAll(() => recordings.remove());

const [s1, s2, s3] = ['s1', 's2', 's3'].map(modelValue);

/** Ballot 7 and server s3 are none of the cfg's. */
function run(name: string, constants?: RecordedValues): string {
  const file = recordings.path(name);
  const recorder = createRecorder({ file, process: 'p', ...(constants && { constants }) });
  recorder.record('Ask', { b: 7 });
  recorder.record('Answer', { s: s1!, b: 7 }, { promised: change().put([s1!], 7) });
  recorder.record('Choose', {}, { chosen: 7 });
  recorder.close();
  return file;
}

describe.skipIf(!hasJava)('validate', () => {
  it('takes the constants of a run from its recording, each run its own', async () => {
    const servers = { Servers: new Set([s1!]), Ballots: new Set([7]) };
    const files = [
      run('own', servers),
      run('more', { ...servers, Servers: new Set([s1!, s2!]) }),
      run('none'),
    ];
    const model = await votingModel({ hidden: ['msgs'] });
    const outcome = await validateTraces(model, files, { explain: false, from: recordings.folder });
    expect(outcome.traces.map(({ verdict, matched }) => [verdict, matched])).toEqual([
      ['accepted', 3],
      ['rejected', 2],
      ['rejected', 0],
    ]);
    expect(outcome.knownBad).toEqual({ rejected: 3, total: 3 });
  });

  it('refuses a constant that the spec does not have, and one that two processes tell apart', async () => {
    const model = await votingModel();
    const strange = run('strange', { Voters: 3 });
    await expect(validateTraces(model, [strange])).rejects.toThrow('Voters is no constant');
    const files = [1, 2].map((ballot) => {
      const file = recordings.path(`ballot${ballot}`);
      const constants = { Ballots: new Set([ballot]) };
      createRecorder({ file, process: `p${ballot}`, run: 'r', constants }).close();
      return file;
    });
    await expect(validateTraces(model, files)).rejects.toThrow('differ in the constant Ballots');
  });

  it('passes over an optional event where the spec does not allow it, and nowhere else', async () => {
    const file = recordings.path('optional');
    const constants = { Servers: new Set([s1!, s2!, s3!]) };
    const recorder = createRecorder({ file, process: 'p', constants });
    recorder.record('Choose', {}, {});
    recorder.record('Ask', { b: 1 });
    recorder.record('Answer', { s: s1!, b: 1 });
    recorder.record('Choose', {}, {});
    recorder.record('Answer', { s: s2!, b: 1 });
    // Now there is a quorum: nothing would be a lie.
    recorder.record('Choose', {}, {});
    recorder.close();
    const model = await votingModel({ hidden: ['msgs'], optional: ['Choose'] });
    const { traces } = await validateTraces(model, [file], { explain: false });
    expect(traces.map(({ verdict, matched }) => [verdict, matched])).toEqual([['rejected', 5]]);
  });
});
