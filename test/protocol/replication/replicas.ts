/** Replicas in given states, for the tests of each action. */
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import { init } from '../../../src/protocol/replication/state.ts';
import type {
  Group,
  PromiseMessage,
  State,
  Step,
} from '../../../src/protocol/replication/state.ts';

export const members = ['r1', 'r2', 'r3'];
export const group = (id: string): Group => ({
  id,
  members,
  storage: ['r1', 'r2'],
  leaseMs: 2_000,
  driftMs: 100,
});
export const b1: Ballot = { epoch: 0, round: 1, replica: 'r1' };
export const b2: Ballot = { epoch: 0, round: 2, replica: 'r2' };
export const write = (call: string): Command => ({ kind: 'write', call, key: 'k', value: call });
export const applied = () => null;

export function member(id: string, ballot: Ballot, commands: readonly Command[] = []): State {
  return { ...init(group(id)), promised: ballot, logBallot: ballot, log: CommandLog.of(commands) };
}

/** r1 leads ballot 1 with the lease in hand at time 0. */
export function leader(commands: readonly Command[] = [], changed: Partial<State> = {}): State {
  return {
    ...member('r1', b1, commands),
    phase: 'leader',
    ballot: b1,
    held: { r1: 2_000, r2: 2_000 },
    ...changed,
  };
}

export function done(step: Step | undefined): Step {
  if (step === undefined) throw new Error('the action was not enabled');
  return step;
}

export function sent(step: Step) {
  return step.outputs.flatMap((output) => (output.kind === 'send' ? [output.message] : []));
}

export const vote = (changed: Partial<PromiseMessage> = {}): PromiseMessage => ({
  type: 'promise',
  ballot: b2,
  from: 'r3',
  logBallot: b1,
  start: 0,
  entries: [],
  grants: [],
  ...changed,
});

export const candidate = (changed: Partial<State> = {}): State => ({
  ...member('r2', b1),
  promised: b2,
  phase: 'candidate',
  ballot: b2,
  ...changed,
});
