/**
 * One subject on its way through a graph: it is asked for steps, observed after each, and held to the
 * nodes where the model can be. Paths and walks are both made of it.
 */
import { type EdgeLabel, edgeSource } from '../behaviour/graph.ts';
import type { HistoryEvent } from '../history/operation.ts';
import { checkView } from '../replay/binding.ts';
import { callText } from '../replay/coverage.ts';
import { Thrown } from '../replay/offers.ts';
import { ViewError } from '../replay/rows.ts';
import type { PathEdge } from '../replay/whereabouts.ts';
import { isPromise } from './answerLimit.ts';
import type { Call } from './calls.ts';
import { LiveSubject } from './liveSubject.ts';
import { edgesOf, initialNodes, matching, type Nodes, targets } from './possible.ts';
import { Rejected } from './rejected.ts';
import type { World } from './world.ts';

export class Session<S> {
  readonly world: World<S>;
  /** Per step: the edges it can have been, and its choice. */
  readonly steps: { readonly edges: readonly number[]; readonly choice: unknown }[] = [];
  readonly events: HistoryEvent[] = [];
  /** What the subject shows; hidden columns stay -1. */
  readonly row: Int32Array;
  nodes: Nodes = [];
  /** Where the path that is told of begins. */
  first = 0;
  /** What it was asked for last, since it moved. */
  asked: { readonly label: EdgeLabel; readonly choice: unknown } | undefined;
  private readonly live: LiveSubject<S>;
  private readonly shown: Int32Array;

  private constructor(world: World<S>, live: LiveSubject<S>) {
    this.world = world;
    this.live = live;
    this.row = new Int32Array(world.width).fill(-1);
    this.shown = new Int32Array(world.width).fill(-1);
  }

  /** Starts a subject, which must show an initial state; `initial` is the one that is wanted. */
  static async start<S>(world: World<S>, initial: number): Promise<Session<S>> {
    const live = await LiveSubject.start(world.housing, world.state(initial));
    const session = new Session(world, live);
    session.first = initial;
    return session;
  }

  /** Compares the initial state; to be called once, before any step. */
  async begin(): Promise<void> {
    const { world, live } = this;
    const observed = live.observe();
    const view = isPromise(observed) ? await observed : observed;
    checkView(world.binding, world.graph.variables, view);
    this.read(view);
    this.row.set(this.shown);
    this.nodes = initialNodes(world, this.row);
    if (this.nodes.length > 0) return;
    throw new Rejected({
      kind: 'init',
      summary: "the subject starts in a state that is none of the model's initial states",
      rows: [this.row.slice()],
      expected: this.first,
    });
  }

  choices(call: Call<S>): ReturnType<LiveSubject<S>['choices']> {
    return this.live.choices(call);
  }

  /** Whether the subject took the step; what it shows then is not yet read. */
  perform(call: Call<S>, choice: unknown): ReturnType<LiveSubject<S>['perform']> {
    this.asked = { label: call.label, choice };
    return this.live.perform(call, choice);
  }

  /** Observes; what is shown stands in the array returned until the next observation. */
  async look(): Promise<Int32Array> {
    const observed = this.live.observe();
    this.read(isPromise(observed) ? await observed : observed);
    return this.shown;
  }

  /** The step led to what was observed last, by one of these edges. */
  moved(edges: readonly number[], call: Call<S>, choice: unknown): void {
    this.asked = undefined;
    this.row.set(this.shown);
    this.nodes = targets(this.world, edges);
    this.steps.push({ edges, choice });
    this.record(call, choice);
  }

  /** One path of the model that agrees with all that was seen and ends in `node`. */
  pathTo(node: number): PathEdge[] {
    const { graph } = this.world;
    const path: PathEdge[] = [];
    let at = node;
    for (const { edges, choice } of this.steps.toReversed()) {
      const edge = edges.find((each) => graph.edgeTarget[each] === at);
      if (edge === undefined) break;
      path.push({ edge, ...(choice !== undefined && { choice }) });
      at = edgeSource(graph, edge);
    }
    return path.reverse();
  }

  /** Where one step in `label` (any, where undefined) can have led, by what was observed last. */
  reached(label: number | undefined): number[] {
    return matching(this.world, edgesOf(this.world, this.nodes, label), this.shown);
  }

  isUnchanged(): boolean {
    return this.world.reader.equal(this.shown, this.row, 0);
  }

  /** Asks for all that the model allows in none of the nodes; `each` observes after every refusal. */
  async offer(each: boolean): Promise<boolean> {
    const { world } = this;
    const { graph, calls } = world;
    const allowed = new Set(
      edgesOf(world, this.nodes, undefined).map((edge) => graph.edgeLabel[edge]),
    );
    let asked = false;
    for (let label = 0; label < graph.labels.length; label += 1) {
      if (allowed.has(label)) continue;
      const call = calls.of(graph.labels[label]!);
      if (call.action === undefined) continue;
      for (const choice of await this.choices(call)) {
        asked = true;
        const taken = await this.perform(call, choice);
        if (!taken && !each) continue;
        await this.look();
        if (!this.isUnchanged()) this.forbid(call.label, choice, taken);
      }
    }
    if (asked && !each) await this.look();
    this.asked = undefined;
    return !asked || this.isUnchanged();
  }

  async stop(): Promise<void> {
    await this.live.stop();
  }

  /** A result of an action that no edge has; `taken` is false where it was refused. */
  forbid(label: EdgeLabel, choice: unknown, taken: boolean): never {
    const { graph } = this.world;
    const name = callText(graph, label);
    const same = edgesOf(this.world, this.nodes, graph.labels.indexOf(label)).length > 0;
    throw new Rejected({
      kind: taken ? 'forbidden' : 'mutated',
      summary: !taken
        ? `the subject refused ${name} here, and changed its state all the same`
        : same
          ? this.isUnchanged()
            ? `the subject says that it took ${name}, and shows nothing of it: it answers before it acts, or observe does not wait`
            : `the code's ${name} leads where the model's does not`
          : `the code can do ${name} here, the model cannot`,
      label,
      ...(choice !== undefined && { choice }),
      rows: [this.shown.slice()],
    });
  }

  private read(view: Parameters<World<S>['reader']['read']>[0]): void {
    try {
      this.world.reader.read(view, this.shown);
    } catch (error) {
      if (!(error instanceof ViewError)) throw error;
      throw new Rejected({
        kind: 'view',
        summary: `what the subject shows is no TLA+ value: ${error.message}`,
      });
    }
  }

  private record(call: Call<S>, choice: unknown): void {
    const { history } = this.world.binding;
    if (history === undefined) return;
    let seen: ReturnType<typeof history>;
    try {
      seen = this.world.binding.history?.(call.label.action, call.args, choice);
    } catch (error) {
      throw new Thrown('history', error, choice);
    }
    if (seen === undefined) return;
    if (Array.isArray(seen)) this.events.push(...(seen as readonly HistoryEvent[]));
    else this.events.push(seen as HistoryEvent);
  }
}
