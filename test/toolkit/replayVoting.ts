/**
 * A toy protocol and its right code, for tests that plant one bug at a time. Two acceptors vote in
 * ballots; a proposal is a message, which Vote picks. Written twice: as model and as code.
 */
import { graphOf, labelsOf, type Model } from '../../bench/modelGraph.ts';
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';

export const acceptors = ['a1', 'a2'];
const ballots = [1, 2];

export type Proposal = {
  readonly type: 'propose';
  readonly bal: number;
};

/** The code's shape: a record an acceptor, where the model has a function a variable. */
export interface Acceptor {
  readonly promised: number;
  readonly votes: readonly number[];
}

export interface World {
  readonly acceptors: Readonly<Record<string, Acceptor>>;
  readonly msgs: readonly Proposal[];
}

export const labels = [
  ...labelsOf('Propose', ballots),
  ...labelsOf('Vote', acceptors),
  ...labelsOf('Forget', acceptors),
];

export const parameterNames = { Propose: ['b'], Vote: ['a'], Forget: ['a'] };

type Numbers = Readonly<Record<string, number>>;
type Votes = Readonly<Record<string, ReadonlySet<number>>>;

function nextOf(state: Model, action: string, arg: TlaValue): Model[] {
  const msgs = state['msgs'] as ReadonlySet<{ type: string; bal: number }>;
  const promised = state['promised'] as Numbers;
  const votes = state['votes'] as Votes;
  if (action === 'Propose') {
    if ([...msgs].some((m) => m.bal === arg)) return [];
    return [{ ...state, msgs: new Set([...msgs, { type: 'propose', bal: arg as number }]) }];
  }
  const a = arg as string;
  if (action === 'Forget') {
    return votes[a]!.size === 0 ? [] : [{ ...state, votes: { ...votes, [a]: new Set() } }];
  }
  return [...msgs]
    .filter((m) => m.bal > promised[a]!)
    .map((m) => ({
      ...state,
      promised: { ...promised, [a]: m.bal },
      votes: { ...votes, [a]: new Set([...votes[a]!, m.bal]) },
    }));
}

export const votingModel = {
  initial: [
    {
      msgs: new Set<TlaValue>(),
      promised: { a1: 0, a2: 0 },
      votes: { a1: new Set<TlaValue>(), a2: new Set<TlaValue>() },
    },
  ],
  labels,
  next: (state: Model, label: { action: string; args: readonly TlaValue[] }) =>
    nextOf(state, label.action, label.args[0]!),
};

export const votingGraph = () => graphOf(votingModel);

export function withAcceptor(s: World, a: string, change: Partial<Acceptor>): World {
  return { ...s, acceptors: { ...s.acceptors, [a]: { ...s.acceptors[a]!, ...change } } };
}

export function vote(s: World, a: string, m: Proposal): World | undefined {
  const { promised, votes } = s.acceptors[a]!;
  if (m.bal <= promised) return undefined;
  return withAcceptor(s, a, { promised: m.bal, votes: [...votes, m.bal] });
}

export const voting = defineBinding<World>({
  name: 'voting',
  spec: 'Voting.tla',
  init: () => ({
    acceptors: { a1: { promised: 0, votes: [] }, a2: { promised: 0, votes: [] } },
    msgs: [],
  }),
  decode: (model: { msgs: ReadonlySet<Proposal>; promised: Numbers; votes: Votes }) => ({
    acceptors: Object.fromEntries(
      acceptors.map((a) => [a, { promised: model.promised[a]!, votes: [...model.votes[a]!] }]),
    ),
    msgs: [...model.msgs],
  }),
  view: ({ acceptors: all, msgs }) => ({
    msgs: new Set(msgs.map(({ type, bal }) => ({ type, bal }))),
    promised: Object.fromEntries(acceptors.map((a) => [a, all[a]!.promised])),
    votes: Object.fromEntries(acceptors.map((a) => [a, new Set(all[a]!.votes)])),
  }),
  choices: { Vote: (s) => s.msgs },
  actions: {
    Propose: (s, { b }: { b: number }) =>
      s.msgs.some((m) => m.bal === b)
        ? undefined
        : { ...s, msgs: [...s.msgs, { type: 'propose', bal: b }] },
    Vote: (s, { a }: { a: string }, m: Proposal) => vote(s, a, m),
    Forget: (s, { a }: { a: string }) =>
      s.acceptors[a]!.votes.length === 0 ? undefined : withAcceptor(s, a, { votes: [] }),
  },
  history: (action, { a }, _before, after) => {
    if (action === 'Vote')
      return {
        type: 'invoke',
        process: a as string,
        op: 'write',
        key: 'k',
        value: after.acceptors[a as string]!.promised,
      };
    if (action === 'Forget')
      return { type: 'return', process: a as string, status: 'ok', result: null };
    return undefined;
  },
});
