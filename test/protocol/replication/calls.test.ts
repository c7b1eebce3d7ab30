/** The actions of src/protocol/replication/calls.ts: where each is enabled, where not, what it does. */
import { describe, expect, it } from 'vitest';
import { eventualRead, put, reply, strongRead } from '../../../src/protocol/replication/calls.ts';
import { noop } from '../../../src/protocol/replication/commandLog.ts';
import { b1, b2, write, applied, member, leader, done } from './replicas.ts';

describe('Put', () => {
  const call = { call: 'b', key: 'k', value: 'b', applied };
  it('evaluates the condition on pending writes', () => {
    const state = leader([write('a')]);
    const held = done(put(state, { ...call, condition: { expected: 'a' } }));
    expect(held.state.log.length).toBe(2);
    const failed = done(put(state, { ...call, condition: { expected: null } }));
    expect(failed.state.log.length).toBe(1);
    expect(failed.state.waiting).toEqual([{ call: 'b', slot: 1, ok: false, value: 'a' }]);
  });
  it('evaluates it on the applied store where nothing is pending', () => {
    const state = leader([noop], { commit: 1 });
    const condition = { expected: 'old' };
    const step = done(put(state, { ...call, condition, applied: () => 'old' }));
    expect(step.state.log.length).toBe(2);
  });
  it('is refused to a follower and to a deposed leader', () => {
    expect(put(member('r1', b1), call)).toBeUndefined();
    expect(put(leader([], { promised: b2 }), call)).toBeUndefined();
  });
});

describe('Reply', () => {
  const waiting = [
    { call: 'a', slot: 1, ok: true, value: null },
    { call: 'b', slot: 2, ok: false, value: 'a' },
  ];
  it('answers in slot order, once chosen', () => {
    const state = leader([write('a'), noop], { waiting, commit: 2 });
    expect(reply(state, { call: 'b', nowMs: 0 })).toBeUndefined();
    const first = done(reply(state, { call: 'a', nowMs: 0 }));
    const second = done(reply(first.state, { call: 'b', nowMs: 0 }));
    expect(second.outputs).toMatchObject([{ status: 'failed', value: 'a' }]);
    expect(reply(second.state, { call: 'b', nowMs: 0 })).toBeUndefined();
    const early = leader([write('a')], { waiting });
    expect(reply(early, { call: 'a', nowMs: 0 })).toBeUndefined();
  });
  it('answers a failed condition under the lease only', () => {
    const state = leader([write('a'), noop], { waiting: waiting.slice(1), commit: 2 });
    expect(reply(state, { call: 'b', nowMs: 2_000 })).toBeUndefined();
  });
});

describe('StrongRead', () => {
  const call = { call: 'r', key: 'k', applied: () => 'a' };
  it('is answered by the serving leader', () => {
    const step = done(strongRead(leader(), { ...call, nowMs: 0 }));
    expect(step.outputs).toEqual([{ kind: 'reply', call: 'r', status: 'ok', value: 'a' }]);
  });
  it('is refused without the lease, before the barrier, while waiting, and to a follower', () => {
    expect(strongRead(leader(), { ...call, nowMs: 2_000 })).toBeUndefined();
    expect(strongRead(leader([], { barrier: 1 }), { ...call, nowMs: 0 })).toBeUndefined();
    const waits = [{ ballot: b2, untilMs: 1 }];
    expect(strongRead(leader([], { waits }), { ...call, nowMs: 0 })).toBeUndefined();
    expect(strongRead(member('r1', b1), { ...call, nowMs: 0 })).toBeUndefined();
  });
});

describe('EventualRead', () => {
  it('is answered by any storage replica, and by no log replica', () => {
    const call = { call: 'r', key: 'k', applied: () => 'a' };
    expect(done(eventualRead(member('r2', b1), call)).outputs).toHaveLength(1);
    expect(eventualRead(member('r3', b1), call)).toBeUndefined();
  });
});
