/** The actions of src/protocol/replication/recovery.ts: where each is enabled, where not, what it does. */
import { describe, expect, it } from 'vitest';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import { restart } from '../../../src/protocol/replication/recovery.ts';
import { group, b1, b2, write } from './replicas.ts';

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
