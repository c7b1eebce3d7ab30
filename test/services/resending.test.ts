/** When a leader sends again: as long as somebody lacks something, and not to groups that are at rest. */
import { describe, expect, it } from 'vitest';
import { resend } from '../../src/protocol/replication/append.ts';
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
  it('is due where a member has not come further, and not while all do', () => {
    const resending = new Resending();
    expect(resending.isDue(at(1, 1))).toBe(false);
    expect(resending.isDue(at(2, 2))).toBe(false);
    expect(resending.isDue(at(3, 2))).toBe(true);
  });

  it('sends what is bounded at a time, and goes on as it is taken', () => {
    const resending = new Resending();
    const value = 'x'.repeat(1 << 20);
    const command = { kind: 'write', call: 'c', key: 'k', value } as const;
    const log = CommandLog.of(Array.from({ length: 30 }, () => command));
    const lacking = (b: number): State => ({ ...leader, log, acked: { b, c: 30 } });
    const slots = resending.slots(lacking(1));
    expect([slots >= 1, slots <= 5]).toEqual([true, true]);
    const { outputs = [] } = resend({ ...lacking(1), phase: 'leader' }, { slotsMax: slots }) ?? {};
    expect(outputs.length).toBe(slots);
    expect(resending.continues(lacking(slots), 'b')).toBe(false);
    expect(resending.continues(lacking(1 + slots), 'b')).toBe(true);
    expect(resending.continues(lacking(1 + slots), 'b')).toBe(false);
    expect(resending.slots(lacking(29))).toBe(1);
    expect(resending.continues(lacking(30), 'b')).toBe(false);
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
