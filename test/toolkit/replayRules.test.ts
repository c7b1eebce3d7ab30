/** Replay of code that throws, writes to its input or is not deterministic; bindings refused. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../conformance/replay/binding.ts';
import { replayGraph, type ReplayOptions } from '../../conformance/replay/driver.ts';
import type { Model } from '../../bench/modelGraph.ts';
import {
  parameterNames,
  type Proposal,
  voting,
  votingGraph,
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

describe('replay of code that breaks the rules', () => {
  it('reports an action that throws, with its path, and goes on', () => {
    const result = planted({
      Forget: (s, { a }: { a: string }) => {
        if (s.acceptors[a]!.promised === 2) throw new RangeError('no such ballot');
        return voting.actions['Forget']?.(s, { a }, undefined, {});
      },
    });
    expect(kinds(result)).toEqual(['threw Forget']);
    const [failure] = result.failures;
    expect(failure?.error?.message).toBe('no such ballot');
    expect(failure?.error?.stack).toContain('replayRules.test.ts');
    expect(failure?.error?.stack).not.toContain('conformance/replay');
    expect(failure?.path?.length).toBe(2);
    expect(result.perAction).toContainEqual({ action: 'Vote', edges: 60, replayed: 60 });
  });

  it('reports what else of the binding throws', () => {
    const fails = () => {
      throw new Error('broken');
    };
    for (const rest of [
      { init: fails },
      { decode: fails },
      { view: fails },
      { choices: { Vote: fails } },
    ]) {
      const result = planted({}, rest);
      expect(result.failures.map(({ kind }) => kind)).toContain('threw');
    }
    expect(planted({}, { key: fails }, { pairs: true }).failures[0]?.summary).toContain('key of');
  });

  it('notices an action that changes the state it was given', () => {
    const push = planted({
      Propose: (s, { b }: { b: number }) => {
        if (s.msgs.some((m) => m.bal === b)) return undefined;
        (s.msgs as Proposal[]).push({ type: 'propose', bal: b });
        return s;
      },
    });
    expect(kinds(push)).toEqual(['mutated Propose']);
    const assign = planted({
      Forget: (s, { a }: { a: string }) => {
        Object.assign(s.acceptors[a]!, { votes: [] });
        return s;
      },
    });
    expect(kinds(assign)).toContain('mutated Forget');
  });

  it('notices changed Sets, values of the model, and typed arrays, in decoded states and by pairs', () => {
    type Odd = World & { readonly seen: Set<number>; readonly bytes: Uint8Array };
    const odd = (change: (s: Odd, m: { votes?: unknown }) => void): Binding<Odd> => {
      const wide = (s: World): Odd => ({ ...s, seen: new Set([1]), bytes: new Uint8Array(2) });
      return {
        ...(voting as unknown as Binding<Odd>),
        init: () => wide(voting.init({}) as World),
        decode: (m) => wide(voting.decode!(m, {})),
        actions: {
          ...voting.actions,
          Forget: (s: Odd, { a }: { a: string }) => {
            if (s.acceptors[a]!.votes.length === 0) return undefined;
            change(s, {});
            return { ...s, ...withAcceptor(s, a, { votes: [] }) };
          },
        } as unknown as Binding<Odd>['actions'],
      };
    };
    for (const pairs of [false, true]) {
      const o = { ...options, pairs };
      expect(
        replayGraph(
          votingGraph(),
          odd(() => undefined),
          o,
        ).verdict,
      ).toBe('ok');
      const set = replayGraph(
        votingGraph(),
        odd((s) => s.seen.add(2)),
        o,
      );
      expect(kinds(set)).toContain('mutated Forget');
      const bytes = replayGraph(
        votingGraph(),
        odd((s) => (s.bytes[0]! += 1)),
        o,
      );
      expect(kinds(bytes)).toContain('mutated');
    }
    const model = planted({}, {
      decode: (m: { msgs: Set<unknown> }) => {
        m.msgs.add(1);
        return voting.decode!(m as unknown as Model, {});
      },
    } as unknown as Partial<Binding<World>>);
    expect(kinds(model)).toEqual(['mutated']);
  });

  it('notices results that depend on more than state and arguments', () => {
    let calls = 0;
    const result = planted({
      Propose: (s, { b }: { b: number }) => {
        calls += 1;
        return calls % 3 === 0 ? undefined : voting.actions['Propose']?.(s, { b }, undefined, {});
      },
    });
    expect(kinds(result)).toContain('unstable Propose');
  });
});

describe('a graph or binding that cannot be replayed', () => {
  const refused = (rest: Partial<Binding<World>>) => () =>
    replayGraph(votingGraph(), { ...voting, ...rest } as Binding<World>, options);
  const { Forget: _, ...fewer } = voting.actions;

  it('is refused where actions are missing or unknown, with both lists', () => {
    expect(refused({ actions: fewer })).toThrow(
      /lacks Forget. The spec has: Forget, Propose, Vote. The binding has: Propose, Vote./,
    );
    const more = { ...voting.actions, Fly: () => undefined };
    expect(refused({ actions: more })).toThrow(expect.objectContaining({ code: 'unknown-action' }));
    expect(refused({ choices: { Fly: () => [] } })).toThrow(
      expect.objectContaining({ code: 'unknown-choices' }),
    );
  });

  it('is refused where its view lacks variables or has others', () => {
    const view = (s: World) => {
      const { msgs: __, ...rest } = voting.view(s);
      return rest;
    };
    expect(refused({ view })).toThrow(expect.objectContaining({ code: 'missing-variable' }));
    const wide = (s: World) => ({ ...voting.view(s), clock: 0 });
    expect(refused({ view: wide })).toThrow(expect.objectContaining({ code: 'unknown-variable' }));
    expect(refused({ hidden: ['clock'] })).toThrow(
      expect.objectContaining({ code: 'unknown-hidden-variable' }),
    );
  });

  it('is refused where parameter names do not fit the labels', () => {
    const wrong = { ...options, parameterNames: { ...parameterNames, Vote: [] } };
    expect(() => replayGraph(votingGraph(), voting, wrong)).toThrow(
      expect.objectContaining({ code: 'parameters', name: 'BindingError' }),
    );
  });

  it('fails where there is nothing to replay', () => {
    const graph = votingGraph();
    const edges = new Int32Array(0);
    const noEdges = {
      ...graph,
      edgeCount: 0,
      edgeTarget: edges,
      edgeLabel: edges,
      edgeOffset: new Int32Array(graph.nodeCount + 1),
    };
    for (const empty of [noEdges, { ...noEdges, nodeCount: 0 }, { ...graph, initial: edges }]) {
      const result = replayGraph(empty, voting, options);
      expect(result).toMatchObject({ verdict: 'violation', failures: [{ kind: 'empty' }] });
    }
  });
});
