/**
 * Random walks of subjects and model in lock-step, guided to what was not taken yet. In each state
 * what the model forbids there is asked for too. What must hold: a seed gives the same walks, however
 * the answers come: walks of one round do not see each other.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { callText } from '../replay/coverage.ts';
import { Guide } from '../replay/guide.ts';
import { Random } from '../replay/random.ts';
import type { RunningBinding } from '../replay/runningBinding.ts';
import { RunEnded } from './answerLimit.ts';
import type { PathResult } from './pathRun.ts';
import { edgesOf } from './possible.ts';
import { Rejected, rejectionOf, type Rejection } from './rejected.ts';
import { type GraphRun, Lanes, type ReplayRunningOptions } from './replayRunning.ts';
import { runningFailure } from './runningFailure.ts';
import { Session } from './session.ts';
import { World } from './world.ts';

export interface WalkOptions extends ReplayRunningOptions {
  readonly seed: number;
  /** All walks together take at least so many steps. Default 10,000. */
  readonly steps?: number;
  /** The longest walk. Default 200. */
  readonly depth?: number;
  /** Of several machines this one walks each `count`th walk. */
  readonly shard?: { readonly index: number; readonly count: number };
}

export const walkSteps = 10_000;
export const walkDepth = 200;
const lanesDefault = 16;
/** What was refused once at a node is asked for again in one visit of so many: paths differ. */
const againEvery = 8;

export async function walkRunning<S>(
  graph: StateGraph,
  binding: RunningBinding<S>,
  options: WalkOptions,
): Promise<GraphRun> {
  const world = new World(graph, binding, options);
  const ignored = new Set(binding.ignored);
  const left = Uint8Array.from(graph.labels, ({ action }) => Number(ignored.has(action)));
  const guide = new Guide(graph, left);
  const { lanes = lanesDefault, steps = walkSteps, shard = { index: 0, count: 1 } } = options;
  const run = new Lanes(world, options);
  let before = -1;
  const result = await run.rounds(lanes, (round) => {
    if (run.stepsTaken >= steps || run.stepsTaken === before) return undefined;
    before = run.stepsTaken;
    return Array.from({ length: lanes }, (_, lane) => {
      const number = (round * lanes + lane) * shard.count + shard.index;
      const walk = new Walk(world, guide.copy(), { ...options, number });
      return { run: () => walk.run(), ended: () => guide.merge(walk.guide) };
    });
  });
  const { coverage } = world;
  const perAction = coverage.actions(Object.keys(options.parameterNames));
  return { ...result, coverage, perAction };
}

class Walk<S> {
  readonly guide: Guide;
  private readonly world: World<S>;
  private readonly random: Random;
  private readonly depth: number;

  constructor(world: World<S>, guide: Guide, o: WalkOptions & { readonly number: number }) {
    this.world = world;
    this.guide = guide;
    this.random = new Random(o.seed, o.number);
    this.depth = o.depth ?? walkDepth;
  }

  async run(): Promise<PathResult> {
    const { world, random } = this;
    let session: Session<S> | undefined;
    let rejection: Rejection | undefined;
    try {
      session = await Session.start(world, random.pick([...world.graph.initial]));
      await session.begin();
      for (let at = 0; at < this.depth && !world.ended; at += 1) {
        await this.offer(session);
        if (!(await this.step(session))) break;
        if (this.guide.isDone(session.nodes[0]!, random)) break;
      }
    } catch (error) {
      if (!(error instanceof RunEnded)) rejection = rejectionOf(error, session?.asked);
    }
    try {
      await session?.stop();
    } catch (error) {
      if (!(error instanceof RunEnded)) rejection ??= rejectionOf(error);
    }
    const { steps = [], events = [] } = session ?? {};
    if (rejection === undefined) {
      return { verdict: world.ended ? 'unknown' : 'ok', steps: steps.length, events };
    }
    const failure = runningFailure(world, session, rejection);
    return { verdict: 'violation', steps: steps.length, events, failure };
  }

  /** Asks for what is forbidden here, where that was not done, and now and then again. */
  private async offer(session: Session<S>): Promise<void> {
    const { world, random } = this;
    const again = random.below(againEvery) === 0;
    if (!world.offers || session.nodes.some((node) => world.isLeaf(node))) return;
    // Marks of this walk alone: what other walks asked for must not change this one.
    const asked = session.nodes.every((node) => this.asked.has(node));
    if (asked && !again) return;
    for (const node of session.nodes) this.asked.add(node);
    await session.offer(true);
  }

  private readonly asked = new Set<number>();

  /** One step; false where the walk is at an end. */
  private async step(session: Session<S>): Promise<boolean> {
    const { world, random, guide } = this;
    const { graph } = world;
    const edge = guide.next(session.nodes, random);
    if (edge < 0) return false;
    const label = graph.edgeLabel[edge]!;
    const call = world.call(label);
    for (const choice of random.shuffled(await session.choices(call))) {
      if (!(await session.perform(call, choice))) continue;
      await session.look();
      const edges = session.reached(label);
      if (edges.length === 0) session.forbid(call.label, choice, true);
      const taken = edges.includes(edge) ? edge : edges[0]!;
      world.coverage.cover(taken);
      guide.take(taken);
      // What another choice leads to may never come: the walk must not ask for it for ever.
      guide.take(edge);
      session.moved(edges, call, choice);
      return true;
    }
    const able = session.nodes.filter((node) => edgesOf(world, [node], label).length > 0);
    if (able.length < session.nodes.length) {
      session.nodes = session.nodes.filter((node) => !able.includes(node));
      return true;
    }
    const name = callText(graph, call.label);
    throw new Rejected({
      kind: 'missing',
      summary: `the model can do ${name} here, in the code it is not enabled`,
      label: call.label,
      edge,
      expected: graph.edgeTarget[edge]!,
      refused: [name],
    });
  }
}
