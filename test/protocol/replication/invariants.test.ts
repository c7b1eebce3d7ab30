/**
 * The protocol code beyond the models' bounds: random schedules of groups of up
 * to 5 replicas and over 50 slots, with loss, duplication, reordering, crashes,
 * slow clocks and overlapping fsyncs; every invariant after every step.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { each } from '../../conformance/replication/world.ts';
import type { World } from '../../conformance/replication/world.ts';
import type { Bounds } from './schedules.ts';
import { runSchedule } from './schedules.ts';

const bounds: fc.Arbitrary<Bounds> = fc
  .record({
    replicas: fc.constantFrom(3, 5),
    logReplicas: fc.integer({ min: 0, max: 2 }),
    calls: fc.integer({ min: 1, max: 40 }),
    ballots: fc.integer({ min: 2, max: 16 }),
    crashes: fc.integer({ min: 0, max: 6 }),
    lease: fc.integer({ min: 0, max: 4 }),
    drift: fc.integer({ min: 0, max: 2 }),
    atomicFsync: fc.boolean(),
    steadyLeader: fc.boolean(),
  })
  .map((drawn) => ({ ...drawn, logReplicas: Math.min(drawn.logReplicas, drawn.replicas - 2) }));

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const long: Bounds = {
  replicas: 5,
  logReplicas: 1,
  calls: 200,
  ballots: 400,
  crashes: 4,
  lease: 4,
  drift: 1,
  atomicFsync: false,
  steadyLeader: true,
};

describe('random schedules', () => {
  it('keep every invariant in 10,000 schedules', { timeout: 240_000 }, () => {
    const taken = new Map<string, number>();
    let answered = 0;
    fc.assert(
      fc.property(bounds, fc.integer(), (drawn, schedule) => {
        const outcome = runSchedule(drawn, schedule, 160);
        for (const step of outcome.steps) taken.set(step, (taken.get(step) ?? 0) + 1);
        answered += Object.values(outcome.world.calls).filter((c) => c.status === 'ok').length;
        expect(outcome.broken).toBeUndefined();
      }),
      { numRuns: 10_000, seed },
    );
    expect([...taken.keys()].sort()).toHaveLength(24);
    expect(Math.min(...taken.values())).toBeGreaterThan(50);
    expect(answered).toBeGreaterThan(1_000);
  });

  it('keep every invariant over more than 50 slots', { timeout: 120_000 }, () => {
    let longest = 0;
    for (let i = 0; i < 40 && (i < 4 || longest < 50); i += 1) {
      const outcome = runSchedule(long, seed + i, 36_000);
      expect(outcome.broken, `seed ${seed + i}`).toBeUndefined();
      longest = Math.max(longest, outcome.world.lin.length);
    }
    expect(longest).toBeGreaterThanOrEqual(50);
  });
});

describe('the invariants', () => {
  it('catch a leader that counts a slot nobody holds', () => {
    const overcounting = (world: World, args: Readonly<Record<string, unknown>>) => {
      const r = args['r'] as string;
      const state = world.replicas[r];
      if (state?.phase !== 'leader' || state.log.length === 0) return undefined;
      const acked = each(world.model.replicas, () => state.log.length);
      return { ...world, replicas: { ...world.replicas, [r]: { ...state, acked } } };
    };
    const outcomes = Array.from({ length: 50 }, (_, i) =>
      runSchedule(long, i, 400, { ReceiveAccepted: overcounting }),
    );
    expect(outcomes.some((outcome) => outcome.broken === 'DurableInv')).toBe(true);
  });
});
