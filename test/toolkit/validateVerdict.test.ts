/** A verdict is only as good as what was checked: the rules by which it is given. */
import { describe, expect, it } from 'vitest';
import { rejectionLines } from '../../conformance/validate/rejectionText.ts';
import { verdictOf } from '../../conformance/validate/verdict.ts';

const accepted = { name: 'a', verdict: 'accepted', events: 3 } as const;
const knownBad = { rejected: 1, total: 1 };

describe('the verdict of a validation', () => {
  it('is ok where all was accepted and the spoilt copies were not', () => {
    expect(verdictOf({ traces: [accepted], knownBad, cut: undefined })).toEqual({
      verdict: 'ok',
      problems: [],
    });
  });

  it('is an error where a spoilt copy passed, or none was run', () => {
    for (const blind of [
      { rejected: 0, total: 1 },
      { rejected: 2, total: 3 },
      { rejected: 0, total: 0 },
    ]) {
      const { verdict, problems } = verdictOf({
        traces: [accepted],
        knownBad: blind,
        cut: undefined,
      });
      expect(verdict).toBe('error');
      expect(problems.join()).toContain('blind');
    }
  });

  it('is a violation where nothing was checked', () => {
    const nothing = { rejected: 0, total: 0 };
    const empty = { name: 'e', verdict: 'rejected', events: 0 } as const;
    expect(verdictOf({ traces: [], knownBad: nothing, cut: undefined }).verdict).toBe('violation');
    expect(verdictOf({ traces: [empty], knownBad: nothing, cut: undefined })).toEqual({
      verdict: 'violation',
      problems: ['e: no events: nothing was checked'],
    });
    expect(verdictOf({ traces: [accepted, empty], knownBad, cut: undefined }).verdict).toBe(
      'violation',
    );
  });

  it('is unknown where a limit came first, unless something was rejected before', () => {
    const unknown = { name: 'u', verdict: 'unknown', events: 3 } as const;
    const rejected = { name: 'r', verdict: 'rejected', events: 3 } as const;
    expect(verdictOf({ traces: [accepted, unknown], knownBad, cut: 'timeout' }).verdict).toBe(
      'unknown',
    );
    expect(verdictOf({ traces: [rejected, unknown], knownBad, cut: 'timeout' }).verdict).toBe(
      'violation',
    );
  });
});

describe('a rejection in words', () => {
  const differences = [
    { variable: 'chosen', recorded: '1', expected: '2', parts: ['chosen: 1, expected 2'] },
  ];
  const known = { states: 1, enabled: [], fits: [], state: { chosen: 'None' }, differences };

  it('shows what was recorded beside what the spec does', () => {
    const event = { file: 'run', line: 7, actions: ['Choose'], args: {} };
    const lines = rejectionLines({ ...known, event });
    expect(lines[0]).toBe('run:7: Choose is no step of the spec: chosen should be otherwise');
    expect(lines.slice(-3)).toEqual(['chosen differs', '  recorded: 1', '  the spec: 2']);
  });

  it('shows the nearest initial state where the recording starts in none', () => {
    const lines = rejectionLines(known);
    expect(lines[0]).toContain('no initial state of the spec is where this recording starts');
    expect(lines[1]).toBe('the nearest initial state of the spec:');
    expect(lines.slice(-3)).toEqual(['chosen differs', '  recorded: 1', '  the spec: 2']);
    expect(lines.join()).not.toContain('enabled there');
  });
});
