/** The actions of src/protocol/replication/append.ts: where each is enabled, where not, what it does. */
import { startElection } from '../../../src/protocol/replication/election.ts';
import { describe, expect, it } from 'vitest';
import {
  accept,
  commit,
  learnCommit,
  persisted,
  receiveAccepted,
  resend,
} from '../../../src/protocol/replication/append.ts';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import { put } from '../../../src/protocol/replication/calls.ts';
import { noop } from '../../../src/protocol/replication/commandLog.ts';
import { b1, b2, write, applied, member, leader, done, sent } from './replicas.ts';

describe('Accept', () => {
  const message = { type: 'accept', ballot: b1, slot: 2, command: write('b') } as const;
  it('appends the next slot, and answers when it is durable', () => {
    const step = done(accept(member('r2', b1, [noop]), { message }));
    expect(step.state.log.length).toBe(2);
    expect(sent(step)).toEqual([]);
    expect(sent(done(persisted(step.state, { writes: 1 })))).toMatchObject([{ length: 2 }]);
  });
  it('is refused out of order, below the promise, and before joining', () => {
    expect(accept(member('r2', b1), { message })).toBeUndefined();
    expect(accept({ ...member('r2', b1, [noop]), promised: b2 }, { message })).toBeUndefined();
    const absent = { ...member('r2', b1, [noop]), logBallot: noBallot };
    expect(accept(absent, { message })).toBeUndefined();
  });
  it('answers again for a slot that it holds', () => {
    const state = member('r2', b1, [noop, write('b')]);
    expect(sent(done(accept(state, { message })))).toMatchObject([{ length: 2 }]);
  });
});

describe('ReceiveAccepted', () => {
  const message = { type: 'accepted', ballot: b1, from: 'r2', length: 1 } as const;
  it('learns how far a member holds the log, and only more', () => {
    const step = done(receiveAccepted(leader([noop]), { message }));
    expect(step.state.acked).toEqual({ r2: 1 });
    expect(receiveAccepted(step.state, { message })).toBeUndefined();
    expect(receiveAccepted(member('r1', b1, [noop]), { message })).toBeUndefined();
  });
});

describe('Commit', () => {
  const acked = { r2: 1 };
  it('shows what a quorum holds, and applies it', () => {
    const step = done(commit(leader([write('a')], { acked }), { nowMs: 0 }));
    expect(step.state.commit).toBe(1);
    expect(step.outputs[0]).toEqual({ kind: 'apply', first: 1, commands: [write('a')] });
  });
  it('is refused while older leases run, below the barrier, and for an undurable slot', () => {
    const waits = [{ ballot: b2, untilMs: 5 }];
    const state = leader([write('a')], { acked, waits });
    expect(commit(state, { nowMs: 4 })).toBeUndefined();
    expect(done(commit(state, { nowMs: 5 })).state.commit).toBe(1);
    expect(commit(leader([write('a')], { acked, barrier: 2 }), { nowMs: 0 })).toBeUndefined();
    expect(commit(leader([write('a')]), { nowMs: 0 })).toBeUndefined();
  });
  it('counts its own write only once it is durable', () => {
    const step = done(put(leader(), { call: 'a', key: 'k', value: 'a', applied }));
    const counted = { ...step.state, acked };
    expect(commit(counted, { nowMs: 0 })).toBeUndefined();
    const synced = done(persisted(counted, { writes: 1 })).state;
    expect(done(commit(synced, { nowMs: 0 })).state.commit).toBe(1);
  });
});

describe('LearnCommit', () => {
  const message = { type: 'commit', ballot: b1, slot: 1 } as const;
  it('applies what is chosen, once, and only what it holds of that ballot', () => {
    const step = done(learnCommit(member('r2', b1, [write('a')]), { message }));
    expect(step.outputs).toEqual([{ kind: 'apply', first: 1, commands: [write('a')] }]);
    expect(learnCommit(step.state, { message })).toBeUndefined();
    expect(learnCommit(member('r2', b1), { message })).toBeUndefined();
    expect(learnCommit(member('r2', b2, [write('a')]), { message })).toBeUndefined();
  });
});

describe('Resend', () => {
  it('asks the absent, brings the joined up to date, and repeats the commit', () => {
    const state = leader([noop, write('a')], { acked: { r2: 1 }, commit: 1 });
    expect(done(resend(state)).outputs).toEqual([
      { kind: 'send', to: ['r3'], message: { type: 'prepare', ballot: b1, commit: 1 } },
      {
        kind: 'send',
        to: ['r2'],
        message: { type: 'accept', ballot: b1, slot: 2, command: write('a') },
      },
      { kind: 'send', to: ['r2', 'r3'], message: { type: 'commit', ballot: b1, slot: 1 } },
    ]);
  });
  it('is refused to a follower, and before the own promise is durable', () => {
    expect(resend(member('r1', b1))).toBeUndefined();
    const asking = done(startElection(member('r2', b1), { ballot: b2 })).state;
    expect(resend(asking)).toBeUndefined();
  });
});

describe('Persisted', () => {
  it('lets out what waited for the oldest writes, in order', () => {
    const first = done(put(leader(), { call: 'a', key: 'k', value: 'a', applied })).state;
    const both = done(put(first, { call: 'b', key: 'k', value: 'b', applied })).state;
    const one = done(persisted(both, { writes: 1 })).state;
    expect(one.unsynced).toHaveLength(1);
    expect(one.unsynced[0]?.was.log.length).toBe(1);
    expect(persisted(both, { writes: 3 })).toBeUndefined();
    expect(persisted(both, { writes: 0 })).toBeUndefined();
  });
});
