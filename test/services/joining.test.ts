/** A join leaves out what is chosen and can be copied, and nothing else. */
import { describe, expect, it } from 'vitest';
import { trimmed } from '../../src/services/joining.ts';

const ballot = { epoch: 1, round: 2, replica: 'a' };
const value = 'x'.repeat(1 << 20);
const command = { kind: 'write', call: 'c', key: 'k', value } as const;
const entries = Array.from({ length: 9 }, () => command);
const join = { type: 'join', ballot, to: 'b', start: 1, entries } as const;

describe('a join', () => {
  it('waits for a copy where it brings much that is chosen, and goes without that', () => {
    expect(trimmed(join, 0, 10)).toBe(undefined);
    expect(trimmed(join, 3, 10)).toBe(undefined);
    const rest = trimmed(join, 9, 10);
    expect([rest?.start, rest?.entries.length]).toEqual([9, 1]);
    expect(trimmed(join, 12, 10)?.entries.length).toBe(0);
  });

  it('brings what is not chosen, however large, since nothing else does', () => {
    expect(trimmed(join, 0, 1)).toBe(join);
    expect(trimmed(join, 7, 1)).toBe(join);
    expect(trimmed(join, 7, 3)?.start).toBe(3);
  });
});
