/** Two-phase commit: which step of the code is which action of TwoPhase.tla. */
import { defineBinding } from '../../../../conformance/index.ts';
import * as code from './twoPhase.ts';

export const twoPhase = defineBinding<code.System>({
  name: 'twoPhase',
  spec: 'TwoPhase.tla',
  model: 'TwoPhase.cfg',
  init: ({ RMs }) => code.begin(RMs as Set<string>),
  view: ({ managers, coordinator, inFlight }) => ({
    rmState: managers,
    decision: coordinator.decision,
    votes: new Set(coordinator.votes),
    msgs: new Set(inFlight),
  }),
  choices: { ReadVote: (s) => s.inFlight, Obey: (s) => s.inFlight },
  actions: {
    Prepare: (s, { rm }: { rm: string }) => code.prepare(s, rm),
    GiveUp: (s, { rm }: { rm: string }) => code.giveUp(s, rm),
    ReadVote: (s, _, vote: code.Message) => code.readVote(s, vote),
    Commit: (s) => code.decide(s, 'commit'),
    Abort: (s) => code.decide(s, 'abort'),
    Obey: (s, { rm }: { rm: string }, message: code.Message) => code.obey(s, rm, message),
  },
});
