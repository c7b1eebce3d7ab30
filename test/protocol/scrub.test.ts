/** Unit tests of src/protocol/scrub.ts, one describe per action. */
import { describe, expect, it } from 'vitest';
import {
  apply,
  compare,
  init,
  invariants,
  mark,
  rebuild,
  report,
} from '../../src/protocol/scrub.ts';
import type { Replica, Scrubber } from '../../src/protocol/scrub.ts';

const replica = init('replica');
const at = (applied: number, marker?: number): Replica => ({ ...replica, applied, marker });
const scrubbing: Scrubber = {
  ...init('scrubber'),
  marker: 3,
  reports: { a: { at: 3, copy: 'x' }, b: { at: 3, copy: 'x' } },
  reference: { at: 3, copy: 'x' },
};
const replicas = ['a', 'b'];

describe('Mark', () => {
  it('marks the end of the log, one position at a time', () => {
    const step = mark(init('scrubber'), { length: 7 });
    expect(step?.state.marker).toBe(7);
    expect(step?.outputs).toEqual([{ kind: 'mark', at: 7 }]);
    expect(mark(scrubbing, { length: 7 })).toBeUndefined();
  });
});

describe('Apply', () => {
  it('goes on up to the marker, and past it once the report is given', () => {
    expect(apply(at(2, 3), { length: 9 })?.state.applied).toBe(3);
    expect(apply(at(3, 3), { length: 9 })).toBeUndefined();
    expect(apply(at(3), { length: 9 })?.outputs).toEqual([{ kind: 'apply', position: 4 }]);
  });
  it('applies nothing that is not chosen', () => {
    expect(apply(at(9), { length: 9 })).toBeUndefined();
  });
});

describe('Report', () => {
  it('tells the checksum at the marker, once', () => {
    const step = report(at(3, 3), { copy: 'x' });
    expect(step?.outputs).toEqual([{ kind: 'send', report: { at: 3, copy: 'x' } }]);
    expect(step && report(step.state, { copy: 'x' })).toBeUndefined();
  });
  it('tells nothing at another position', () => {
    expect(report(at(2, 3), { copy: 'x' })).toBeUndefined();
    expect(report(at(3), { copy: 'x' })).toBeUndefined();
  });
});

describe('Rebuild', () => {
  const marked: Scrubber = { ...init('scrubber'), marker: 3 };
  it('waits until the archive has come to the marker', () => {
    expect(rebuild(marked, { archived: 2, copy: 'x' })).toBeUndefined();
    expect(rebuild(marked, { archived: 3, copy: 'x' })?.state.reference).toEqual({
      at: 3,
      copy: 'x',
    });
    expect(rebuild(init('scrubber'), { archived: 3, copy: 'x' })).toBeUndefined();
  });
});

describe('Compare', () => {
  it('ends the scrub in silence where all copies are as the reference', () => {
    const step = compare(scrubbing, { replicas });
    expect(step?.outputs).toEqual([]);
    expect(step?.state).toEqual(init('scrubber'));
  });
  it('accuses the copy that differs', () => {
    const reports = { ...scrubbing.reports, b: { at: 3, copy: 'y' } };
    const step = compare({ ...scrubbing, reports, alarm: ['a'] }, { replicas });
    expect(step?.outputs).toEqual([{ kind: 'alarm', replicas: ['b'] }]);
    expect(step?.state.alarm).toEqual(['a', 'b']);
  });
  it('accuses all where they agree against the archive', () => {
    const step = compare({ ...scrubbing, reference: { at: 3, copy: 'z' } }, { replicas });
    expect(step?.state.alarm).toEqual(['a', 'b']);
  });
  it('waits for every report and for the reference', () => {
    expect(compare({ ...scrubbing, reference: undefined }, { replicas })).toBeUndefined();
    expect(compare(scrubbing, { replicas: ['a', 'b', 'c'] })).toBeUndefined();
  });
});

describe('invariants', () => {
  it('hold what is compared to one position', () => {
    expect(invariants.OnePositionInv(scrubbing)).toBe(true);
    expect(invariants.OnePositionInv({ ...scrubbing, marker: 4 })).toBe(false);
  });
});
