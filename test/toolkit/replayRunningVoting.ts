/** The voting protocol as code that runs: a server object behind promises, and its binding. */
import { setImmediate } from 'node:timers/promises';
import {
  defineRunningBinding,
  type RunningBinding,
} from '../../conformance/replay/runningBinding.ts';
import { acceptors, type Proposal } from './replayVoting.ts';

/** What tests plant bugs in: each method may be replaced. */
export class VotingServer {
  msgs: Proposal[] = [];
  promised: Record<string, number> = { a1: 0, a2: 0 };
  votes: Record<string, number[]> = { a1: [], a2: [] };
  stopped = 0;

  async propose(b: number): Promise<boolean> {
    await setImmediate();
    if (this.msgs.some(({ bal }) => bal === b)) return false;
    this.msgs.push({ type: 'propose', bal: b });
    return true;
  }

  async vote(a: string, m: Proposal): Promise<boolean> {
    await Promise.resolve();
    if (m.bal <= this.promised[a]!) return false;
    this.promised[a] = m.bal;
    this.votes[a]!.push(m.bal);
    return true;
  }

  async forget(a: string): Promise<boolean> {
    await Promise.resolve();
    if (this.votes[a]!.length === 0) return false;
    this.votes[a] = [];
    return true;
  }
}

export type VotingSubject = RunningBinding<VotingServer>;

/** The binding of a server class, or of what else makes servers. */
export function runningVoting(
  make: () => VotingServer = () => new VotingServer(),
  change: Partial<VotingSubject> = {},
): VotingSubject {
  return defineRunningBinding<VotingServer>({
    name: 'running-voting',
    spec: 'Voting.tla',
    stepMs: 200,
    start: () => make(),
    actions: {
      Propose: (s, { b }: { b: number }) => s.propose(b),
      Vote: (s, { a }: { a: string }, m: Proposal) => s.vote(a, m),
      Forget: (s, { a }: { a: string }) => s.forget(a),
    },
    choices: { Vote: (s) => [...s.msgs] },
    observe: (s) => ({
      msgs: new Set(s.msgs.map((m) => ({ ...m }))),
      promised: { ...s.promised },
      votes: Object.fromEntries(acceptors.map((a) => [a, new Set(s.votes[a])])),
    }),
    stop: (s) => {
      s.stopped += 1;
    },
    ...change,
  });
}
