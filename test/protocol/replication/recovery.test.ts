/** The actions of src/protocol/replication/recovery.ts: where each is enabled, where not, what it does. */
import { describe, expect, it } from 'vitest';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import { restart } from '../../../src/protocol/replication/recovery.ts';
import { accept, commit, persisted } from '../../../src/protocol/replication/append.ts';
import { join } from '../../../src/protocol/replication/election.ts';
import { keepable } from '../../../src/protocol/replication/operators.ts';
import { group, b1, b2, done, leader, member, write } from './replicas.ts';

describe('Restart', () => {
  it('keeps the image and what it knew to be chosen, and behaves as if it had just granted a lease to anybody', () => {
    const image = { promised: b2, logBallot: b1, log: CommandLog.of([write('a')]) };
    const { state } = restart({ group: group('r3'), image, kept: 1, nowMs: 7 });
    expect(state.commit).toBe(1);
    expect(state.promised).toEqual(b2);
    expect(state.log.slice(1)).toEqual([write('a')]);
    expect(state.phase).toBe('follower');
    expect(state.grants).toEqual([{ ballot: noBallot, untilMs: 2_107 }]);
  });
});

describe('Keepable', () => {
  const taken = (state: ReturnType<typeof member>) =>
    done(accept(state, { message: { type: 'accept', ballot: b1, slot: 1, command: write('a') } }));
  it('is the commit, as far as the own log is durable', () => {
    const { state } = taken(member('r2', b1));
    const told = { ...state, commit: 1 };
    expect(keepable(told)).toBe(0);
    expect(keepable(done(persisted(told, { writes: 1 })).state)).toBe(1);
    expect(keepable({ ...told, commit: 0 })).toBe(0);
  });
  it('is nothing of a slot that two others hold, and the leader does not yet', () => {
    const { unsynced } = taken(member('r2', b1)).state;
    const ahead = leader([write('a')], { unsynced, acked: { r2: 1, r3: 1 } });
    const { state } = done(commit(ahead, { nowMs: 0 }));
    expect(state.commit).toBe(1);
    expect(keepable(state)).toBe(0);
  });
  it('ends where the durable log has another command', () => {
    const old = { ...member('r3', b1, [write('a'), write('b')]), promised: b2, commit: 1 };
    const entries = [write('a'), write('c'), write('d')];
    const message = { type: 'join', ballot: b2, to: 'r3', start: 0, entries } as const;
    const joined = { ...done(join(old, { message })).state, commit: 3 };
    expect(keepable(joined)).toBe(1);
    expect(keepable(done(persisted(joined, { writes: 1 })).state)).toBe(3);
  });
});
