/** The actions of src/protocol/replication/lease.ts: where each is enabled, where not, what it does. */
import { describe, expect, it } from 'vitest';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import {
  grant,
  receiveGrant,
  receiveRelinquish,
  relinquish,
  renew,
} from '../../../src/protocol/replication/lease.ts';
import { serving } from '../../../src/protocol/replication/operators.ts';
import { b1, b2, member, leader, done, sent, candidate } from './replicas.ts';

describe('Renew', () => {
  it('counts from sending, grants to itself, and asks once an instant', () => {
    const step = done(renew(leader([], { held: {} }), { nowMs: 50 }));
    expect(step.state.held).toEqual({ r1: 2_050 });
    expect(step.state.grants).toEqual([{ ballot: b1, untilMs: 2_150 }]);
    expect(sent(step)).toEqual([{ type: 'renew', ballot: b1, sentAtMs: 50 }]);
    expect(renew(step.state, { nowMs: 50 })).toBeUndefined();
    expect(renew(leader([], { promised: b2 }), { nowMs: 50 })).toBeUndefined();
  });
});

describe('Grant', () => {
  const message = { type: 'renew', ballot: b1, sentAtMs: 50 } as const;
  it('counts from receiving, drift included, and keeps other ballots’ grants', () => {
    const other = { ballot: b2, untilMs: 90 };
    const state = { ...member('r2', b1), grants: [other, { ballot: noBallot, untilMs: 60 }] };
    const step = done(grant(state, { message, nowMs: 70 }));
    expect(step.state.grants).toEqual([other, { ballot: b1, untilMs: 2_170 }]);
    expect(sent(step)).toEqual([{ type: 'grant', ballot: b1, from: 'r2', sentAtMs: 50 }]);
  });
  it('goes to the promised ballot only', () => {
    expect(grant(member('r2', b2), { message, nowMs: 0 })).toBeUndefined();
    expect(grant(member('r1', b1), { message, nowMs: 0 })).toBeUndefined();
  });
});

describe('ReceiveGrant', () => {
  const message = { type: 'grant', ballot: b1, from: 'r3', sentAtMs: 50 } as const;
  it('holds for a lease since the asking, and only longer than before', () => {
    const step = done(receiveGrant(leader(), { message, nowMs: 500 }));
    expect(step.state.held['r3']).toBe(2_050);
    expect(receiveGrant(step.state, { message, nowMs: 500 })).toBeUndefined();
    expect(receiveGrant(leader(), { message, nowMs: 2_050 })).toBeUndefined();
    expect(receiveGrant(member('r1', b1), { message, nowMs: 0 })).toBeUndefined();
  });
});

describe('Relinquish', () => {
  it('stops serving for good and says so', () => {
    const step = done(relinquish(leader()));
    expect(step.state.phase).toBe('follower');
    expect(serving(step.state, 0)).toBe(false);
    expect(sent(step)).toEqual([{ type: 'relinquish', ballot: b1 }]);
    expect(relinquish(step.state)).toBeUndefined();
  });
});

describe('ReceiveRelinquish', () => {
  const message = { type: 'relinquish', ballot: b1 } as const;
  it('ends the wait for that ballot alone', () => {
    const restarted = { ballot: noBallot, untilMs: 9 };
    const waits = [{ ballot: b1, untilMs: 9 }, restarted];
    const step = done(receiveRelinquish(candidate({ waits }), { message }));
    expect(step.state.waits).toEqual([restarted]);
    expect(receiveRelinquish(step.state, { message })).toBeUndefined();
    expect(receiveRelinquish(member('r3', b2), { message })).toBeUndefined();
    expect(receiveRelinquish(member('r1', b2), { message })).toBeUndefined();
  });
});
