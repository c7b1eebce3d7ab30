/** Behaviours on toy code: the state is carried, the history collected, each planted bug caught. */
import { describe, expect, it } from 'vitest';
import { edgeTours } from '../../conformance/behaviour/tour.ts';
import type { Trace } from '../../conformance/behaviour/simulation.ts';
import { historyOf } from '../../conformance/history/operation.ts';
import type { Binding } from '../../conformance/replay/binding.ts';
import { BehaviourRunner, runBehaviour, traceOf } from '../../conformance/replay/behaviours.ts';
import { parameterNames, voting, votingGraph, withAcceptor, type World } from './replayVoting.ts';

const graph = votingGraph();
const options = { constants: {}, parameterNames };
const tours = [...edgeTours(graph, { maxLength: 12, seed: 1 })].map((path) => traceOf(graph, path));

function failing(rest: Partial<Binding<World>>, actions: Partial<Binding<World>['actions']> = {}) {
  const binding = { ...voting, ...rest, actions: { ...voting.actions, ...actions } };
  const runner = new BehaviourRunner(graph, binding as Binding<World>, options);
  return tours.map((trace) => runner.run(trace)).filter(({ verdict }) => verdict === 'violation');
}

/** Propose(1), Vote(a1), Forget(a1). */
const short = traceOf(graph, {
  start: graph.initial[0]!,
  edges: pathOf(['Propose', 1], ['Vote', 'a1'], ['Forget', 'a1']),
});

function pathOf(...steps: [string, string | number][]): Int32Array {
  let node = graph.initial[0]!;
  const edges = steps.map(([action, arg]) => {
    for (let edge = graph.edgeOffset[node]!; edge < graph.edgeOffset[node + 1]!; edge += 1) {
      const label = graph.labels[graph.edgeLabel[edge]!]!;
      if (label.action !== action || label.args[0] !== arg) continue;
      node = graph.edgeTarget[edge]!;
      return edge;
    }
    throw new Error(`no ${action} here`);
  });
  return Int32Array.from(edges);
}

describe('a behaviour on right code', () => {
  it('runs to its end, for tours over all edges', () => {
    const runner = new BehaviourRunner(graph, voting, options);
    const results = tours.map((trace) => runner.run(trace));
    expect(results.every(({ verdict }) => verdict === 'ok')).toBe(true);
    const steps = results.reduce((sum, result) => sum + result.steps, 0);
    expect(steps).toBeGreaterThanOrEqual(graph.edgeCount);
  });

  it('gives the history its clients saw', () => {
    const result = runBehaviour(short, voting, options);
    expect(result.events).toEqual([
      { type: 'invoke', process: 'a1', op: 'write', key: 'k', value: 1 },
      { type: 'return', process: 'a1', status: 'ok', result: null },
    ]);
    expect(historyOf(result.events)).toMatchObject([{ op: 'write', invoke: 0, return: 1 }]);
  });

  it('needs no labels where all of them may be tried, and none with arguments by name alone', () => {
    const bare: Trace = { ...short, labels: [undefined, undefined, undefined] };
    const named: Trace = { ...short, labels: short.labels.map((l) => ({ ...l!, args: [] })) };
    for (const trace of [bare, named]) {
      const told = { ...options, labels: graph.labels };
      expect(runBehaviour(trace, voting, told)).toMatchObject({ verdict: 'ok', steps: 3 });
      expect(() => runBehaviour(trace, voting, options)).toThrow(
        expect.objectContaining({ code: 'unlabelled-step' }),
      );
    }
  });
});

describe('a behaviour on wrong code', () => {
  it('fails at the step where the code leads elsewhere, with the path and the difference', () => {
    const found = failing(
      {},
      {
        Forget: (s: World, { a }: { a: string }) =>
          s.acceptors[a]!.votes.length === 2
            ? withAcceptor(s, a, { votes: [1] })
            : withAcceptor(s, a, { votes: [] }),
      },
    );
    expect(found.length).toBeGreaterThan(0);
    const [{ failure, steps } = {}] = found;
    expect(failure).toMatchObject({ kind: 'missing', action: 'Forget', step: steps! + 1 });
    expect(failure?.path?.length).toBe(steps);
    expect(failure?.differences).toMatchObject([{ variable: 'votes' }]);
    expect(failure?.text).toContain("leads where the code's does not");
  });

  it('fails where the code cannot take the step', () => {
    const [found] = failing({}, { Forget: () => undefined });
    expect(found?.failure?.summary).toContain('in the code it is not enabled');
  });

  it('finds a bug that hangs on what the code carries along, which decoding would repair', () => {
    type Tired = World & { forgotten?: number };
    const found = failing(
      {},
      {
        Forget: (s: Tired, { a }: { a: string }) =>
          (s.forgotten ?? 0) >= 2 || s.acceptors[a]!.votes.length === 0
            ? undefined
            : ({
                ...withAcceptor(s, a, { votes: [] }),
                forgotten: (s.forgotten ?? 0) + 1,
              } as Tired),
      },
    );
    expect(found.length).toBeGreaterThan(0);
  });

  it('fails where it starts elsewhere, throws, or changes its state', () => {
    const start = withAcceptor(voting.init({}) as World, 'a1', { promised: 1 });
    const fails = () => {
      throw new Error('broken');
    };
    expect(failing({ init: () => start })[0]?.failure).toMatchObject({ kind: 'init', step: 0 });
    expect(failing({ init: fails })[0]?.failure).toMatchObject({ kind: 'threw' });
    expect(failing({ history: fails })[0]?.failure).toMatchObject({ kind: 'threw', step: 1 });
    expect(failing({}, { Vote: fails })[0]?.failure).toMatchObject({
      kind: 'threw',
      action: 'Vote',
    });
    const push = (s: World) => {
      (s.msgs as unknown[]).push(1);
      return s;
    };
    expect(failing({}, { Propose: push })[0]?.failure).toMatchObject({ kind: 'mutated' });
    const half = (s: World) => ({ ...voting.view(s), promised: 0.5 });
    expect(failing({ view: half })[0]?.failure).toMatchObject({ kind: 'view' });
  });

  it('fails where there is no state at all', () => {
    const empty = { ...short, length: 0, states: new Int32Array(0), labels: [] };
    expect(runBehaviour(empty, voting, options).failure).toMatchObject({ kind: 'empty' });
  });

  it('is refused where the binding does not fit the spec', () => {
    const { Forget: _, ...actions } = voting.actions;
    expect(() => runBehaviour(short, { ...voting, actions }, options)).toThrow(
      expect.objectContaining({ code: 'missing-action' }),
    );
    const view = (s: World) => ({ ...voting.view(s), more: 1 });
    expect(() => runBehaviour(short, { ...voting, view }, options)).toThrow(
      expect.objectContaining({ code: 'unknown-variable' }),
    );
  });
});
