/** src/protocol/membership/truncation.ts: logs without their first slots. */
import { describe, expect, it } from 'vitest';
import { announce, install } from '../../../src/protocol/membership/change.ts';
import { join, promise, receivePromise } from '../../../src/protocol/membership/epoch.ts';
import { base, init } from '../../../src/protocol/membership/state.ts';
import type { Opening, State, Step } from '../../../src/protocol/membership/state.ts';
import { copy, truncate } from '../../../src/protocol/membership/truncation.ts';
import { within } from '../../../src/protocol/membership/operators.ts';
import { resend } from '../../../src/protocol/replication/append.ts';
import { b11, b12, b21, done, first, identity, leader, member } from './group.ts';
import { next, sent, successor, swap, write } from './group.ts';

const log = [write('x'), write('y'), write('z')];

/** What goes out once a step is durable. */
const waits = (step: Step | undefined) =>
  done(step).state.unsynced.flatMap(({ send }) => send.map(({ message }) => message));

describe('Truncate', () => {
  it('drops slots that are known to be chosen, and counts them on', () => {
    const { state, outputs } = done(truncate(member('b', log, { commit: 2 }), { through: 2 }));
    expect(state.log).toMatchObject({ base: 2, length: 3 });
    expect(outputs).toEqual([]);
  });
  it('is refused for slots that are not known to be chosen, or dropped already', () => {
    const once = done(truncate(member('b', log, { commit: 2 }), { through: 2 })).state;
    expect(truncate(once, { through: 3 })).toBeUndefined();
    expect(truncate(once, { through: 2 })).toBeUndefined();
  });
  it('is refused to one that is no member', () => {
    expect(truncate(init(identity('d')), { through: 0 })).toBeUndefined();
    expect(truncate(successor('c'), { through: 1 })).toBeUndefined();
  });
  it('leaves elections what they need: promises and joins begin where the log does', () => {
    const cut = done(truncate(member('b', log, { commit: 2 }), { through: 2 })).state;
    const asked = { type: 'prepare', ballot: b12, commit: 1 } as const;
    const voter: State = { ...cut, group: { ...cut.group, id: 'c' } };
    expect(waits(promise(voter, { message: asked, nowMs: 0 }))).toMatchObject([
      { type: 'promise', start: 2, entries: [write('z')] },
    ]);

    const candidate: State = { ...cut, phase: 'candidate', ballot: b12, promised: b12 };
    const told = { type: 'promise', ballot: b12, from: 'c', logBallot: b11, grants: [] } as const;
    const early = { ...told, start: 1, entries: log.slice(1) };
    expect(sent(done(receivePromise(candidate, { message: early, nowMs: 0 })))).toMatchObject([
      { type: 'join', start: 2, entries: [write('z'), { kind: 'noop' }] },
    ]);
    const late = { ...told, start: 3, entries: [] };
    expect(receivePromise(candidate, { message: late, nowMs: 0 })).toBeUndefined();
  });
  it('joins with what it has dropped left as it was', () => {
    const cut = done(truncate(member('b', log, { commit: 2 }), { through: 2 })).state;
    const message = {
      type: 'join',
      ballot: b12,
      to: 'c',
      start: 0,
      entries: [...log, write('q')],
    } as const;
    const joining = { ...cut, promised: b12, group: { ...cut.group, id: 'c' } };
    const { state } = done(join(joining, { message }));
    expect(state.log.slice(3)).toEqual([write('z'), write('q')]);
  });
  it('sends again from where the log begins', () => {
    const state = leader(log, { commit: 2, acked: { b: 1, c: 3 } });
    const cut = done(truncate(state, { through: 2 })).state;
    expect(sent(done(within(cut, resend(cut))))).toMatchObject([
      { type: 'accept', slot: 3 },
      { type: 'commit', slot: 2 },
    ]);
  });
  it('announces an epoch from what is left of the log, or alone', () => {
    const old = successor('a', { log: successor('a').log.append(write('y')), commit: 3 });
    const cut = done(truncate(old, { through: 1 })).state;
    expect(announce(cut, { start: 0 })).toBeUndefined();
    expect(sent(done(announce(cut, { start: 1 })))).toMatchObject([{ start: 1, entries: [swap] }]);
    const all = done(truncate(cut, { through: 3 })).state;
    expect(announce(all, { start: 1 })).toBeUndefined();
    expect(sent(done(announce(all, { start: 2 })))).toMatchObject([{ start: 2, entries: [] }]);
  });
});

describe('Copy', () => {
  const waiting = init(identity('d'));
  const before: Opening = { ...first, opened: 0 };
  const after: Opening = { ...next, opened: 2 };
  it('takes up where the other one does, and waits to be a member', () => {
    const { state } = done(copy(waiting, { start: 2, entries: [write('z')], from: before }));
    expect(state).toMatchObject({ epoch: 0, commit: 3, log: { base: 2, length: 3 } });
    expect(state.unsynced).toHaveLength(1);
  });
  it('goes on from there when it becomes a member', () => {
    const { state } = done(copy(waiting, { start: 1, entries: [], from: before }));
    const told = { type: 'epoch', ...next, start: 0, entries: [write('x'), swap] } as const;
    const entered = done(install(state, { message: told })).state;
    expect(entered).toMatchObject({ epoch: 2, opened: 2, commit: 2, log: { base: 1, length: 2 } });
  });
  it('enters the epoch that the copy reaches into, where it is a member', () => {
    const { state } = done(copy(waiting, { start: 4, entries: [write('y')], from: after }));
    expect(state).toMatchObject({ epoch: 2, opened: 2, commit: 5, log: { base: 4, length: 5 } });
    expect(state.promised).toEqual(base(2));
    const asked = { type: 'prepare', ballot: b21, commit: 4 } as const;
    const promised = waits(promise(state, { message: asked, nowMs: 0 }));
    expect(promised).toMatchObject([{ type: 'promise', start: 4, entries: [write('y')] }]);
  });
  it('waits where the copy ends before the epoch, or the epoch is one of others', () => {
    const early = done(copy(waiting, { start: 1, entries: [], from: after })).state;
    expect(early).toMatchObject({ epoch: 0, commit: 1 });
    const other = done(copy(init(identity('e')), { start: 5, entries: [], from: after })).state;
    expect(other).toMatchObject({ epoch: 0, commit: 5 });
  });
  it('installs no epoch that was over where the copy ends', () => {
    const { state } = done(copy(waiting, { start: 5, entries: [], from: before }));
    const told = { type: 'epoch', ...next, start: 2, entries: [] } as const;
    expect(install(state, { message: told })).toBeUndefined();
  });
  it('is refused to who takes part, and where it brings nothing', () => {
    expect(copy(member('b', log), { start: 5, entries: [], from: before })).toBeUndefined();
    const once = done(copy(waiting, { start: 3, entries: [], from: before })).state;
    expect(copy(once, { start: 2, entries: [write('z')], from: before })).toBeUndefined();
    const nowhere: Opening = { epoch: 0, members: [], storage: [], opened: 0 };
    expect(copy(waiting, { start: 1, entries: [], from: nowhere })).toBeUndefined();
  });
});
