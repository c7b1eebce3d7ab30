/** The actions of src/protocol/membership/change.ts: where each is enabled, where not, what it does. */
import { describe, expect, it } from 'vitest';
import { announce, install, reconfigure } from '../../../src/protocol/membership/change.ts';
import { init } from '../../../src/protocol/membership/state.ts';
import type { EpochMessage } from '../../../src/protocol/membership/state.ts';
import { persisted } from '../../../src/protocol/replication/append.ts';
import { durable } from '../../../src/protocol/replication/operators.ts';
import {
  b11,
  b12,
  done,
  identity,
  leader,
  member,
  next,
  replies,
  sent,
  successor,
  swap,
  write,
} from './group.ts';

const change = { epoch: 1, members: swap.members, storage: swap.storage, nowMs: 0 };

describe('Reconfigure', () => {
  it('appends the change as the last entry of the epoch, and sends it to the old members', () => {
    const step = done(reconfigure(leader([write('x')]), change));
    expect(step.state.log.slice(1)).toEqual([write('x'), swap]);
    expect(step.state.epoch).toBe(1);
    const message = { type: 'accept', ballot: b11, slot: 2, command: swap };
    expect(step.outputs).toEqual([{ kind: 'persist' }, { kind: 'send', to: ['b', 'c'], message }]);
  });
  it('is refused to one that does not lead, or has promised another ballot', () => {
    expect(reconfigure(member('a'), change)).toBeUndefined();
    expect(reconfigure(leader([], { promised: b12 }), change)).toBeUndefined();
  });
  it('is refused while an older lease may hold, without the own lease, and before the barrier', () => {
    const waits = [{ ballot: b12, untilMs: 500 }];
    expect(reconfigure(leader([], { waits }), change)).toBeUndefined();
    expect(reconfigure(leader([], { waits }), { ...change, nowMs: 500 })).toBeDefined();
    expect(reconfigure(leader([], { held: { a: 2_000 } }), change)).toBeUndefined();
    expect(reconfigure(leader([write('x')], { barrier: 1 }), change)).toBeUndefined();
  });
  it('is refused to the second of two healers, in this epoch and in the next', () => {
    expect(reconfigure(leader([swap]), change)).toBeUndefined();
    expect(reconfigure(leader([], { epoch: 2 }), change)).toBeUndefined();
  });
});

describe('Announce', () => {
  it('tells the members of the epoch how it began, and the log that one of them lacks', () => {
    const [message] = sent(done(announce(successor('b'), { start: 1 })));
    expect(message).toEqual({ type: 'epoch', ...next, start: 1, entries: [swap] });
  });
  it('tells nothing of what came after the epoch began', () => {
    const log = successor('b').log.append(write('y'));
    const [message] = sent(done(announce(successor('b', { log }), { start: 0 })));
    expect(message).toMatchObject({ entries: [write('x'), swap] });
  });
  it('is refused in the first epoch, and past the change', () => {
    expect(announce(member('b'), { start: 0 })).toBeUndefined();
    expect(announce(successor('b'), { start: 3 })).toBeUndefined();
  });
});

describe('Install', () => {
  const whole: EpochMessage = { type: 'epoch', ...next, start: 0, entries: [write('x'), swap] };
  const tail: EpochMessage = { type: 'epoch', ...next, start: 1, entries: [swap] };
  const waiting = [{ call: 'c', slot: 1, ok: true, value: null }];

  it('makes a new member of one that holds the whole chosen log', () => {
    const step = done(install(init(identity('d')), { message: whole }));
    expect(step.state).toMatchObject({ epoch: 2, opened: 2, commit: 2, phase: 'follower' });
    expect(step.state.promised).toEqual({ epoch: 2, round: 0, replica: '' });
    expect(step.state.group).toMatchObject({ members: ['a', 'b', 'd'], storage: ['a', 'b'] });
    const commands = [write('x'), swap];
    expect(step.outputs).toEqual([{ kind: 'apply', first: 1, commands }, { kind: 'persist' }]);
  });
  it('is durable whole or not at all', () => {
    const step = done(install(init(identity('d')), { message: whole }));
    expect(durable(step.state)).toMatchObject({ promised: { epoch: 0 }, log: { length: 0 } });
    const after = done(persisted(step.state, { writes: 1 }) as typeof step);
    expect(durable(after.state)).toMatchObject({ promised: { epoch: 2 }, log: { length: 2 } });
  });
  it('is refused to a member that does not hold what the copy leaves out', () => {
    expect(install(init(identity('d')), { message: tail })).toBeUndefined();
    expect(install(member('b', [write('x')]), { message: tail })).toBeUndefined();
    const knows = member('b', [write('x')], { commit: 1 });
    expect(done(install(knows, { message: tail })).state.log.slice(1)).toEqual([write('x'), swap]);
  });
  it('is refused to one that is no member, and in the same epoch or a later one', () => {
    expect(install(member('c', [], { commit: 0 }), { message: whole })).toBeUndefined();
    expect(install(successor('b'), { message: whole })).toBeUndefined();
  });
  it('ends the leadership of one that was deposed, and forgets the grants of the old epoch', () => {
    const grants = [{ ballot: b11, untilMs: 900 }];
    const step = done(install(leader([write('y')], { waiting, grants }), { message: whole }));
    expect(step.state).toMatchObject({ phase: 'follower', grants: [], waiting: [] });
    expect(replies(step)).toEqual([['c', 'unknown']]);
  });
});
