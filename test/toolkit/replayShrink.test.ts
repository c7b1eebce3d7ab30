/** Failing cases, shrunk: past the state they were found in, told once, and honest about chance. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeGraph } from '../../conformance/behaviour/recording.ts';
import { edgeSource } from '../../conformance/behaviour/graph.ts';
import type { Binding } from '../../conformance/replay/binding.ts';
import type { AnyBinding, AnyRunningBinding } from '../../conformance/replay/bindingModule.ts';
import { caseRunner } from '../../conformance/replaying/failingCase.ts';
import { runShare } from '../../conformance/replaying/runShare.ts';
import type { ShareSettings } from '../../conformance/replaying/share.ts';
import { shrink } from '../../conformance/replaying/shrink.ts';
import { runningVoting, VotingServer } from './replayRunningVoting.ts';
import { parameterNames, voting, votingGraph, withAcceptor, type World } from './replayVoting.ts';

const graph = votingGraph();
const facts = { constants: {}, parameterNames, boundedLeaves: false };

/** Forgets the promise with the vote. */
const forgetful = {
  ...voting,
  actions: {
    ...voting.actions,
    Forget: (s: World, { a }: { a: string }) =>
      s.acceptors[a]!.votes.length === 0
        ? undefined
        : withAcceptor(s, a, { promised: 0, votes: [] }),
  },
} as Binding<World>;

function edgeFrom(node: number, action: string, arg: unknown): number {
  for (let edge = graph.edgeOffset[node]!; edge < graph.edgeOffset[node + 1]!; edge += 1) {
    const label = graph.labels[graph.edgeLabel[edge]!]!;
    if (label.action === action && label.args[0] === arg) return edge;
  }
  throw new Error(`no ${action}`);
}

function share(binding: unknown, mode: ShareSettings['mode']) {
  const settings: ShareSettings = {
    ...{ mode, coverage: 'edge', inRow: 2, seed: 1, steps: 100, depth: 20 },
    ...{ offers: true, maxFailures: 10 },
  };
  const job = { path: '', transpiled: '', settings, shard: { index: 0, count: 1 }, facts };
  const tools = { signal: new AbortController().signal, onProgress: () => undefined };
  const encoded = encodeGraph(graph, { effort: 'fast' });
  return runShare({ ...job, graph: encoded }, tools, binding as AnyBinding | AnyRunningBinding);
}

describe('a failing case', () => {
  it('loses the steps that another state does without', async () => {
    const start = graph.initial[0]!;
    const edges: number[] = [];
    for (const [action, arg] of [
      ['Propose', 2],
      ['Propose', 1],
      ['Vote', 'a1'],
      ['Forget', 'a1'],
    ] as const)
      edges.push(
        edgeFrom(edges.length === 0 ? start : graph.edgeTarget[edges.at(-1)!]!, action, arg),
      );
    const run = caseRunner(graph, forgetful as unknown as AnyBinding, facts);
    const failure = (await run({ start, edges }))!;
    expect(failure.summary).toContain('Forget("a1") leads where the code\'s does not');
    const small = await shrink(graph, { failure, failing: { start, edges } }, run);
    const labels = small!.failing.edges.map((edge) => graph.labels[graph.edgeLabel[edge]!]!.action);
    expect(labels).toEqual(['Propose', 'Vote', 'Forget']);
    expect(edgeSource(graph, small!.failing.edges[0]!)).toBe(start);
  });

  it('is told once, though several were shrunk to it', async () => {
    const { failures, failureCount } = await share(forgetful, 'edges');
    const texts = failures.map(({ failure }) => failure.text);
    expect(new Set(texts).size).toBe(texts.length);
    expect(failureCount).toBeGreaterThan(texts.length);
  });

  it('shows the choice as the spec writes it, and the successor that the model has', async () => {
    const slow = {
      ...voting,
      actions: {
        ...voting.actions,
        Vote: (s: World, { a }: { a: string }, m: { bal: number }) =>
          m.bal > s.acceptors[a]!.promised ? withAcceptor(s, a, { promised: m.bal }) : undefined,
      },
    };
    const { failures } = await share(slow, 'edges');
    const forbidden = failures.find(({ failure }) => failure.kind === 'forbidden')!.failure;
    expect(forbidden.choice).toBe('[bal |-> 1, type |-> "propose"]');
    expect(forbidden.comparedWith).toBe('the nearest of its successors');
    expect(forbidden.differences.map(({ variable }) => variable)).toEqual(['votes']);
  });
});

describe('a subject that is hard to catch', () => {
  it('answers before it acts: that is said, and fails alone', async () => {
    const early = runningVoting(() =>
      Object.assign(new VotingServer(), {
        forget(this: VotingServer, a: string): Promise<boolean> {
          if (this.votes[a]!.length === 0) return Promise.resolve(false);
          void setImmediate().then(() => (this.votes[a] = []));
          return Promise.resolve(true);
        },
      }),
    );
    const { failures } = await share(early, 'tours');
    expect(failures[0]!.failure.summary).toContain('and shows nothing of it: it answers before');
    expect(failures[0]!.steps).toBe(2);
    expect(failures[0]!.trace).toContain('"ITF"');
  });

  it('fails by chance: that is said, and no trace is kept', async () => {
    let votes = 0;
    const moody = runningVoting(() =>
      Object.assign(new VotingServer(), {
        vote(this: VotingServer, ...args: Parameters<VotingServer['vote']>): Promise<boolean> {
          const [a, { bal }] = args;
          if (bal > this.promised[a]!) votes += 1;
          if (votes === 5) return Promise.resolve((votes += 1) < 0);
          return VotingServer.prototype.vote.apply(this, args);
        },
      }),
    );
    const { failures } = await share(moody, 'tours');
    expect(failures[0]!.failure.text).toContain('led there once more, alone, it did not fail');
    expect(failures[0]!.trace).toBeUndefined();
  });

  it('gives other results each time: one failure, not a missing step besides', async () => {
    const calls: Record<number, number> = { 1: 0, 2: 0 };
    const toggling = {
      ...voting,
      actions: {
        ...voting.actions,
        Propose: (s: World, args: { b: number }) => {
          calls[args.b]! += 1;
          return calls[args.b]! % 2 === 0
            ? undefined
            : voting.actions['Propose']!(s, args, undefined, {});
        },
      },
    };
    const { failures } = await share(toggling, 'edges');
    expect(new Set(failures.map(({ failure }) => failure.kind))).toEqual(new Set(['unstable']));
  });
});
