/**
 * One path on fresh subjects: each step must be one the subject takes, and lead to what the model
 * shows there. Where an action has choices, the one that leads on is found by trying: a subject that
 * took another, as the model allows, is stopped, and the next is brought to the same place.
 */
import type { HistoryEvent } from '../history/operation.ts';
import { callText } from '../replay/coverage.ts';
import type { Probe } from '../replay/behaviours.ts';
import type { Failure } from '../replay/failure.ts';
import type { TlaValue } from '../value/value.ts';
import type { Path } from '../behaviour/tour.ts';
import { RunEnded } from './answerLimit.ts';
import type { Call } from './calls.ts';
import { allLead } from './possible.ts';
import { Rejected, rejectionOf, type Rejection } from './rejected.ts';
import { runningFailure } from './runningFailure.ts';
import { Session } from './session.ts';
import type { World } from './world.ts';

export interface PathResult {
  /**
   * `diverged`: hidden variables let the subject be where the path does not lead. `unknown`: the limit
   * of restarts, or the end of the run, was reached first.
   */
  readonly verdict: 'ok' | 'violation' | 'diverged' | 'unknown';
  /** Steps of the path that were taken. */
  readonly steps: number;
  readonly events: readonly HistoryEvent[];
  readonly failure?: Failure;
}

const restartsMax = 100;
const rowsMax = 20;

/** With a `probe`, the subject is asked for it after the last step. */
export function runPath<S>(world: World<S>, path: Path, probe?: Probe): Promise<PathResult> {
  return new PathRun(world, path, probe).run();
}

interface Attempt<S> {
  readonly call: Call<S>;
  readonly choice: unknown;
  readonly key: string;
}

type Went = 'on' | 'again' | 'diverged';

class PathRun<S> {
  private readonly world: World<S>;
  private readonly path: Path;
  /** Per step: attempts that were taken and led elsewhere, how often, and what was shown then. */
  private readonly tried = new Map<number, Map<string, number>>();
  private readonly rows = new Map<number, Int32Array[]>();
  private readonly probe: Probe | undefined;
  /** Choices of the probe that were taken, and allowed. */
  private readonly probed = new Set<string>();
  /** The step before which every refusal is to be looked at alone. */
  private careful = -1;

  constructor(world: World<S>, path: Path, probe?: Probe) {
    this.world = world;
    this.path = path;
    this.probe = probe;
  }

  async run(): Promise<PathResult> {
    for (let restarts = 0; restarts <= restartsMax && !this.world.ended; restarts += 1) {
      const result = await this.once();
      if (result !== undefined) return result;
    }
    return { verdict: 'unknown', steps: 0, events: [] };
  }

  /** Undefined: to be run again, on another subject. */
  private async once(): Promise<PathResult | undefined> {
    const { world, path } = this;
    let session: Session<S> | undefined;
    let rejection: Rejection | undefined;
    let went: Went = 'on';
    try {
      session = await Session.start(world, path.start);
      await this.begin(session);
      for (let at = 0; at < path.edges.length && went === 'on' && !world.ended; at += 1) {
        if (!(await this.offered(session, at))) went = 'again';
        else went = await this.step(session, at);
      }
      if (went === 'on' && !(await this.offered(session, path.edges.length))) went = 'again';
      if (went === 'on' && !(await this.asked(session))) went = 'again';
    } catch (error) {
      if (!(error instanceof RunEnded)) rejection = rejectionOf(error, session?.asked);
    }
    const stopped = await this.stop(session);
    rejection ??= stopped;
    const { steps = [], events = [] } = session ?? {};
    if (rejection !== undefined) {
      const failure = runningFailure(world, session, rejection);
      return { verdict: 'violation', steps: steps.length, events, failure };
    }
    if (world.ended) return { verdict: 'unknown', steps: steps.length, events };
    if (went === 'again') return undefined;
    return { verdict: went === 'on' ? 'ok' : went, steps: steps.length, events };
  }

  private async stop(session: Session<S> | undefined): Promise<Rejection | undefined> {
    try {
      await session?.stop();
      return undefined;
    } catch (error) {
      return error instanceof RunEnded ? undefined : rejectionOf(error);
    }
  }

  private async begin(session: Session<S>): Promise<void> {
    await session.begin();
    const { start } = this.path;
    if (session.nodes.includes(start)) return;
    throw new Rejected({
      kind: 'init',
      summary: 'the model has an initial state in which the subject does not start',
      rows: [session.row.slice()],
      expected: start,
    });
  }

  /** Asks, once a node, for what the model does not allow there; false: to be run again. */
  private async offered(session: Session<S>, at: number): Promise<boolean> {
    const { world, careful } = this;
    const { nodes } = session;
    if (!world.offers) return true;
    if (careful !== at && nodes.every((node) => world.offered[node] === 1)) return true;
    if (nodes.some((node) => world.isLeaf(node))) return true;
    for (const node of nodes) world.offered[node] = 1;
    if (await session.offer(careful === at)) return true;
    if (careful === at) throw changedByRefusing(session);
    this.careful = at;
    return false;
  }

  /** Asks for the probe, with every choice; false: to be run again, for the choices left. */
  private async asked(session: Session<S>): Promise<boolean> {
    const { world, probe, probed } = this;
    if (probe === undefined) return true;
    const call = world.calls.of(probe.label);
    for (const [i, choice] of (await session.choices(call)).entries()) {
      const key = this.keyOf(choice, i);
      if (probed.has(key)) continue;
      const taken = await session.perform(call, choice);
      const shown = await session.look();
      // Where the model can do it, a step that is said to be taken must be seen.
      if (session.isUnchanged() && !(taken && probe.allowed.length > 0)) continue;
      const allowed = probe.allowed.some((row) => world.reader.equal(shown, row, 0));
      if (!taken || !allowed) session.forbid(call.label, choice, taken);
      probed.add(key);
      return false;
    }
    return true;
  }

  private async step(session: Session<S>, at: number): Promise<Went> {
    const { world, path } = this;
    const edge = path.edges[at]!;
    const calls = world.candidates(edge);
    const refused: string[] = [];
    const repeats = calls.length > 1 ? 1 : 2;
    const tried = this.tried.get(at) ?? new Map<string, number>();
    this.tried.set(at, tried);
    for (const attempt of await this.attempts(session, edge, calls)) {
      const { call, choice, key } = attempt;
      if ((tried.get(key) ?? 0) >= repeats) continue;
      const answer = session.perform(call, choice);
      if (!(typeof answer === 'boolean' ? answer : await answer)) {
        refused.push(callText(world.graph, call.label));
        continue;
      }
      const went = await this.taken(session, at, attempt);
      if (went) return 'on';
      tried.set(key, (tried.get(key) ?? 0) + 1);
      return 'again';
    }
    return this.untaken(session, at, refused);
  }

  /** Whether the step led where the path does. */
  private async taken(session: Session<S>, at: number, attempt: Attempt<S>): Promise<boolean> {
    const { world, path } = this;
    const { call, choice, key } = attempt;
    const edge = path.edges[at]!;
    const shown = await session.look();
    const edges = session.reached(world.graph.edgeLabel[edge]!);
    if (edges.includes(edge)) {
      world.coverage.cover(edge);
      if (key !== '') world.choices.set(edge, key);
      session.moved(edges, call, choice);
      return true;
    }
    if (world.whole && edges.length === 0) session.forbid(call.label, choice, true);
    const [other] = edges;
    if (other !== undefined && edges.length === 1) world.coverage.cover(other);
    const rows = this.rows.get(at) ?? [];
    if (rows.length < rowsMax) this.rows.set(at, [...rows, shown.slice()]);
    return false;
  }

  /** No attempt leads on: the code cannot do it, unless it is where the model could not either. */
  private untaken(session: Session<S>, at: number, refused: readonly string[]): Went {
    const { world, path } = this;
    const { graph } = world;
    const edge = path.edges[at]!;
    const target = graph.edgeTarget[edge]!;
    const number = graph.edgeLabel[edge]!;
    const label = graph.labels[number]!;
    if (!allLead(world, session.nodes, { label: number, target })) return 'diverged';
    const rows = this.rows.get(at) ?? [];
    const name = callText(graph, label);
    throw new Rejected({
      kind: 'missing',
      summary:
        rows.length === 0
          ? `the model can do ${name} here, in the code it is not enabled`
          : `the model's ${name} leads where the code's does not`,
      label,
      rows,
      edge,
      expected: target,
      refused: [...new Set(refused)],
    });
  }

  /** All that may be this step, what led there before first. */
  private async attempts(
    session: Session<S>,
    edge: number,
    calls: readonly Call<S>[],
  ): Promise<readonly Attempt<S>[]> {
    const [only] = calls;
    if (only !== undefined && calls.length === 1 && only.choices === undefined)
      return [{ call: only, choice: undefined, key: '' }];
    const attempts: Attempt<S>[] = [];
    for (const [number, call] of calls.entries()) {
      const choices = await session.choices(call);
      choices.forEach((choice, i) => {
        attempts.push({ call, choice, key: `${number} ${this.keyOf(choice, i)}` });
      });
    }
    const known = this.world.choices.get(edge);
    const first = attempts.findIndex(({ key }) => key === known);
    if (first > 0) attempts.unshift(...attempts.splice(first, 1));
    return attempts;
  }

  /** Names a choice on another subject: by its value, or by its place where it is none. */
  private keyOf(choice: unknown, place: number): string {
    if (choice === undefined) return '';
    try {
      return String(this.world.graph.values.intern(choice as TlaValue));
    } catch {
      return `#${place}`;
    }
  }
}

function changedByRefusing<S>(session: Session<S>): Rejected {
  return new Rejected({
    kind: 'mutated',
    summary: 'the subject refused all that the model does not allow here, and changed all the same',
    rows: [session.row.slice()],
  });
}
