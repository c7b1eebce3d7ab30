/**
 * Unit tests of src/protocol/wal.ts, one describe per action, and random schedules on a simulated
 * disk beyond the models' bounds. fast-check prints the failing seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  init,
  invariants,
  list,
  recover,
  refuse,
  repair,
  submit,
  sync,
  takeSnapshot,
  truncate,
  upload,
  write,
} from '../../src/protocol/wal.ts';
import type { Limits, ReadRecord, State, Step } from '../../src/protocol/wal.ts';
import { wal } from '../conformance/wal.ts';
import { lastOf, readBack } from '../conformance/wal/disk.ts';
import type { World } from '../conformance/wal/disk.ts';

const limits: Limits = { positionMax: 100, pendingMax: 4 };
const segment = { from: 1, to: 2 };
const entry = { body: 'a', sum: 'a' };
const kept = { first: 1, snapshot: 0, manifest: 0 };

function stateOf(step: Step | undefined): State {
  if (step === undefined) throw new Error('the step is enabled');
  return step.state;
}

/** A log of `count` records written, of which `durable` are. */
function logOf(count: number, durable = count): State {
  let state = init();
  for (let i = 0; i < count; i += 1) {
    state = stateOf(submit(state, { entry }, limits));
    state = stateOf(write(state, { sum: 'a' }));
  }
  return durable === 0 ? state : stateOf(sync(state, { upTo: durable }));
}

const read = (position: number, more: Partial<ReadRecord> = {}): ReadRecord => ({
  position,
  body: 'a',
  sum: 'a',
  through: 0,
  valid: true,
  whole: true,
  ...more,
});

describe('Submit', () => {
  it('keeps an entry in memory', () => {
    expect(submit(init(), { entry }, limits)?.state.pending).toEqual([entry]);
  });
  it('is not enabled beyond pendingMax, or while the replica is down', () => {
    const full = { ...init(), pending: [entry, entry, entry, entry] };
    expect(submit(full, { entry }, limits)).toBeUndefined();
    expect(submit(init(kept), { entry }, limits)).toBeUndefined();
  });
});

describe('Write', () => {
  it('puts out a record that says how far the log is durable', () => {
    const state = stateOf(submit(logOf(3, 2), { entry }, limits));
    expect(write(state, { sum: 'a' })?.outputs).toEqual([
      { kind: 'persist', record: { position: 4, body: 'a', sum: 'a', through: 2 } },
    ]);
  });
  it('is not enabled for an entry whose checksum no longer fits', () => {
    expect(write(stateOf(submit(init(), { entry }, limits)), { sum: 'b' })).toBeUndefined();
  });
});

describe('Refuse', () => {
  it('stops the replica at a damaged entry, and at no other', () => {
    const state = stateOf(submit(logOf(1), { entry }, limits));
    const step = refuse(state, { sum: 'b' });
    expect(step?.outputs).toEqual([{ kind: 'stop', position: 2 }]);
    expect(step?.state.mode).toBe('down');
    expect(refuse(state, { sum: 'a' })).toBeUndefined();
  });
});

describe('Sync', () => {
  it('never goes back, and never beyond what is written', () => {
    const state = logOf(3, 2);
    expect(sync(state, { upTo: 3 })?.state.durable).toBe(3);
    expect(sync(state, { upTo: 2 })).toBeUndefined();
    expect(sync(state, { upTo: 4 })).toBeUndefined();
  });
});

describe('Acknowledge', () => {
  it('replies up to what is durable, once', () => {
    const state = logOf(3, 2);
    expect(acknowledge(state, { acked: 1 })?.outputs).toEqual([{ kind: 'reply', upTo: 2 }]);
    expect(acknowledge(state, { acked: 2 })).toBeUndefined();
  });
});

describe('Recover', () => {
  const mode = (records: readonly ReadRecord[]) => recover(init(kept), { records })?.state;
  it('counts and syncs what it read', () => {
    const step = recover(init(kept), { records: [read(1), read(2, { through: 1 })] });
    expect(step?.state).toMatchObject({ mode: 'up', known: 2, durable: 2 });
    expect(step?.outputs).toEqual([{ kind: 'rewrite', last: 2, records: [] }]);
  });
  it('drops a record that the end of the file cuts short', () => {
    expect(mode([read(1), read(2, { whole: false, valid: false })])).toMatchObject({
      mode: 'up',
      known: 1,
    });
  });
  it('calls a bad record corrupt if a later valid one says it was durable', () => {
    const records = [read(1), read(2, { valid: false }), read(3, { through: 2 })];
    expect(mode(records)).toMatchObject({ mode: 'quarantined', reason: 'corrupt' });
  });
  it('calls it torn if none says so', () => {
    const records = [read(1), read(2, { valid: false }), read(3, { through: 1 })];
    expect(mode(records)).toMatchObject({ mode: 'quarantined', reason: 'torn' });
    expect(mode([read(1, { valid: false })])).toMatchObject({ reason: 'torn' });
  });
});

describe('Repair', () => {
  const repaired = (records: readonly ReadRecord[], acked: number) => {
    const state = stateOf(recover(init(kept), { records }));
    return repair(state, { records, acked, entry: () => ({ body: 'p', sum: 'p' }) });
  };
  it('replaces a corrupt record where it stands, and keeps what follows', () => {
    const step = repaired([read(1), read(2, { valid: false }), read(3, { through: 2 })], 2);
    expect(step?.state).toMatchObject({ mode: 'up', reason: 'none', known: 3, durable: 3 });
    expect(step?.outputs).toMatchObject([
      { kind: 'rewrite', last: 0, records: [{ body: 'a' }, { body: 'p' }, { body: 'a' }] },
    ]);
  });
  it('ends at what was acknowledged where the tail is torn', () => {
    const records = [read(1), read(2, { valid: false }), read(3)];
    expect(repaired(records, 2)?.state.known).toBe(2);
    expect(repaired(records, 0)?.state.known).toBe(1);
  });
  it('is for a replica in quarantine alone', () => {
    expect(repair(init(), { records: [], acked: 0, entry: () => entry })).toBeUndefined();
  });
});

describe('TakeSnapshot', () => {
  it('holds what is acknowledged, and only goes forward', () => {
    expect(takeSnapshot(logOf(3), { acked: 2 })?.state.snapshot).toBe(2);
    expect(takeSnapshot({ ...logOf(3), snapshot: 2 }, { acked: 2 })).toBeUndefined();
  });
});

describe('Upload', () => {
  const records = [read(1), read(2), read(3)];
  it('copies a whole segment of acknowledged records', () => {
    const step = upload(logOf(3), { range: segment, acked: 2, records });
    expect(step?.outputs).toMatchObject([{ kind: 'upload', range: segment }]);
    expect(upload(logOf(3), { range: segment, acked: 1, records })).toBeUndefined();
  });
  it('copies no segment with a bad record', () => {
    const bad = [read(1), read(2, { valid: false })];
    expect(upload(logOf(2), { range: segment, acked: 2, records: bad })).toBeUndefined();
  });
});

describe('List', () => {
  it('lists the next segment, and only if it was read back intact', () => {
    expect(list(logOf(4), { range: segment, intact: true })?.state.manifest).toBe(2);
    expect(list(logOf(4), { range: segment, intact: false })).toBeUndefined();
    expect(list(logOf(4), { range: { from: 3, to: 4 }, intact: true })).toBeUndefined();
  });
});

describe('Truncate', () => {
  it('drops the first segment once it is listed and in a snapshot', () => {
    const ready = { ...logOf(4), manifest: 2, snapshot: 2 };
    expect(truncate(ready, { range: segment })?.state.first).toBe(3);
    expect(truncate({ ...ready, manifest: 0 }, { range: segment })).toBeUndefined();
    expect(truncate({ ...ready, snapshot: 1 }, { range: segment })).toBeUndefined();
  });
});

describe('schedules beyond the bounds of the models', () => {
  const constants = { PositionMax: 9, SegmentSize: 3, PendingMax: 3, CrashMax: 6, FlipMax: 3 };
  const actions = Object.keys(wal.actions);
  const step = fc.tuple(fc.constantFrom(...actions), fc.nat(8), fc.nat(1_000));

  /** One step of the schedule, where it is enabled. */
  function next(world: World, [action, at, pick]: [string, number, number]): World {
    const args = { s: (at % 3) + 1, p: at + 1 };
    const found = wal.actions[action]?.(world, args, undefined, constants);
    if (found === undefined) return world;
    const all = Array.isArray(found) ? (found as World[]) : [found as World];
    return all[pick % all.length] ?? world;
  }

  function holds(world: World): void {
    for (const [name, invariant] of Object.entries(invariants)) {
      expect(invariant(world.log), name).toBe(true);
    }
    const records = readBack(world);
    expect(records.every(({ valid, body }) => !valid || body === 'right')).toBe(true);
    if (world.log.mode !== 'up') return;
    expect(world.log.known).toBeGreaterThanOrEqual(world.acked);
    expect(world.log.known).toBe(lastOf(world));
  }

  it('keeps what was acknowledged, through crashes and damage', () => {
    const crashed = { up: 0, quarantined: 0, down: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), (schedule) => {
        let world = wal.init(constants) as World;
        for (const taken of schedule) {
          world = next(world, taken);
          holds(world);
          crashed[world.log.mode] += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(crashed.quarantined).toBeGreaterThan(100);
  });
});
