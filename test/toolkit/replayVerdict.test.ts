/** What the shares of a replay add up to: a pass only where something ran, and where bad cases failed. */
import { describe, expect, it } from 'vitest';
import type { BoundModel } from '../../conformance/project/bindingFiles.ts';
import { addUp } from '../../conformance/replaying/addUp.ts';
import type { ShareAnswer, ShareSettings } from '../../conformance/replaying/share.ts';
import { parameterNames, voting } from './replayVoting.ts';

const passed: ShareAnswer = {
  ...{ verdict: 'ok', paths: 3, steps: 9, diverged: 0, failures: [], failureCount: 0, seconds: 1 },
  knownBad: [{ check: 'replay', what: 'a spoilt tour', rejected: true }],
};

function verdictOf(...answers: readonly ShareAnswer[]) {
  const files = { cfg: '/p/Voting.cfg', name: 'Voting' };
  const bound = { binding: voting, path: '/p/voting.ts', files } as unknown as BoundModel;
  const settings: ShareSettings = {
    ...{ mode: 'tours', coverage: 'edge', inRow: 2, seed: 1, steps: 100, depth: 20 },
    ...{ offers: true, maxFailures: 10 },
  };
  const facts = { constants: {}, parameterNames, boundedLeaves: false };
  const given = { shard: { index: 0, count: 1 }, kept: false, cached: false, seconds: 1 };
  const { report } = addUp(answers, { bound, settings, facts, ...given });
  return {
    verdict: report.verdict,
    reason: report.reason,
    kinds: report.failures.map((f) => f.kind),
  };
}

describe('the verdict of a replay', () => {
  it('is ok where paths ran and every known-bad case was rejected', () => {
    expect(verdictOf(passed, passed)).toEqual({ verdict: 'ok', reason: null, kinds: [] });
  });

  it('is a violation where a known-bad case was accepted by any share', () => {
    const blind = { ...passed, knownBad: [{ ...passed.knownBad[0]!, rejected: false }] };
    const { verdict, reason } = verdictOf(passed, blind);
    expect(verdict).toBe('violation');
    expect(reason).toBe('the check itself is broken: it accepted a spoilt tour');
  });

  it('is a violation where failures were counted and none was kept', () => {
    const counted = { ...passed, verdict: 'violation', failureCount: 2, knownBad: [] } as const;
    expect(verdictOf(passed, counted).verdict).toBe('violation');
  });

  it('is a violation where nothing ran, and unknown where a limit came first', () => {
    const none = { ...passed, paths: 0, steps: 0, knownBad: [] };
    expect(verdictOf(none, none)).toMatchObject({ verdict: 'violation', kinds: ['empty'] });
    expect(verdictOf(passed, none).verdict).toBe('ok');
    const cut = { ...passed, verdict: 'unknown', reason: 'the time limit passed' } as const;
    expect(verdictOf(passed, cut)).toMatchObject({ verdict: 'unknown', reason: cut.reason });
  });
});
