/**
 * The shortest case found that fails in the same way: on the shortest path where the path does not
 * matter, else with rounds cut out and single steps dropped. What must hold: whatever is returned did
 * fail, when it was run last.
 */
import { edgeSource, type StateGraph } from '../behaviour/graph.ts';
import { pathTree } from '../behaviour/tour.ts';
import type { FailingCase, Failure } from '../replay/failure.ts';
import { endOf, type RunCase } from './failingCase.ts';

export interface Shrunk {
  readonly failing: FailingCase;
  readonly failure: Failure;
  /** Cases that were run. */
  readonly runs: number;
}

export interface ShrinkOptions {
  readonly runsMax?: number;
  readonly millisecondsMax?: number;
}

const runsDefault = 500;
const millisecondsDefault = 10_000;

/** Undefined: the case does not fail when it is run alone. */
export function shrink(
  graph: StateGraph,
  found: { readonly failure: Failure; readonly failing: FailingCase },
  run: RunCase,
  options: ShrinkOptions = {},
): Promise<Shrunk | undefined> {
  return new Shrinking(graph, found.failure, run, options).from(found.failing);
}

class Shrinking {
  private best: { failing: FailingCase; failure: Failure } | undefined;
  private runs = 0;
  private readonly runsMax: number;
  private readonly until: number;

  constructor(
    private readonly graph: StateGraph,
    private readonly like: Failure,
    private readonly run: RunCase,
    { runsMax = runsDefault, millisecondsMax = millisecondsDefault }: ShrinkOptions,
  ) {
    this.runsMax = runsMax;
    this.until = performance.now() + millisecondsMax;
  }

  async from(failing: FailingCase): Promise<Shrunk | undefined> {
    const shortest = this.shortest(failing);
    const short = shortest !== undefined && (await this.fails(shortest));
    if (!short && !(await this.fails(failing))) return undefined;
    if (!short) await this.cutRounds();
    // A shortest path leads to this very state; often another one will do.
    await this.dropSteps();
    return { ...this.best!, runs: this.runs };
  }

  private get spent(): boolean {
    return this.runs >= this.runsMax || performance.now() > this.until;
  }

  /** Runs a case, and keeps it where it fails alike: as it failed, which may be before its end. */
  private async fails(failing: FailingCase): Promise<boolean> {
    this.runs += 1;
    const failure = await this.run(failing);
    if (failure?.kind !== this.like.kind || failure.action !== this.like.action) return false;
    const { step } = failure;
    const early = step !== undefined && step < failing.edges.length;
    const { probe: _, ...rest } = failing;
    const cut = early ? { ...rest, edges: failing.edges.slice(0, step) } : failing;
    this.best = { failing: cut, failure };
    return true;
  }

  private shortest({ edges, probe }: FailingCase): FailingCase | undefined {
    const { graph } = this;
    const last = probe === undefined ? edges.at(-1) : undefined;
    const node = last !== undefined ? edgeSource(graph, last) : endOf(graph, { start: -1, edges });
    if (node < 0) return undefined;
    const path = pathTree(graph).pathTo(node);
    const more = last === undefined ? [] : [last];
    const made = { start: path.start, edges: [...path.edges, ...more] };
    return probe === undefined ? made : { ...made, probe };
  }

  /** Cuts out what leads back to where it began, the longest first. */
  private async cutRounds(): Promise<void> {
    const { graph } = this;
    for (let cut = true; cut && !this.spent;) {
      cut = false;
      const { edges, start } = this.best!.failing;
      const nodes = [start, ...edges.map((edge) => graph.edgeTarget[edge]!)];
      const rounds = nodes.flatMap((node, from) => {
        const to = nodes.lastIndexOf(node);
        return to > from ? [{ from, to }] : [];
      });
      rounds.sort((a, b) => b.to - b.from - (a.to - a.from));
      for (const { from, to } of rounds) {
        if (this.spent) return;
        const rest = [...edges.slice(0, from), ...edges.slice(to)];
        cut = await this.fails({ ...this.best!.failing, edges: rest });
        if (cut) break;
      }
    }
  }

  /** Drops rows of steps, half of all at first and single ones at last; the others go on from there. */
  private async dropSteps(): Promise<void> {
    let dropped = false;
    const half = Math.ceil(this.best!.failing.edges.length / 2);
    for (let length = half; length >= 1; length = dropped && length === 1 ? 1 : length >> 1) {
      dropped = false;
      for (let from = 0; from < this.best!.failing.edges.length;) {
        if (this.spent) return;
        const { edges } = this.best!.failing;
        const walked = this.walked([...edges.slice(0, from), ...edges.slice(from + length)]);
        const shorter = walked !== undefined && walked.edges.length < edges.length;
        if (shorter && (await this.fails(walked))) dropped = true;
        else from += length;
      }
    }
  }

  /** The steps of those labels, one after the other, leaving out what is not enabled. */
  private walked(kept: readonly number[]): FailingCase | undefined {
    const { graph } = this;
    const { failing } = this.best!;
    let node = failing.start;
    const edges: number[] = [];
    for (const [i, like] of kept.entries()) {
      const edge = this.edgeLike(node, like);
      // Without its last step the case asks for nothing.
      if (edge < 0 && i === kept.length - 1 && failing.probe === undefined) return undefined;
      if (edge < 0) continue;
      edges.push(edge);
      node = graph.edgeTarget[edge]!;
    }
    return { ...failing, edges };
  }

  /** Of the same label, the edge that leads to the state most like the one it led to. */
  private edgeLike(node: number, like: number): number {
    const { edgeOffset, edgeLabel, edgeTarget } = this.graph;
    let [found, most] = [-1, -1];
    for (let edge = edgeOffset[node]!; edge < edgeOffset[node + 1]!; edge += 1) {
      if (edgeLabel[edge] !== edgeLabel[like]) continue;
      const alike = this.alike(edgeTarget[edge]!, edgeTarget[like]!);
      if (alike > most) [found, most] = [edge, alike];
    }
    return found;
  }

  /** In how many variables two states are the same. */
  private alike(a: number, b: number): number {
    const { states, variables } = this.graph;
    const width = variables.length;
    let same = 0;
    for (let i = 0; i < width; i += 1)
      if (states[a * width + i] === states[b * width + i]) same += 1;
    return same;
  }
}
