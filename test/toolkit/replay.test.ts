/** Replay of a toy protocol: right code passes, and each planted bug is caught for what it is. */
import { describe, expect, it } from 'vitest';
import type { StateGraph } from '../../conformance/behaviour/graph.ts';
import type { Binding } from '../../conformance/replay/binding.ts';
import { EdgeCoverage } from '../../conformance/replay/coverage.ts';
import { replayGraph, type ReplayOptions } from '../../conformance/replay/driver.ts';
import type { Model } from '../../bench/modelGraph.ts';
import { graphOf, labelsOf } from '../../bench/modelGraph.ts';
import {
  acceptors,
  parameterNames,
  type Proposal,
  voting,
  votingGraph,
  votingModel,
  withAcceptor,
  type World,
} from './replayVoting.ts';

const options = { constants: {}, parameterNames, boundedLeaves: false };

function planted(
  actions: Partial<Binding<World>['actions']>,
  rest: Partial<Binding<World>> = {},
  more: Partial<ReplayOptions> = {},
) {
  const binding = {
    ...voting,
    ...rest,
    actions: { ...voting.actions, ...actions },
  } as Binding<World>;
  return replayGraph(votingGraph(), binding, { ...options, ...more });
}

const kinds = (result: ReturnType<typeof planted>) =>
  result.failureCounts.map(({ kind, action }) =>
    action === undefined ? kind : `${kind} ${action}`,
  );

describe('replay of right code', () => {
  it('takes every edge and says so per action and per label', () => {
    const result = replayGraph(votingGraph(), voting, options);
    expect(result).toMatchObject({
      verdict: 'ok',
      edges: 128,
      replayed: 128,
      nodes: 55,
      leaves: 0,
    });
    expect(result.perAction).toEqual([
      { action: 'Propose', edges: 20, replayed: 20 },
      { action: 'Vote', edges: 60, replayed: 60 },
      { action: 'Forget', edges: 48, replayed: 48 },
    ]);
    expect(result.perLabel).toContainEqual({
      action: 'Vote',
      args: ['"a1"'],
      edges: 30,
      replayed: 30,
    });
    expect(result).toMatchObject({ uncovered: [], failures: [], failureCount: 0 });
  });

  it('counts the states of each share once, and none where a share has none', () => {
    const shares = [0, 1, 2].map((index) => ({ index, count: 3 }));
    const run = (shard: { index: number; count: number }) =>
      replayGraph(votingGraph(), voting, { ...options, shard });
    const parts = shares.map(run);
    expect(parts.map(({ pairs }) => pairs)).toEqual([19, 18, 18]);
    expect(parts.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(128);
    expect(run({ index: 99, count: 100 }).pairs).toBe(0);
    const coverage = new EdgeCoverage(votingGraph());
    expect(coverage.uncoveredLabels(100)).toHaveLength(votingGraph().labels.length);
    expect(coverage.uncoveredLabels(2)).toHaveLength(2);
  });

  it('takes every edge by pairs too, with a key or without', () => {
    const { decode: _, ...binding } = voting;
    const keyed = { ...binding, key: (s: World) => JSON.stringify(s) };
    for (const subject of [binding, keyed]) {
      const result = replayGraph(votingGraph(), subject, options);
      expect(result).toMatchObject({ verdict: 'ok', edges: 128, replayed: 128 });
      expect(result.pairs).toBeGreaterThan(55);
    }
  });

  it('may offer one result twice, and several results of one call', () => {
    const twice = { choices: { Vote: (s: World) => [...s.msgs, ...s.msgs] } };
    expect(planted({}, twice).verdict).toBe('ok');
    const all = (s: World, { a }: { a: string }) =>
      s.msgs
        .filter((m) => m.bal > s.acceptors[a]!.promised)
        .map((m) =>
          withAcceptor(s, a, { promised: m.bal, votes: [...s.acceptors[a]!.votes, m.bal] }),
        );
    expect(planted({ Vote: all }, { choices: {} }).verdict).toBe('ok');
  });

  it('may lack variables of the spec that it names as hidden', () => {
    const { msgs: _, ...seen } = voting.view(voting.init({}) as World);
    expect(Object.keys(seen)).toEqual(['promised', 'votes']);
    const view = (s: World) => {
      const { msgs: __, ...rest } = voting.view(s);
      return rest;
    };
    expect(planted({}, { view, hidden: ['msgs'] }).verdict).toBe('ok');
  });
});

describe('replay of code with a planted bug', () => {
  it('catches a wrong successor, from both sides, and shows the part that differs', () => {
    const result = planted({
      Vote: (s, { a }: { a: string }, m: Proposal) =>
        m.bal <= s.acceptors[a]!.promised
          ? undefined
          : withAcceptor(s, a, { promised: m.bal, votes: [m.bal] }),
    });
    expect(result.verdict).toBe('violation');
    expect(kinds(result)).toEqual(['forbidden Vote', 'missing Vote']);
    const [failure] = result.failures;
    expect(failure?.differences).toEqual([
      {
        variable: 'votes',
        code: '[a1 |-> {2}, a2 |-> {}]',
        model: '[a1 |-> {1, 2}, a2 |-> {}]',
        parts: [{ at: 'votes.a1 has', model: '1' }],
      },
    ]);
    expect(failure?.args).toEqual([{ name: 'a', value: '"a1"' }]);
    expect(failure?.choice).toBe('[bal |-> 2, type |-> "propose"]');
    expect(failure?.path?.map(({ label }) => label).sort()).toEqual([
      'Propose(1)',
      'Propose(2)',
      'Vote("a1")',
    ]);
  });

  it('catches a missing guard as a step the model forbids', () => {
    const result = planted({
      Propose: (s, { b }: { b: number }) => ({
        ...s,
        msgs: [...s.msgs, { type: 'propose', bal: b }],
      }),
    });
    expect(kinds(result)).toEqual(['forbidden Propose']);
    expect(result.failures[0]?.summary).toBe('the code can do Propose(1) here, the model cannot');
    expect(result.replayed).toBe(result.edges);
  });

  it('catches a guard that is too strong as a step that is missing, by a shortest path', () => {
    const result = planted({
      Vote: (s, { a }: { a: string }, m: Proposal) =>
        m.bal === s.acceptors[a]!.promised + 1
          ? voting.actions['Vote']?.(s, { a }, m, {})
          : undefined,
    });
    expect(kinds(result)).toEqual(['missing Vote']);
    expect(result.failures[0]?.path?.map(({ label }) => label)).toEqual(['Propose(2)']);
    expect(result.replayed).toBeLessThan(result.edges);
    expect(result.uncovered[0]).toMatchObject({ label: 'Vote("a1")' });
  });

  it('catches two acceptors swapped, and names the step it was taken for', () => {
    const other = { a1: 'a2', a2: 'a1' } as Record<string, string>;
    const result = planted({
      Vote: (s, { a }: { a: string }, m: Proposal) =>
        voting.actions['Vote']?.(s, { a: other[a]! }, m, {}),
    });
    expect(kinds(result)).toEqual(['forbidden Vote', 'missing Vote']);
    expect(result.failures[0]?.alike).toEqual(['Vote("a2")']);
  });

  it('catches a step with arguments the graph never shows', () => {
    const labels = [...votingModel.labels, ...labelsOf('Crash', acceptors)];
    const names = { ...parameterNames, Crash: ['a'] };
    const crash = (s: World, { a }: { a: string }) =>
      s.acceptors[a]!.promised === 2 ? withAcceptor(s, a, { promised: 0 }) : undefined;
    const binding = { ...voting, actions: { ...voting.actions, Crash: crash } } as Binding<World>;
    const next: typeof votingModel.next = (state, label) =>
      label.action === 'Crash' ? [] : votingModel.next(state, label);
    const graph = graphOf({ ...votingModel, labels, next });
    const result = replayGraph(graph, binding, { ...options, parameterNames: names });
    expect(kinds(result)).toEqual(['forbidden Crash']);
    expect(result.perAction).toContainEqual({ action: 'Crash', edges: 0, replayed: 0 });
  });

  it('catches code that does nothing where the model stutters, and the reverse', () => {
    const stutter = {
      ...votingModel,
      next: (state: Model, label: (typeof votingModel.labels)[number]) =>
        label.action === 'Forget' ? [state] : votingModel.next(state, label),
    };
    const same = { ...voting, actions: { ...voting.actions, Forget: (s: World) => s } };
    expect(replayGraph(graphOf(stutter), same, options).verdict).toBe('ok');
    expect(kinds(replayGraph(votingGraph(), same, options))).toEqual([
      'forbidden Forget',
      'missing Forget',
    ]);
    const never = { ...voting, actions: { ...voting.actions, Forget: () => undefined } };
    expect(kinds(replayGraph(graphOf(stutter), never, options))).toEqual(['missing Forget']);
  });

  it('catches wrong initial states, in both directions', () => {
    const start = voting.init({}) as World;
    const voted = withAcceptor(start, 'a1', { promised: 1 });
    expect(planted({}, { init: () => [start, voted] }).failures[0]).toMatchObject({
      kind: 'init',
      differences: [
        { variable: 'promised', parts: [{ at: 'promised.a1', code: '1', model: '0' }] },
      ],
    });
    expect(planted({}, { init: () => [] }).failures[0]).toMatchObject({ kind: 'init' });
    expect(planted({}, { init: () => voted }).failureCount).toBe(2);
    expect(planted({}, { init: () => voted }, { pairs: true }).verdict).toBe('violation');
  });

  it('catches a decode that loses something, and a view that is no TLA+ value', () => {
    const lossy = { decode: (m: Model) => ({ ...voting.decode!(m, {}), msgs: [] }) };
    expect(planted({}, lossy).failures[0]).toMatchObject({
      kind: 'view',
      differences: [{ variable: 'msgs' }],
    });
    const half = { view: (s: World) => ({ ...voting.view(s), promised: s.msgs.length / 2 }) };
    expect(planted({}, half).failures.some(({ summary }) => summary.includes('promised: '))).toBe(
      true,
    );
  });

  it('catches every edge taken out of the graph, and every edge led elsewhere', () => {
    const graph = votingGraph();
    for (let edge = 0; edge < graph.edgeCount; edge += 1) {
      const label = graph.labels[graph.edgeLabel[edge]!]!.action;
      const gone = replayGraph(without(graph, edge), voting, options);
      expect(kinds(gone)).toContain(`forbidden ${label}`);
      const edgeTarget = graph.edgeTarget.slice();
      edgeTarget[edge] = (edgeTarget[edge]! + 1) % graph.nodeCount;
      expect(replayGraph({ ...graph, edgeTarget }, voting, options).verdict).toBe('violation');
    }
  });
});

function without(graph: StateGraph, edge: number): StateGraph {
  const rest = (all: Int32Array) => all.filter((_, i) => i !== edge);
  return {
    ...graph,
    edgeOffset: graph.edgeOffset.map((offset) => (offset > edge ? offset - 1 : offset)),
    edgeTarget: rest(graph.edgeTarget),
    edgeLabel: rest(graph.edgeLabel),
    edgeCount: graph.edgeCount - 1,
  };
}

describe('bounds', () => {
  const bounded = graphOf({
    ...votingModel,
    within: (state) => (state['msgs'] as Set<unknown>).size < 2,
  });

  it('counts leaves and does not expand them', () => {
    const result = replayGraph(bounded, voting, { ...options, boundedLeaves: true });
    expect(result).toMatchObject({ verdict: 'ok', replayed: bounded.edgeCount });
    expect(result.leaves).toBeGreaterThan(0);
    const pairs = replayGraph(bounded, voting, { ...options, boundedLeaves: true, pairs: true });
    expect(pairs).toMatchObject({ verdict: 'ok', leaves: result.leaves });
  });

  it('takes a node without edges for a dead end where the cfg has no bound', () => {
    expect(kinds(replayGraph(bounded, voting, options))).toContain('forbidden Vote');
  });

  it('still compares the states on the bound', () => {
    const result = replayGraph(
      bounded,
      { ...voting, decode: (m) => ({ ...voting.decode!(m, {}), msgs: [] }) },
      { ...options, boundedLeaves: true },
    );
    expect(kinds(result)).toContain('view');
  });
});
