/** Members of a group in given states, for the tests of each action. */
import { init } from '../../../src/protocol/membership/state.ts';
import type { Configuration, State, Step } from '../../../src/protocol/membership/state.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';

export const first: Configuration = {
  epoch: 1,
  members: ['a', 'b', 'c'],
  storage: ['a', 'b', 'c'],
};
/** The change that ends the first epoch: log replica d for c. */
export const swap = {
  kind: 'reconfigure',
  epoch: 1,
  members: ['a', 'b', 'd'],
  storage: ['a', 'b'],
} as const;
export const next: Configuration = { epoch: 2, members: swap.members, storage: swap.storage };

export const identity = (id: string) => ({ id, leaseMs: 2_000, driftMs: 100 });
export const b11: Ballot = { epoch: 1, round: 1, replica: 'a' };
export const b12: Ballot = { epoch: 1, round: 2, replica: 'b' };
export const b21: Ballot = { epoch: 2, round: 1, replica: 'a' };
export const write = (call: string): Command => ({ kind: 'write', call, key: 'k', value: call });
export const applied = () => null;

export function member(
  id: string,
  commands: readonly Command[] = [],
  changed: Partial<State> = {},
): State {
  const joined = { promised: b11, logBallot: b11, log: CommandLog.of(commands) };
  return { ...init(identity(id), first), ...joined, ...changed };
}

/** a leads the first epoch with the lease in hand at time 0. */
export function leader(commands: readonly Command[] = [], changed: Partial<State> = {}): State {
  const held = { a: 2_000, b: 2_000 };
  return { ...member('a', commands), phase: 'leader', ballot: b11, held, ...changed };
}

/** A member of the second epoch, which begins after one write and the swap. */
export function successor(id: string, changed: Partial<State> = {}): State {
  const base: Ballot = { epoch: 2, round: 0, replica: '' };
  const log = CommandLog.of([write('x'), swap]);
  const state = init(identity(id), next);
  return { ...state, promised: base, logBallot: base, log, opened: 2, commit: 2, ...changed };
}

export function done(step: Step | undefined): Step {
  if (step === undefined) throw new Error('the action was not enabled');
  return step;
}

export function sent(step: Step) {
  return step.outputs.flatMap((output) => (output.kind === 'send' ? [output.message] : []));
}

export function replies(step: Step) {
  return step.outputs.flatMap((output) =>
    output.kind === 'reply' ? [[output.call, output.status]] : [],
  );
}
