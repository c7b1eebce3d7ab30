/** What of a spec is reached: the arithmetic on a small graph, and the verb's refusals. */
import { describe, expect, it } from 'vitest';
import { GraphFinder } from '../../conformance/covering/onGraph.ts';
import { reachedOf } from '../../conformance/covering/reached.ts';
import { coverageVerb, type CoverageFlags } from '../../conformance/covering/coverageVerb.ts';
import { edgeTours } from '../../conformance/behaviour/tour.ts';
import { traceOf } from '../../conformance/replay/behaviours.ts';
import { parameterNames, votingGraph } from './replayVoting.ts';

const graph = votingGraph();
const actions = Object.keys(parameterNames);
const [tour] = [...edgeTours(graph, { maxLength: 12 })];

describe('what was reached', () => {
  it('is everything where every edge was taken', () => {
    const taken = new Uint8Array(graph.edgeCount).fill(1);
    const all = reachedOf(graph, taken, { actions, ignored: [], recorded: new Map() });
    expect(all).toMatchObject({ statesReached: graph.nodeCount, reached: graph.edgeCount });
    expect(all.never).toEqual([]);
    for (const { allowedIn, forbiddenIn } of all.guards)
      expect(allowedIn + forbiddenIn).toBe(graph.nodeCount);
  });

  it('names actions, and arguments of actions, that were never taken', () => {
    const taken = new Uint8Array(graph.edgeCount);
    graph.edgeLabel.forEach((label, edge) => {
      const { action, args } = graph.labels[label]!;
      if (action === 'Propose' || (action === 'Vote' && args[0] === 'a1')) taken[edge] = 1;
    });
    const some = reachedOf(graph, taken, { actions, ignored: [], recorded: new Map() });
    expect(some.never).toEqual(['Forget', 'Vote("a2")']);
    const recorded = new Map([['Forget', 3]]);
    const seen = reachedOf(graph, taken, { actions, ignored: [], recorded });
    expect(seen.never).toEqual(['Vote("a2")']);
    expect(seen.actions.find(({ action }) => action === 'Forget')?.recorded).toBe(3);
  });

  it('is found by the states of a trace, with or without labels, up to where it strays', () => {
    const trace = traceOf(graph, tour!);
    const finder = new GraphFinder(graph);
    expect(finder.follow(trace)).toEqual({ edges: [...tour!.edges] });
    const bare = { ...trace, labels: trace.labels.map(() => undefined) };
    expect(finder.follow(bare).edges).toEqual(expect.arrayContaining([...tour!.edges]));
    const states = trace.states.slice();
    states.set(states.subarray(0, graph.variables.length), graph.variables.length * 3);
    const strays = finder.follow({ ...trace, states });
    expect(strays.strayAt).toBe(3);
    expect(strays.edges).toEqual([...tour!.edges.subarray(0, 2)]);
  });
});

describe('bisim coverage', () => {
  const around = {
    signal: new AbortController().signal,
    cwd: process.cwd(),
    environment: {},
    progress: { write: () => true },
  };
  const flags: CoverageFlags = { seed: 1, parallel: 1, cache: true };

  it('refuses no binding at all, traces of several, and modes without a graph', async () => {
    const codes = await Promise.all(
      [
        coverageVerb([], flags, around),
        coverageVerb(['a.ts', 'b.ts'], { ...flags, trace: ['x.itf.json'] }, around),
        coverageVerb(['a.ts'], { ...flags, mode: 'simulation' }, around),
        coverageVerb(['none.ts'], flags, around),
      ].map((ran) =>
        ran.then(
          () => 'ran',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(codes).toEqual(['no-binding', 'one-binding', 'mode', 'no-file']);
  });
});
