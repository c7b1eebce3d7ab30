/** The checks are checked: a known-bad case that passes, or none at all, is no pass. */
import { describe, expect, it } from 'vitest';
import type { TaskAnswer } from '../../conformance/verify/task.ts';
import { nothing } from '../../conformance/verify/task.ts';
import { emptyReport } from '../../conformance/verify/emptyReport.ts';
import { summarize, type SummaryInput } from '../../conformance/verify/summary.ts';
import { addUp } from '../../conformance/replaying/addUp.ts';

const model = { name: 'M', room: 'specs', row: { mode: 'check' } } as Parameters<
  typeof emptyReport
>[0];
const project = { models: [{ name: 'M' }], mutants: [], seed: 1 };
const environment = { node: '20', java: '17', tlc: '2.18', jar: null, jarSource: null };

function summary(knownBad: TaskAnswer['knownBad']) {
  const answers = [{ ...nothing, models: [emptyReport(model)], knownBad }];
  const flags = { skipped: [], complete: true, interrupted: false, seconds: 1 };
  const input = { project, answers, environment, ...flags } as unknown as SummaryInput;
  const { exitCode, problems } = summarize(input);
  return [exitCode, problems.join()];
}

describe('the main job', () => {
  const stale = { check: 'history', what: 'a stale read', rejected: true };

  it('passes where each known-bad case was rejected', () => {
    expect(summary([stale])).toEqual([0, '']);
  });

  it('fails where a known-bad case was accepted, and where none was run', () => {
    expect(summary([stale, { ...stale, rejected: false }])).toEqual([
      1,
      'history did not reject a known-bad case: a stale read',
    ]);
    expect(summary([])).toEqual([1, 'no known-bad case was run: the check itself is not checked']);
  });
});

describe('a replay', () => {
  const verdict = (rejected: boolean): unknown => {
    const counts = { paths: 1, steps: 1, diverged: 0, failures: [], failureCount: 0, seconds: 1 };
    const knownBad = [{ check: 'tours', what: 'a spoilt tour', rejected }];
    const setting = {
      bound: { binding: { name: 'b', actions: {} }, files: { name: 'M' } },
      settings: { mode: 'trace', seed: 1 },
      shard: { index: 0, count: 1 },
      flags: {},
      facts: { parameterNames: {} },
    } as unknown as Parameters<typeof addUp>[1];
    return addUp([{ verdict: 'ok', ...counts, knownBad }], setting).report.verdict;
  };

  it('fails where its spoilt case was accepted', () => {
    expect([verdict(true), verdict(false)]).toEqual(['ok', 'violation']);
  });
});
