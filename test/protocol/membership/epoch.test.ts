/** The actions of src/protocol/membership/epoch.ts: what the epoch adds to Replication's guards. */
import { describe, expect, it } from 'vitest';
import * as epoch from '../../../src/protocol/membership/epoch.ts';
import type { State } from '../../../src/protocol/membership/state.ts';
import { CommandLog, noop } from '../../../src/protocol/replication/commandLog.ts';
import {
  applied,
  b11,
  b12,
  b21,
  done,
  leader,
  member,
  replies,
  sent,
  successor,
  swap,
  write,
} from './group.ts';

const outsider = (): State => {
  const state = successor('c');
  return { ...state, group: { ...state.group, members: ['a', 'b', 'd'] } };
};

describe('StartElection', () => {
  it('asks the members of its own epoch', () => {
    const step = done(epoch.startElection(successor('a'), { ballot: b21 }));
    expect(step.state).toMatchObject({ phase: 'candidate', promised: b21, epoch: 2, opened: 2 });
  });
  it('is refused in another epoch, and to a log replica', () => {
    expect(epoch.startElection(member('a'), { ballot: b21 })).toBeUndefined();
    expect(epoch.startElection(successor('b'), { ballot: b12 })).toBeUndefined();
    const ballot = { epoch: 2, round: 2, replica: 'd' };
    expect(epoch.startElection(successor('d'), { ballot })).toBeUndefined();
  });
});

describe('Promise', () => {
  const message = { type: 'prepare', ballot: b21, commit: 2 } as const;
  it('answers a candidate of its epoch', () => {
    expect(epoch.promise(successor('b'), { message, nowMs: 0 })?.state.promised).toEqual(b21);
  });
  it('is refused before the epoch is entered, after it was left, and to one left out', () => {
    expect(epoch.promise(member('b'), { message, nowMs: 0 })).toBeUndefined();
    const old = { ...message, ballot: b12 };
    expect(epoch.promise(successor('a'), { message: old, nowMs: 0 })).toBeUndefined();
    expect(epoch.promise(outsider(), { message, nowMs: 0 })).toBeUndefined();
  });
});

describe('ReceivePromise', () => {
  const vote = { type: 'promise', from: 'c', logBallot: b11, start: 0, grants: [] } as const;
  const candidate = member('b', [], { promised: b12, phase: 'candidate', ballot: b12 });
  it('puts nothing after an inherited stop sign, which is the barrier itself', () => {
    const message = { ...vote, ballot: b12, entries: [write('x'), swap] };
    const { state } = done(epoch.receivePromise(candidate, { message, nowMs: 0 }));
    expect(state.log.slice(1)).toEqual([write('x'), swap]);
    expect(state).toMatchObject({ phase: 'leader', barrier: 2 });
  });
  it('adds a no-op to a log without one, and after the change that began the epoch', () => {
    const message = { ...vote, ballot: b12, entries: [write('x')] };
    const { state } = done(epoch.receivePromise(candidate, { message, nowMs: 0 }));
    expect(state.log.slice(1)).toEqual([write('x'), noop]);
    const later = successor('a', { promised: b21, phase: 'candidate', ballot: b21 });
    const second = { ...vote, from: 'b', ballot: b21, logBallot: later.logBallot, entries: [] };
    const args = { message: { ...second, start: 2 }, nowMs: 0 };
    expect(done(epoch.receivePromise(later, args)).state.log.slice(3)).toEqual([noop]);
  });
  it('is refused to one that wants nothing', () => {
    const message = { ...vote, ballot: b12, entries: [] };
    expect(epoch.receivePromise(member('b'), { message, nowMs: 0 })).toBeUndefined();
  });
});

describe('Join', () => {
  const message = { type: 'join', ballot: b21, to: 'b', start: 2, entries: [noop] } as const;
  it('takes over the log of a leader of its epoch', () => {
    const step = done(epoch.join(successor('b', { promised: b21 }), { message }));
    expect(step.state.log.length).toBe(3);
  });
  it('is refused in another epoch', () => {
    expect(epoch.join(member('b', [], { promised: b21, commit: 2 }), { message })).toBeUndefined();
  });
});

describe('Put', () => {
  const args = { call: 'c', key: 'k', value: 'v', applied };
  it('is taken in an open epoch, the first entry of one included', () => {
    expect(epoch.put(leader(), args)?.state.log.length).toBe(1);
    const leading = { phase: 'leader', ballot: b21, promised: b21 } as const;
    expect(epoch.put(successor('a', leading), args)?.state.log.length).toBe(3);
  });
  it('is refused after the stop sign', () => {
    expect(epoch.put(leader([swap]), args)).toBeUndefined();
  });
});

describe('Accept', () => {
  const message = { type: 'accept', ballot: b21, slot: 3, command: noop } as const;
  it('takes the next slot of a ballot of its epoch', () => {
    const joined = successor('b', { promised: b21, logBallot: b21 });
    expect(epoch.accept(joined, { message })?.state.log.length).toBe(3);
  });
  it('is refused in another epoch', () => {
    const old = member('b', [write('x'), swap], { promised: b21, logBallot: b21 });
    expect(epoch.accept(old, { message })).toBeUndefined();
  });
});

describe('ReceiveAccepted', () => {
  const message = { type: 'accepted', ballot: b11, from: 'b', length: 1 } as const;
  it('counts what a member holds, in the epoch it leads', () => {
    const { state } = done(epoch.receiveAccepted(leader([write('x')]), { message }));
    expect(state).toMatchObject({ acked: { b: 1 }, epoch: 1 });
  });
  it('is refused to one that has entered the next epoch', () => {
    expect(epoch.receiveAccepted(successor('a'), { message })).toBeUndefined();
  });
});

describe('Commit', () => {
  const waits = [{ ballot: b12, untilMs: 500 }];
  const acked = { b: 2 };
  it('ends the epoch with the stop sign: the leader answers, and enters the next as a follower', () => {
    const waiting = [{ call: 'x', slot: 1, ok: true, value: null }];
    const grants = [{ ballot: b11, untilMs: 900 }];
    const state = leader([write('x'), swap], { acked, waiting, grants });
    const step = done(epoch.commit(state, { nowMs: 0 }));
    expect(step.state).toMatchObject({ epoch: 2, opened: 2, commit: 2, phase: 'follower' });
    expect(step.state).toMatchObject({ grants: [], group: { members: ['a', 'b', 'd'] } });
    expect(replies(step)).toEqual([['x', 'ok']]);
    expect(sent(step)).toEqual([{ type: 'commit', ballot: b11, slot: 2 }]);
  });
  it('waits for older leases in an open epoch, and not for one that ends', () => {
    const open = leader([write('x')], { acked: { b: 1 }, waits });
    expect(epoch.commit(open, { nowMs: 499 })).toBeUndefined();
    expect(epoch.commit(open, { nowMs: 500 })?.state.commit).toBe(1);
    const ending = leader([write('x'), swap], { acked, waits });
    expect(epoch.commit(ending, { nowMs: 0 })?.state.epoch).toBe(2);
  });
  it('stays in the epoch while the stop sign is not chosen', () => {
    const state = leader([write('x'), swap], { acked: { b: 1 } });
    const step = done(epoch.commit(state, { nowMs: 0 }));
    expect(step.state).toMatchObject({ epoch: 1, commit: 1, phase: 'leader' });
  });
});

describe('LearnCommit', () => {
  const message = { type: 'commit', ballot: b11, slot: 2 } as const;
  it('enters the next epoch with the stop sign, also one that it leaves out', () => {
    for (const id of ['b', 'c']) {
      const state = member(id, [write('x'), swap]);
      const step = done(epoch.learnCommit(state, { message }));
      expect(step.state).toMatchObject({ epoch: 2, opened: 2, promised: { epoch: 2, round: 0 } });
    }
  });
  it('learns a slot before it and stays', () => {
    const args = { message: { ...message, slot: 1 } };
    const step = done(epoch.learnCommit(member('b', [write('x'), swap]), args));
    expect(step.state).toMatchObject({ epoch: 1, commit: 1 });
  });
  it('is refused in another epoch', () => {
    expect(epoch.learnCommit(successor('b', { commit: 0 }), { message })).toBeUndefined();
  });
});

describe('Renew', () => {
  it('asks for the lease of a ballot of its epoch', () => {
    const step = done(epoch.renew(leader([], { held: {} }), { nowMs: 0 }));
    expect(step.state).toMatchObject({ held: { a: 2_000 }, epoch: 1 });
  });
  it('is refused to a follower', () => {
    expect(epoch.renew(successor('a'), { nowMs: 0 })).toBeUndefined();
  });
});

describe('Grant', () => {
  const message = { type: 'renew', ballot: b21, sentAtMs: 0 } as const;
  it('grants to the ballot it has promised', () => {
    const step = done(epoch.grant(successor('b', { promised: b21 }), { message, nowMs: 0 }));
    expect(step.state.grants).toEqual([{ ballot: b21, untilMs: 2_100 }]);
  });
  it('is refused in another epoch', () => {
    const args = { message, nowMs: 0 };
    expect(epoch.grant(member('b', [], { promised: b21 }), args)).toBeUndefined();
  });
});

describe('ReceiveGrant', () => {
  const message = { type: 'grant', ballot: b11, from: 'c', sentAtMs: 0 } as const;
  it('counts a grant', () => {
    const { state } = done(epoch.receiveGrant(leader(), { message, nowMs: 0 }));
    expect(state.held['c']).toBe(2_000);
  });
  it('is refused to one that has entered the next epoch', () => {
    expect(epoch.receiveGrant(successor('a'), { message, nowMs: 0 })).toBeUndefined();
  });
});

describe('StrongRead', () => {
  const args = { call: 'r', key: 'k', applied, nowMs: 0 };
  it('is answered by the serving leader', () => {
    expect(replies(done(epoch.strongRead(leader(), args)))).toEqual([['r', 'ok']]);
  });
  it('is refused once the leader has proposed or inherited the end of its epoch', () => {
    const log = CommandLog.of([swap]);
    expect(epoch.strongRead(leader([], { log }), args)).toBeUndefined();
    expect(epoch.strongRead(leader([], { log, commit: 1 }), args)).toBeUndefined();
  });
});
