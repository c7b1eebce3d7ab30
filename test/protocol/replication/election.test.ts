/** The actions of src/protocol/replication/election.ts: where each is enabled, where not, what it does. */
import { persisted } from '../../../src/protocol/replication/append.ts';
import { describe, expect, it } from 'vitest';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import { CommandLog, noop } from '../../../src/protocol/replication/commandLog.ts';
import {
  join,
  promise,
  receivePromise,
  startElection,
} from '../../../src/protocol/replication/election.ts';
import type { State } from '../../../src/protocol/replication/state.ts';
import {
  members,
  group,
  b1,
  b2,
  write,
  member,
  leader,
  done,
  sent,
  vote,
  candidate,
} from './replicas.ts';

describe('StartElection', () => {
  it('promises the own ballot first, and asks when that is durable', () => {
    const step = done(startElection(member('r2', b1), { ballot: b2 }));
    expect(step.state.promised).toEqual(b2);
    expect(sent(step)).toEqual([]);
    expect(sent(done(persisted(step.state, { writes: 1 })))).toEqual([
      { type: 'prepare', ballot: b2, commit: 0 },
    ]);
  });
  it('is refused under another’s ballot, one not above the promise, and to a log replica', () => {
    expect(startElection(member('r2', b1), { ballot: b1 })).toBeUndefined();
    expect(startElection(member('r2', b2), { ballot: b2 })).toBeUndefined();
    const b3 = { epoch: 0, round: 3, replica: 'r3' };
    expect(startElection(member('r3', b1), { ballot: b3 })).toBeUndefined();
  });
  it('tells the clients of a leader that steps down for it', () => {
    const waiting = [{ call: 'c', slot: 1, ok: true, value: null }];
    const b3 = { epoch: 0, round: 3, replica: 'r1' };
    const step = done(startElection(leader([], { waiting }), { ballot: b3 }));
    expect(step.outputs).toContainEqual({
      kind: 'reply',
      call: 'c',
      status: 'unknown',
      value: null,
    });
  });
});

describe('Promise', () => {
  const message = { type: 'prepare', ballot: b2, commit: 0 } as const;
  it('tells the unchosen suffix and the leases of other ballots, once durable', () => {
    const grants = [{ ballot: b1, untilMs: 900 }];
    const state = { ...member('r3', b1, [write('a')]), grants };
    const step = done(promise(state, { message, nowMs: 400 }));
    expect(sent(step)).toEqual([]);
    expect(sent(done(persisted(step.state, { writes: 1 })))).toEqual([
      vote({ entries: [write('a')], grants: [{ ballot: b1, leftMs: 500 }] }),
    ]);
  });
  it('leaves out only what both know to be chosen', () => {
    const state = { ...member('r3', b1, [write('a'), write('b')]), commit: 2 };
    const step = done(promise(state, { message: { ...message, commit: 1 }, nowMs: 0 }));
    const [answer] = sent(done(persisted(step.state, { writes: 1 })));
    expect(answer).toMatchObject({ start: 1, entries: [write('b')] });
  });
  it('answers again until the member has joined, and not below the promise', () => {
    const again = { ...member('r3', b1), promised: b2 };
    expect(sent(done(promise(again, { message, nowMs: 0 })))).toHaveLength(1);
    expect(promise(member('r3', b2), { message, nowMs: 0 })).toBeUndefined();
    const b3 = { epoch: 0, round: 3, replica: 'r1' };
    const above = { ...member('r3', b1), promised: b3 };
    expect(promise(above, { message, nowMs: 0 })).toBeUndefined();
  });
});

describe('ReceivePromise', () => {
  it('takes over the best log whole and adds the barrier', () => {
    const own = candidate({
      log: CommandLog.of([write('mine'), write('too')]),
      logBallot: noBallot,
    });
    const step = done(
      receivePromise(own, { message: vote({ entries: [write('theirs')] }), nowMs: 0 }),
    );
    expect(step.state.log.slice(1)).toEqual([write('theirs'), noop]);
    expect(step.state.phase).toBe('leader');
    expect(step.state.barrier).toBe(2);
    expect(sent(step)).toMatchObject([{ type: 'join', to: 'r3' }]);
  });
  it('waits out every lease given to another ballot, but not one given up', () => {
    const grants = [{ ballot: b1, leftMs: 700 }];
    const message = vote({ grants });
    const waits = done(receivePromise(candidate(), { message, nowMs: 10 })).state.waits;
    expect(waits).toEqual([{ ballot: b1, untilMs: 710 }]);
    const told = candidate({ relinquished: b1 });
    expect(done(receivePromise(told, { message, nowMs: 10 })).state.waits).toEqual([]);
  });
  it('counts each member once, and is refused to a follower and for another ballot', () => {
    const five = { ...group('r2'), members: [...members, 'r4', 'r5'] };
    const one = done(receivePromise(candidate({ group: five }), { message: vote(), nowMs: 0 }));
    expect(one.state.phase).toBe('candidate');
    expect(receivePromise(one.state, { message: vote(), nowMs: 0 })).toBeUndefined();
    const other = vote({ start: 0, grants: [{ ballot: b1, leftMs: 1 }] });
    const twice = done(receivePromise(one.state, { message: other, nowMs: 0 }));
    expect(twice.state.phase).toBe('candidate');
    expect(receivePromise(member('r2', b2), { message: vote(), nowMs: 0 })).toBeUndefined();
    const old = vote({ ballot: b1 });
    expect(receivePromise(candidate(), { message: old, nowMs: 0 })).toBeUndefined();
  });
  it('lets one more member join a leader, until it has', () => {
    const state = leader([noop]);
    const late = vote({ ballot: b1, logBallot: noBallot });
    expect(sent(done(receivePromise(state, { message: late, nowMs: 0 })))).toHaveLength(1);
    const joined = leader([noop], { acked: { r3: 1 } });
    expect(receivePromise(joined, { message: late, nowMs: 0 })).toBeUndefined();
  });
});

describe('Join', () => {
  const message = { type: 'join', ballot: b2, to: 'r3', start: 1, entries: [noop] } as const;
  const promisedOnly = (commit: number): State => ({
    ...member('r3', b1, [write('a'), write('lost'), write('lost too')]),
    promised: b2,
    commit,
  });
  it('replaces the whole unchosen suffix in one durable step', () => {
    const step = done(join(promisedOnly(1), { message }));
    expect(step.state.log.slice(1)).toEqual([write('a'), noop]);
    expect(step.state.logBallot).toEqual(b2);
    expect(sent(step)).toEqual([]);
    expect(sent(done(persisted(step.state, { writes: 1 })))).toEqual([
      { type: 'accepted', ballot: b2, from: 'r3', length: 2 },
    ]);
  });
  it('is refused over slots not known to be chosen, without the promise, and to others', () => {
    expect(join(promisedOnly(0), { message })).toBeUndefined();
    expect(join({ ...promisedOnly(1), promised: b1 }, { message })).toBeUndefined();
    expect(join(promisedOnly(1), { message: { ...message, to: 'r1' } })).toBeUndefined();
  });
  it('answers again once joined', () => {
    const joined = member('r3', b2, [write('a'), noop]);
    expect(sent(done(join(joined, { message })))).toMatchObject([{ length: 2 }]);
  });
});
