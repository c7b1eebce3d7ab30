/**
 * Traces of 30 steps a second on subjects that run, comparison of every state included; no TLC needed.
 * The subject is a small server behind promises: each call waits for a microtask, or (`immediate`)
 * for a turn of the event loop, as a call through a socket would at the least. Random paths through
 * the graph of the voting protocol, 16 subjects side by side; what the model forbids is asked for too.
 *
 * Usage: npx jiti bench/running.ts [traces] [times]      Needed: >= 1,000 traces a second.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Path } from '../conformance/behaviour/tour.ts';
import { Random } from '../conformance/replay/random.ts';
import { defineRunningBinding } from '../conformance/replay/runningBinding.ts';
import { replayRunning } from '../conformance/running/replayRunning.ts';
import type { TlaValue } from '../conformance/value/value.ts';
import { graphOf, labelsOf, type Model } from './modelGraph.ts';

const length = 30;
const acceptors = ['a1', 'a2', 'a3'];
const ballots = [1, 2, 3, 4];

type Numbers = Readonly<Record<string, number>>;

/** Ballots are proposed, promised and forgotten for ever: no path ends. */
function nextOf(state: Model, action: string, arg: TlaValue): Model[] {
  const proposed = state['proposed'] as ReadonlySet<number>;
  const promised = state['promised'] as Numbers;
  if (action === 'Propose') {
    const b = arg as number;
    return proposed.has(b) ? [] : [{ ...state, proposed: new Set([...proposed, b]) }];
  }
  const a = arg as string;
  if (action === 'Forget')
    return promised[a] === 0 ? [] : [{ ...state, promised: { ...promised, [a]: 0 } }];
  return [...proposed]
    .filter((b) => b > promised[a]!)
    .map((b) => ({ ...state, promised: { ...promised, [a]: b } }));
}

const graph = graphOf({
  initial: [{ proposed: new Set(), promised: Object.fromEntries(acceptors.map((a) => [a, 0])) }],
  labels: [
    ...labelsOf('Propose', ballots),
    ...labelsOf('Promise', acceptors),
    ...labelsOf('Forget', acceptors),
  ],
  next: (state, { action, args }) => nextOf(state, action, args[0]!),
});
const parameterNames = { Propose: ['b'], Promise: ['a'], Forget: ['a'] };

class Server {
  readonly proposed = new Set<number>();
  readonly promised: Record<string, number> = Object.fromEntries(acceptors.map((a) => [a, 0]));
  constructor(private readonly wait: () => Promise<unknown>) {}

  async propose(b: number): Promise<boolean> {
    await this.wait();
    if (this.proposed.has(b)) return false;
    this.proposed.add(b);
    return true;
  }

  async promise(a: string, b: number): Promise<boolean> {
    await this.wait();
    if (b <= this.promised[a]!) return false;
    this.promised[a] = b;
    return true;
  }

  async forget(a: string): Promise<boolean> {
    await this.wait();
    if (this.promised[a] === 0) return false;
    this.promised[a] = 0;
    return true;
  }
}

const bindingOf = (wait: () => Promise<unknown>) =>
  defineRunningBinding<Server>({
    name: 'server',
    spec: 'Voting.tla',
    start: () => Promise.resolve(new Server(wait)),
    observe: (s) => Promise.resolve({ proposed: new Set(s.proposed), promised: { ...s.promised } }),
    actions: {
      Propose: (s, { b }: { b: number }) => s.propose(b),
      Promise: (s, { a }: { a: string }, b: number) => s.promise(a, b),
      Forget: (s, { a }: { a: string }) => s.forget(a),
    },
    choices: { Promise: (s) => [...s.proposed] },
    stop: () => Promise.resolve(),
  });

function* randomPaths(count: number, seed: number): Generator<Path, void, void> {
  const random = new Random(seed);
  for (let i = 0; i < count; i += 1) {
    const start = graph.initial[0]!;
    const edges = new Int32Array(length);
    for (let at = 0, node = start; at < length; at += 1) {
      const first = graph.edgeOffset[node]!;
      edges[at] = first + random.below(graph.edgeOffset[node + 1]! - first);
      node = graph.edgeTarget[edges[at]!]!;
    }
    yield { start, edges };
  }
}

const count = Number(process.argv[2] ?? 5_000);
const times = Number(process.argv[3] ?? 3);
console.log(
  `${graph.nodeCount} states, ${graph.edgeCount} edges; ${count} traces of ${length} steps`,
);
for (const [name, wait] of [
  ['microtask', () => Promise.resolve()],
  ['immediate', () => turn()],
] as const) {
  for (let i = 0; i < times; i += 1) {
    const cpu = process.cpuUsage();
    const paths = randomPaths(count, i + 1);
    const result = await replayRunning(graph, bindingOf(wait), {
      ...{ constants: {}, parameterNames, paths },
    });
    const used = process.cpuUsage(cpu);
    const seconds = (used.user + used.system) / 1e6;
    if (result.verdict !== 'ok' || result.steps !== count * length)
      throw new Error(result.failed[0]?.failure.text ?? `${result.steps} steps`);
    console.log(
      `${name}: ${result.steps} steps, ${result.coverage.replayed} edges, ` +
        `${result.seconds.toFixed(2)} s, CPU ${seconds.toFixed(2)} s, ` +
        `${(count / seconds).toFixed(0)} traces a CPU second, ` +
        `peak ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB`,
    );
  }
}
