/**
 * The code of src/protocol/membership beyond the models' bounds: random schedules in
 * which every member is replaced, with loss, duplication, reordering, crashes and
 * time; every invariant after every step. A failure prints the seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { truncate } from '../../../src/protocol/membership/truncation.ts';
import { base } from '../../../src/protocol/membership/state.ts';
import { at, keptOf } from '../../conformance/membership/world.ts';
import { perform } from '../../conformance/membership/actions.ts';
import type { World } from '../../conformance/membership/world.ts';
import type { Bounds } from './schedules.ts';
import { runSchedule } from './schedules.ts';

const bounds: fc.Arbitrary<Bounds> = fc.record({
  changes: fc.integer({ min: 1, max: 5 }),
  ballots: fc.integer({ min: 1, max: 6 }),
  calls: fc.integer({ min: 0, max: 8 }),
  crashes: fc.integer({ min: 0, max: 4 }),
  lease: fc.integer({ min: 0, max: 4 }),
  atomicFsync: fc.boolean(),
  truncation: fc.boolean(),
  logReplicaEvery: fc.constantFrom(2, 4, 99),
});

const long = process.env['BISIM_LONG'] === '1';
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe('random schedules', () => {
  it('keep every invariant while all members are replaced', { timeout: 1_800_000 }, () => {
    const taken = new Map<string, number>();
    const reached = new Map<number, number>();
    fc.assert(
      fc.property(bounds, fc.integer(), (drawn, schedule) => {
        const { world, steps, broken } = runSchedule(drawn, schedule, 1_500);
        for (const step of steps) taken.set(step, (taken.get(step) ?? 0) + 1);
        const last = Math.max(...world.model.replicas.map((r) => at(world.replicas, r).epoch));
        reached.set(last, (reached.get(last) ?? 0) + 1);
        expect(broken).toBeUndefined();
      }),
      { numRuns: long ? 20_000 : 200, seed },
    );
    expect(taken.size).toBe(23);
    expect(Math.min(...taken.values())).toBeGreaterThan(20);
    expect(reached.get(4) ?? 0).toBeGreaterThan(5);
  });
});

const steady = { atomicFsync: true, logReplicaEvery: 99 };

describe('the invariants', () => {
  it('catch a member that drops slots which another has not kept', () => {
    const greedy = (world: World, args: Readonly<Record<string, unknown>>) => {
      const r = args['r'] as string;
      const through = keptOf(world, r);
      return perform(world, r, (state) => truncate(state, { through }));
    };
    const drawn = { ...steady, truncation: true, changes: 2, ballots: 3, calls: 4, crashes: 0 };
    const broken = Array.from(
      { length: 10 },
      (_, i) => runSchedule({ ...drawn, lease: 0 }, i, 400, { Truncate: greedy }).broken,
    );
    expect(broken).toContain('NeededInv');
  });
  it('catch a replica that takes part in an epoch before it holds the log', () => {
    const early = (world: World, args: Readonly<Record<string, unknown>>) => {
      const r = args['r'] as string;
      const state = at(world.replicas, r);
      const ahead = world.model.replicas.find((q) => at(world.replicas, q).epoch > state.epoch);
      if (ahead === undefined) return undefined;
      const { epoch, opened, group } = at(world.replicas, ahead);
      const least = { promised: base(epoch), logBallot: base(epoch) };
      const entered = { ...state, epoch, opened, ...least, group: { ...group, id: r } };
      return { ...world, replicas: { ...world.replicas, [r]: entered } };
    };
    const others = { ...steady, truncation: false };
    const drawn = { ...others, changes: 2, ballots: 3, calls: 2, crashes: 0, lease: 2 };
    const broken = Array.from(
      { length: 30 },
      (_, i) => runSchedule(drawn, i, 400, { Install: early }).broken,
    );
    expect(broken).toContain('CaughtUpInv');
  });
});
