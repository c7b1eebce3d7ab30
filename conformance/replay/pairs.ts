/**
 * Replay where the code's state holds more than the model's: pairs of a node and a code state, from
 * the initial ones on. One code state a node would miss bugs that depend on the path (measured).
 *
 * Must hold: a code state is expanded once at each node it can be at; equal keys are equal states.
 */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { Expansion } from './expansion.ts';
import { Thrown } from './offers.ts';
import type { Place, Subject } from './subject.ts';
import type { PathEdge } from './whereabouts.ts';

const defaultPairsMax = 5_000_000;
const progressEvery = 4096;

export function exploreOfPairs<S>(subject: Subject<S>): {
  pairs: number;
  reason: string | undefined;
} {
  const explorer = new PairReplay(subject);
  return { pairs: explorer.run(), reason: explorer.reason };
}

class PairReplay<S> {
  reason: string | undefined;
  private readonly subject: Subject<S>;
  private readonly expansion: Expansion<S>;
  private readonly seen = new Set<string>();
  /** Per pair: its node, its code state until it is expanded, and how it was reached. */
  private readonly nodes: number[] = [];
  private readonly states: (S | undefined)[] = [];
  private readonly parents: number[] = [];
  private readonly steps: (PathEdge | undefined)[] = [];
  private readonly atNode: Uint8Array;
  private current = -1;

  constructor(subject: Subject<S>) {
    this.subject = subject;
    this.atNode = new Uint8Array(subject.graph.nodeCount);
    this.expansion = new Expansion(subject, (edge, result, choice) =>
      this.reach(subject.graph.edgeTarget[edge]!, result, { edge, choice }),
    );
  }

  /** Explores everything; the number of pairs. */
  run(): number {
    const { subject } = this;
    const { onProgress, pairsMax = defaultPairsMax } = subject.options;
    for (const { state, node } of subject.compareInitial()) this.reach(node, state, undefined);
    const row = new Int32Array(subject.width).fill(-1);
    let at = 0;
    for (; at < this.nodes.length && !subject.stopped; at += 1) {
      if (at >= pairsMax) {
        this.reason = `${pairsMax} pairs of a model state and a code state were explored, and there are more`;
        break;
      }
      this.current = at;
      const node = this.nodes[at]!;
      const state = this.states[at] as S;
      this.states[at] = undefined;
      if (at % progressEvery === 0) onProgress?.(at, this.nodes.length);
      if (subject.isLeaf(node)) continue;
      if (subject.readRow(state, row, this.place, node))
        this.expansion.expand(state, node, this.place);
    }
    onProgress?.(at, this.nodes.length);
    return at;
  }

  private readonly place: Place = () =>
    this.current < 0
      ? {}
      : this.subject.where.of(this.nodes[this.current]!, this.pathTo(this.current));

  private pathTo(pair: number): PathEdge[] {
    const path: PathEdge[] = [];
    for (let at = pair; at >= 0; at = this.parents[at]!) {
      const step = this.steps[at];
      if (step !== undefined) path.push(step);
    }
    return path.reverse();
  }

  private reach(node: number, state: S, step: PathEdge | undefined): void {
    let key: string;
    try {
      key = `${node} ${this.subject.binding.key?.(state) ?? contentKey(state)}`;
    } catch (error) {
      this.subject.threw(new Thrown('key', error), undefined, this.place);
      return;
    }
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.atNode[node] === 0) {
      this.atNode[node] = 1;
      if (this.subject.isLeaf(node)) this.subject.leaves += 1;
    }
    this.nodes.push(node);
    this.states.push(state);
    this.parents.push(step === undefined ? -1 : this.current);
    this.steps.push(step);
  }
}

/** All of a state that can be serialized: order of keys included, so at worst a state counts twice. */
function contentKey(state: unknown): string {
  let bytes: Buffer;
  try {
    bytes = serialize(state);
  } catch (error) {
    throw new TypeError('the code state cannot be serialized: give the binding a `key`', {
      cause: error,
    });
  }
  return createHash('sha256').update(bytes).digest('base64');
}
