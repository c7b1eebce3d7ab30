/** src/protocol/membership/recovery.ts: a replica comes back in the epoch that it had entered. */
import { describe, expect, it } from 'vitest';
import { restart } from '../../../src/protocol/membership/recovery.ts';
import { learnCommit } from '../../../src/protocol/membership/epoch.ts';
import { init } from '../../../src/protocol/membership/state.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import { durable } from '../../../src/protocol/replication/operators.ts';
import { b11, done, first, identity, member, successor, swap, write } from './group.ts';

describe('Restart', () => {
  const given = { identity: identity('b'), first, kept: 0, nowMs: 100 };
  it('reads the configuration off the log, and acts as if it had just granted to anybody', () => {
    const { promised, logBallot, log } = successor('b');
    const { state } = restart({ ...given, image: { promised, logBallot, log } });
    expect(state).toMatchObject({ epoch: 2, opened: 2, group: { members: ['a', 'b', 'd'] } });
    expect(state.grants).toMatchObject([{ ballot: { epoch: 0 }, untilMs: 2_200 }]);
  });
  it('comes back in the old epoch where the entry into the next was not durable', () => {
    const message = { type: 'commit', ballot: b11, slot: 2 } as const;
    const entered = done(learnCommit(member('b', [write('x'), swap]), { message })).state;
    const { state } = restart({ ...given, image: durable(entered) });
    expect(state).toMatchObject({ epoch: 1, opened: 0, group: { members: ['a', 'b', 'c'] } });
  });
  it('goes on waiting to become a member', () => {
    const { promised, logBallot, log } = init(identity('d'));
    const args = { ...given, identity: identity('d'), image: { promised, logBallot, log } };
    expect(restart(args).state).toMatchObject({ epoch: 0, group: { members: [] } });
    const copied = { ...args.image, log: CommandLog.of([write('x')], 1) };
    const { state, outputs } = restart({ ...args, image: copied });
    expect(state).toMatchObject({ epoch: 0, commit: 2, log: { base: 1 } });
    expect(outputs).toEqual([]);
  });
  it('takes the configuration that was stored where its stop sign was dropped', () => {
    const { promised, logBallot, log } = successor('b');
    const stored = { epoch: 2, members: ['a', 'b', 'd'], storage: ['a', 'b'], opened: 2 };
    const image = { promised, logBallot, log: log.truncate(2) };
    const { state } = restart({ ...given, first: stored, kept: 2, image });
    expect(state).toMatchObject({ epoch: 2, opened: 2, commit: 2, group: { storage: ['a', 'b'] } });
  });
  it('knows what came before its epoch to be chosen, and applies what was not kept of it', () => {
    const { promised, logBallot, log } = successor('b');
    const longer = { promised, logBallot, log: log.append(write('y')) };
    const { state, outputs } = restart({ ...given, kept: 1, image: longer });
    expect(state.commit).toBe(2);
    expect(outputs).toEqual([{ kind: 'apply', first: 2, commands: [swap] }]);
    expect(restart({ ...given, kept: 3, image: longer })).toMatchObject({
      state: { commit: 3 },
      outputs: [],
    });
  });
  it('refuses what was kept beside a log that does not reach it, or begins after it', () => {
    const { promised, logBallot, log } = member('b', [write('x'), write('y')]);
    const image = { promised, logBallot, log: log.truncate(1) };
    expect(() => restart({ ...given, kept: 3, image })).toThrow('3 slots of b were kept');
    expect(() => restart({ ...given, kept: 0, image })).toThrow('beside a log of the slots 2 to 2');
  });
  it('refuses a log that does not tell the members of the epoch', () => {
    const { promised, logBallot } = successor('b');
    const image = { promised, logBallot, log: member('b').log };
    expect(() => restart({ ...given, image })).toThrow('does not tell the members of epoch 2');
  });
});
