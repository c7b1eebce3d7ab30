/** Groups at rest are left alone until their time, or until something happens to them. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { Ticks } from '../../src/services/ticks.ts';

const roundMs = 100;
const seed = Number(process.env['BISIM_SEED'] ?? 1);

describe('rounds of looks', () => {
  it('look at a group once its time has come, and at no other', () => {
    const ticks = new Ticks(roundMs);
    for (const group of [1, 2, 3]) ticks.wake(group);
    const looked: string[] = [];
    for (let nowMs = 50; nowMs < 3_000; nowMs += roundMs) {
      ticks.run(nowMs, (group) => {
        looked.push(`${group} ${nowMs}`);
        if (group === 3) return undefined;
        return nowMs + (group === 1 ? 1_000 : Infinity);
      });
      if (nowMs === 2_250) ticks.wake(2);
    }
    const all = ['1 50', '2 50', '3 50', '1 1050', '1 2050', '2 2350'];
    expect(looked).toEqual(all);
  });

  const step = fc.record({
    passMs: fc.oneof(fc.nat(300), fc.nat(20_000)),
    woken: fc.array(fc.nat(4), { maxLength: 3 }),
    restMs: fc.array(fc.oneof(fc.nat(500), fc.nat(20_000)), { minLength: 5, maxLength: 5 }),
  });
  it.prop([fc.array(step, { maxLength: 60 })], { seed, numRuns: 300 })(
    'forget nobody, however long a round takes to come and whoever is woken in between',
    (steps) => {
      const ticks = new Ticks(roundMs);
      const dueMs = [0, 0, 0, 0, 0];
      for (const group of dueMs.keys()) ticks.wake(group);
      let nowMs = 0;
      for (const { passMs, woken, restMs } of steps) {
        nowMs += passMs;
        for (const group of woken) {
          ticks.wake(group);
          dueMs[group] = 0;
        }
        const looked = new Set<number>();
        ticks.run(nowMs, (group) => {
          expect(looked.has(group)).toBe(false);
          looked.add(group);
          return (dueMs[group] = nowMs + restMs[group]!);
        });
        for (const [group, atMs] of dueMs.entries())
          expect([group, atMs < nowMs]).toEqual([group, false]);
      }
    },
  );
});
