/**
 * The causal order of a history of unique values: session order and reads-from, closed under
 * transitivity. Kept as a vector for each operation: how many operations of each session come
 * before it. One pass in an order that respects all edges computes it; where there is no such
 * order the relation is cyclic.
 *
 * An operation of unknown outcome is left out unless its write was read. Then it is a session of
 * its own: it comes after what its process did before, and before nothing but its readers.
 */
import type { Turns } from './turns.ts';
import type { Versions } from './versions.ts';

export interface CausalEdge {
  readonly from: number;
  readonly to: number;
  readonly because: 'session' | 'reads from' | 'conflict';
}

/** The part of a history that took effect, as sessions, and the edges between operations. */
export interface CausalEdges {
  readonly size: number;
  readonly sessions: readonly (readonly number[])[];
  /** Session and place in it of each operation; -1 where it is left out. */
  readonly session: Int32Array;
  readonly place: Int32Array;
  readonly edges: readonly CausalEdge[];
}

export function causalEdges({ operations, sessions: all, source }: Versions): CausalEdges {
  const read = new Set(source);
  const sessions: number[][] = [];
  const edges: CausalEdge[] = [];
  for (const members of all) {
    const own: number[] = [];
    sessions.push(own);
    for (const at of members) {
      const known = operations[at]?.status === 'ok';
      if (!known && !read.has(at)) continue;
      const from = own.at(-1);
      if (from !== undefined) edges.push({ from, to: at, because: 'session' });
      if (known) own.push(at);
      else sessions.push([at]);
    }
  }
  source.forEach((from, to) => {
    if (from !== undefined && from >= 0) edges.push({ from, to, because: 'reads from' });
  });
  const session = new Int32Array(operations.length).fill(-1);
  const place = new Int32Array(operations.length);
  sessions.forEach((members, name) => {
    members.forEach((at, index) => {
      session[at] = name;
      place[at] = index;
    });
  });
  return { size: operations.length, sessions, session, place, edges };
}

export class CausalOrder {
  readonly #graph: CausalEdges;
  readonly #width: number;
  /** Row `at`: how many operations of each session are before it. */
  readonly #past: Int32Array;

  private constructor(graph: CausalEdges) {
    this.#graph = graph;
    this.#width = graph.sessions.length;
    this.#past = new Int32Array(graph.size * this.#width);
  }

  /** The closure of the edges; undefined where they are cyclic. */
  static *of(graph: CausalEdges, edges: readonly CausalEdge[]): Turns<CausalOrder | undefined> {
    const order = new CausalOrder(graph);
    const { size } = graph;
    const waits = new Int32Array(size);
    const out: number[][] = Array.from({ length: size }, () => []);
    for (const { from, to } of edges) {
      (out[from] as number[]).push(to);
      waits[to] = (waits[to] as number) + 1;
    }
    const sorted: number[] = [];
    for (let at = 0; at < size; at += 1) if (waits[at] === 0) sorted.push(at);
    let joined = 0;
    for (const at of sorted) {
      for (const to of out[at] as number[]) {
        order.#join(to, at);
        waits[to] = (waits[to] as number) - 1;
        if (waits[to] === 0) sorted.push(to);
        joined += order.#width;
        if (joined > 1_000_000) {
          joined = 0;
          yield;
        }
      }
    }
    return sorted.length < size ? undefined : order;
  }

  /** Is `one` certainly before `other`? */
  before(one: number, other: number): boolean {
    const { session, place } = this.#graph;
    return this.count(other, session[one] as number) > (place[one] as number);
  }

  /** How many operations of a session come before `at`. */
  count(at: number, session: number): number {
    return this.#past[at * this.#width + session] as number;
  }

  #join(to: number, from: number): void {
    const past = this.#past;
    const [target, origin] = [to * this.#width, from * this.#width];
    for (let s = 0; s < this.#width; s += 1) {
      const there = past[origin + s] as number;
      if (there > (past[target + s] as number)) past[target + s] = there;
    }
    const mine = target + (this.#graph.session[from] as number);
    const reached = (this.#graph.place[from] as number) + 1;
    if (reached > (past[mine] as number)) past[mine] = reached;
  }
}
