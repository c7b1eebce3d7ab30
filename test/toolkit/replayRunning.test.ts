/** Replay on subjects that run: every edge by paths from the start, each planted bug caught. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { coverTours } from '../../conformance/behaviour/coverTours.ts';
import { inWhole, withoutLabels } from '../../conformance/behaviour/subgraph.ts';
import { edgeTours, shortestPath } from '../../conformance/behaviour/tour.ts';
import { traceOf } from '../../conformance/replay/behaviours.ts';
import {
  replayRunning,
  replayRunningTraces,
  type ReplayRunningOptions,
} from '../../conformance/running/replayRunning.ts';
import { walkRunning } from '../../conformance/running/walk.ts';
import { parameterNames, type Proposal, votingGraph } from './replayVoting.ts';
import { runningVoting, VotingServer, type VotingSubject } from './replayRunningVoting.ts';

const graph = votingGraph();
const given = { constants: {}, parameterNames };
const tours = () => edgeTours(graph, { maxLength: 30 });

function replay(binding: VotingSubject, more: Partial<ReplayRunningOptions> = {}) {
  return replayRunning(graph, binding, { ...given, paths: tours(), ...more });
}

async function firstFailure(binding: VotingSubject, more: Partial<ReplayRunningOptions> = {}) {
  const result = await replay(binding, more);
  expect(result.verdict).toBe('violation');
  return result.failed[0]!.failure;
}

/** A server with one method replaced. */
function withBug(methods: Partial<VotingServer>): () => VotingServer {
  return () => Object.assign(new VotingServer(), methods);
}

describe('a running subject that is right', () => {
  it('takes every edge, and each subject is stopped once', async () => {
    const made: VotingServer[] = [];
    const result = await replay(
      runningVoting(() => {
        made.push(new VotingServer());
        return made.at(-1)!;
      }),
    );
    expect(result.failed.map(({ failure }) => failure.text)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'ok', diverged: 0 });
    expect(result.coverage.replayed).toBe(graph.edgeCount);
    expect(result.steps).toBeGreaterThanOrEqual(graph.edgeCount);
    expect(made.length).toBeGreaterThanOrEqual(result.paths);
    expect(made.every(({ stopped }) => stopped === 1)).toBe(true);
  });

  it('reaches every state by tours of states, and every pair of edges by tours of paths', async () => {
    const states = [...coverTours(graph, { coverage: 'state' })];
    const reached = new Set(
      states.flatMap(({ start, edges }) => [start, ...[...edges].map((e) => graph.edgeTarget[e]!)]),
    );
    expect(reached.size).toBe(graph.nodeCount);
    const pairs = new Set<string>();
    for (const { edges } of coverTours(graph, { coverage: 'path' }))
      edges.forEach((edge, i) => i > 0 && pairs.add(`${edges[i - 1]} ${edge}`));
    const wanted = Array.from(graph.edgeTarget, (node, edge) =>
      Array.from(
        { length: graph.edgeOffset[node + 1]! - graph.edgeOffset[node]! },
        (_, i) => `${edge} ${graph.edgeOffset[node]! + i}`,
      ),
    ).flat();
    expect(wanted.filter((pair) => !pairs.has(pair))).toEqual([]);
    const result = await replay(runningVoting(), { lanes: 4 });
    expect(result.verdict).toBe('ok');
  });

  it('is not mistaken for another when many answer out of order', async () => {
    const waiting: (() => void)[] = [];
    const answerLastFirst = async (): Promise<void> => {
      await new Promise<void>((answer) => {
        waiting.push(answer);
        void setImmediate().then(() => waiting.pop()?.());
      });
    };
    class Slow extends VotingServer {
      override async forget(a: string): Promise<boolean> {
        await answerLastFirst();
        return super.forget(a);
      }
    }
    const result = await replay(
      runningVoting(() => new Slow()),
      { lanes: 32 },
    );
    expect(result).toMatchObject({ verdict: 'ok' });
    expect(result.coverage.replayed).toBe(graph.edgeCount);
  });

  it('runs without an action that it ignores, whose edges count as uncovered', async () => {
    const { actions } = runningVoting();
    const { Forget: _, ...rest } = actions;
    const binding = runningVoting(undefined, { actions: rest, ignored: ['Forget'] });
    const left = Uint8Array.from(graph.labels, ({ action }) => Number(action === 'Forget'));
    const part = withoutLabels(graph, left);
    const paths = [...edgeTours(part.graph, { maxLength: 30 })].map((path) => inWhole(part, path));
    const result = await replayRunning(graph, binding, { ...given, paths });
    expect(result.verdict).toBe('ok');
    const forget = result.perAction.find(({ action }) => action === 'Forget')!;
    expect(forget).toMatchObject({ ignored: true, replayed: 0 });
    expect(forget.edges).toBeGreaterThan(0);
  });
});

describe('a running subject that is wrong', () => {
  it('fails where it lost an update, with the difference', async () => {
    const forget = async function (this: VotingServer, a: string): Promise<boolean> {
      return Promise.resolve(this.votes[a]!.length > 0);
    };
    const failure = await firstFailure(runningVoting(withBug({ forget })), { offers: false });
    expect(failure).toMatchObject({ kind: 'forbidden', action: 'Forget' });
    expect(failure.differences).toMatchObject([{ variable: 'votes' }]);
    expect(failure.text).toContain('the model allows there');
  });

  it('fails where it swaps its arguments', async () => {
    const { actions } = runningVoting();
    const swapped = { a1: 'a2', a2: 'a1' } as Record<string, string>;
    const binding = runningVoting(undefined, {
      actions: {
        ...actions,
        Vote: (s, { a }: { a: string }, m: Proposal) => s.vote(swapped[a]!, m),
      },
    });
    expect(await firstFailure(binding)).toMatchObject({ kind: 'forbidden', action: 'Vote' });
  });

  it('fails where it refuses what the model does, and says what it refused', async () => {
    const propose = (): Promise<boolean> => Promise.resolve(false);
    const failure = await firstFailure(runningVoting(withBug({ propose })));
    expect(failure).toMatchObject({ kind: 'missing', action: 'Propose', refused: ['Propose(1)'] });
    expect(failure.text).toContain('the code refused there: Propose(1)');
  });

  it('fails where a guard is missing, though no path of the model goes there', async () => {
    const propose = async function (this: VotingServer, b: number): Promise<boolean> {
      this.msgs.push({ type: 'propose', bal: b });
      if (this.msgs.filter(({ bal }) => bal === b).length > 1) this.promised['a1'] = 0;
      return Promise.resolve(true);
    };
    const binding = runningVoting(withBug({ propose }));
    const failure = await firstFailure(binding);
    expect(failure).toMatchObject({ kind: 'forbidden', action: 'Propose' });
    expect((await replay(binding, { offers: false })).verdict).toBe('ok');
  });

  it('fails where it refuses and changes all the same', async () => {
    const forget = async function (this: VotingServer, a: string): Promise<boolean> {
      this.promised[a] = Math.max(this.promised[a]!, this.votes[a]!.length === 0 ? 2 : 0);
      const had = this.votes[a]!.length > 0;
      this.votes[a] = [];
      return Promise.resolve(had);
    };
    const failure = await firstFailure(runningVoting(withBug({ forget })));
    expect(failure).toMatchObject({ kind: 'mutated', action: 'Forget' });
  });

  it('fails on a path alone: what it hides is in no state of the model', async () => {
    class Tired extends VotingServer {
      forgotten = 0;
      override async forget(a: string): Promise<boolean> {
        if (this.forgotten >= 2) return false;
        const did = await super.forget(a);
        if (did) this.forgotten += 1;
        return did;
      }
    }
    const failure = await firstFailure(runningVoting(() => new Tired()));
    expect(failure).toMatchObject({ kind: 'missing', action: 'Forget' });
    expect(failure.path!.filter(({ action }) => action === 'Forget').length).toBe(2);
    const [near] = failure.failing!.edges.slice(-1);
    const short = shortestPath(graph, graph.edgeTarget[near!]!);
    const alone = await replay(
      runningVoting(() => new Tired()),
      { offers: false },
    );
    expect(alone.verdict).toBe('violation');
    expect(
      (
        await replayRunning(
          graph,
          runningVoting(() => new Tired()),
          { ...given, paths: [short], offers: false },
        )
      ).verdict,
    ).toBe('ok');
  });

  it('fails where it never answers, and the others go on', async () => {
    const hang = (): Promise<boolean> => new Promise(() => undefined);
    const vote = async function (this: VotingServer, a: string, m: Proposal): Promise<boolean> {
      return a === 'a2' && m.bal === 2 ? hang() : VotingServer.prototype.vote.call(this, a, m);
    };
    const make = withBug({ vote });
    const stopped: VotingServer[] = [];
    const result = await replay(
      runningVoting(make, { stepMs: 20, stop: (s) => void stopped.push(s) }),
      { maxFailures: 1000 },
    );
    expect(result.failed[0]!.failure).toMatchObject({ kind: 'no-answer', action: 'Vote' });
    expect(result.failed[0]!.failure.summary).toContain('no answer within 20 ms');
    expect(result.failed.length).toBeLessThan(result.paths);
    expect(stopped.length).toBeGreaterThanOrEqual(result.paths);
  });

  it('fails where its answer comes too late, and is stopped where its start did', async () => {
    const stopped: VotingServer[] = [];
    const late = new VotingServer();
    let answer: (server: VotingServer) => void = () => undefined;
    const binding = runningVoting(undefined, {
      stepMs: 10,
      start: () => new Promise<VotingServer>((resolve) => (answer = resolve)),
      stop: (s) => void stopped.push(s),
    });
    const result = await replay(binding, { maxFailures: 1, lanes: 1 });
    expect(result.failed[0]!.failure.summary).toContain('start gave no answer');
    expect(stopped).toEqual([]);
    answer(late);
    await setImmediate();
    expect(stopped).toEqual([late]);
  });

  it('fails where anything of it throws', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    for (const [change, what] of [
      [{ start: broken }, 'start of the binding threw: broken'],
      [{ observe: broken }, 'observe of the binding threw: broken'],
      [{ stop: () => Promise.reject(new Error('broken')) }, 'stop of the binding threw: broken'],
      [
        { stop: () => new Promise(() => undefined), stepMs: 10 },
        'stop gave no answer within 10 ms',
      ],
      [{ choices: { Vote: broken } }, 'choices of the binding threw: broken'],
      [{ history: broken }, 'history of the binding threw: broken'],
    ] as const) {
      const failure = await firstFailure(runningVoting(undefined, change), { maxFailures: 1 });
      expect(failure.summary).toContain(what);
    }
    const vote = runningVoting(withBug({ vote: broken }));
    expect(await firstFailure(vote)).toMatchObject({ kind: 'threw', action: 'Vote' });
  });

  it('fails where it starts elsewhere, or shows what is no value', async () => {
    const elsewhere = withBug({ promised: { a1: 1, a2: 0 } });
    expect(await firstFailure(runningVoting(elsewhere))).toMatchObject({ kind: 'init' });
    const half = withBug({ promised: { a1: 0.5, a2: 0 } });
    expect(await firstFailure(runningVoting(half))).toMatchObject({ kind: 'view' });
  });

  it('fails where there is no path at all, and is undecided where the run was ended', async () => {
    const none = await replayRunning(graph, runningVoting(), { ...given, paths: [] });
    expect(none.failed[0]!.failure).toMatchObject({ kind: 'empty' });
    const ending = new AbortController();
    const binding = runningVoting(undefined, {
      start: () => {
        ending.abort();
        return new Promise(() => undefined);
      },
    });
    const ended = await replay(binding, { signal: ending.signal });
    expect(ended).toMatchObject({ verdict: 'unknown' });
  });

  it('is refused where the binding does not fit the spec', async () => {
    const { Forget: _, ...actions } = runningVoting().actions;
    const refused = { code: 'missing-action' };
    await expect(replay(runningVoting(undefined, { actions }))).rejects.toMatchObject(refused);
    await expect(replay(runningVoting(undefined, { ignored: ['Sleep'] }))).rejects.toMatchObject({
      code: 'unknown-ignored-action',
    });
    await expect(
      replay(runningVoting(undefined, { observe: () => ({ msgs: new Set() }) })),
    ).rejects.toMatchObject({ code: 'missing-variable' });
  });
});

describe('hidden variables', () => {
  const hidden = ['promised'];
  const { observe } = runningVoting();
  const partial = {
    hidden,
    observe: async (s: VotingServer) => {
      const { promised: _, ...view } = await observe(s);
      return view;
    },
  };

  it('leave several model states possible, and right code is accepted', async () => {
    const result = await replay(runningVoting(undefined, partial));
    expect(result.failed.map(({ failure }) => failure.text)).toEqual([]);
    expect(result.verdict).toBe('ok');
    expect(result.coverage.replayed).toBeGreaterThan(graph.edgeCount / 2);
  });

  it('do not hide a bug that shows elsewhere', async () => {
    const forget = async function (this: VotingServer, a: string): Promise<boolean> {
      if (this.votes[a]!.length === 0) return Promise.resolve(false);
      this.votes[a] = this.votes[a]!.length === 2 ? [1] : [];
      return Promise.resolve(true);
    };
    const failure = await firstFailure(runningVoting(withBug({ forget }), partial));
    expect(failure).toMatchObject({ action: 'Forget' });
  });
});

describe('walks in lock-step', () => {
  const walk = (binding: VotingSubject, more: object = {}) =>
    walkRunning(graph, binding, { ...given, seed: 1, steps: 2_000, depth: 60, ...more });

  it('take nearly every edge of right code, and the same ones for the same seed', async () => {
    const [one, same, other] = [
      await walk(runningVoting()),
      await walk(runningVoting()),
      await walk(runningVoting(), { seed: 2 }),
    ];
    expect(one).toMatchObject({ verdict: 'ok', failed: [] });
    expect(one.coverage.replayed).toBeGreaterThan(graph.edgeCount * 0.9);
    expect(same.coverage.taken).toEqual(one.coverage.taken);
    expect([same.steps, same.paths]).toEqual([one.steps, one.paths]);
    expect(other.verdict).toBe('ok');
  });

  it('find a forbidden choice that tours of the model never make', async () => {
    const fake: Proposal = { type: 'propose', bal: 2 };
    class Credulous extends VotingServer {
      forgotten = 0;
      override async forget(a: string): Promise<boolean> {
        this.forgotten += 1;
        return super.forget(a);
      }
    }
    const make = () => new Credulous();
    const binding = runningVoting(make, {
      choices: {
        Vote: (s) =>
          (s as Credulous).forgotten > 3 && s.msgs.length === 1 ? [...s.msgs, fake] : [...s.msgs],
      },
    });
    expect((await replay(binding)).verdict).toBe('ok');
    const result = await walk(binding);
    expect(result.failed[0]!.failure).toMatchObject({ kind: 'forbidden', action: 'Vote' });
  });
});

describe('traces alone', () => {
  const traces = () => [...tours()].slice(0, 20).map((path) => traceOf(graph, path));

  it('run on right code, also without labels, and fail on wrong code', async () => {
    const labels = graph.labels;
    const bare = traces().map((trace) => ({ ...trace, labels: trace.labels.map(() => undefined) }));
    for (const each of [traces(), bare]) {
      const result = await replayRunningTraces(graph, runningVoting(), {
        ...{ ...given, labels, traces: each },
      });
      expect(result.failed.map(({ failure }) => failure.text)).toEqual([]);
      expect(result).toMatchObject({ verdict: 'ok', paths: each.length });
    }
    const propose = (): Promise<boolean> => Promise.resolve(false);
    const wrong = runningVoting(withBug({ propose }));
    const result = await replayRunningTraces(graph, wrong, { ...given, traces: traces() });
    expect(result.failed[0]!.failure).toMatchObject({ kind: 'missing', action: 'Propose' });
  });

  it('fail where there is no state', async () => {
    const [first] = traces();
    const empty = { ...first!, length: 0, states: new Int32Array(0), labels: [] };
    const result = await replayRunningTraces(graph, runningVoting(), { ...given, traces: [empty] });
    expect(result.failed[0]!.failure).toMatchObject({ kind: 'empty' });
  });
});
