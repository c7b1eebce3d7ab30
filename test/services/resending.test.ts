/** When a leader sends again: as long as somebody lacks something, and not to groups that are at rest. */
import { describe, expect, it } from 'vitest';
import { CommandLog, noop } from '../../src/protocol/replication/commandLog.ts';
import { init } from '../../src/protocol/replication/state.ts';
import type { State } from '../../src/protocol/replication/state.ts';
import { Resending } from '../../src/services/resending.ts';

const members = ['a', 'b', 'c'];
const leader = init({ id: 'a', members, storage: members, leaseMs: 0, driftMs: 0 });
const at = (b: number, c: number): State => ({
  ...leader,
  log: CommandLog.of([noop, noop, noop]),
  acked: { b, c },
});

describe('sending again', () => {
  it('is due where nobody has come further, and not while they do', () => {
    const resending = new Resending();
    expect(resending.isDue(at(1, 1))).toBe(false);
    expect(resending.isDue(at(2, 1))).toBe(false);
    expect(resending.isDue(at(2, 1))).toBe(true);
  });

  it('tells the commit once more when all have come to the end, and then rests', () => {
    const resending = new Resending();
    expect(resending.isDue(at(3, 2))).toBe(false);
    expect(resending.isDue(at(3, 3))).toBe(true);
    expect(resending.isDue(at(3, 3))).toBe(false);
    resending.mayHaveLost();
    expect(resending.isDue(at(3, 3))).toBe(true);
    expect(resending.isDue(at(3, 3))).toBe(false);
  });
});
