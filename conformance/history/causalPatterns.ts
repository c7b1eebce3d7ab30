/**
 * The bad patterns that single reads show, and the conflicts they force. For each read it is
 * enough to look at the last write of its key in each session that comes before it: whatever an
 * earlier write of that session shows, the last one shows too.
 */
import type { CausalEdge, CausalEdges, CausalOrder } from './causalOrder.ts';
import type { Turns } from './turns.ts';
import type { Versions } from './versions.ts';

export interface BadPattern {
  readonly name:
    | 'CyclicCO'
    | 'CyclicCF'
    | 'CyclicHB'
    | 'ThinAirRead'
    | 'WriteCOInitRead'
    | 'WriteCORead'
    | 'WriteHBInitRead';
  /** A cycle, or the steps from one operation to the next. */
  readonly edges: readonly CausalEdge[];
  /** The read, then the writes. */
  readonly operations?: readonly number[];
}

interface SessionWrites {
  readonly session: number;
  /** The writes of one key, in order. */
  readonly writes: number[];
}

export class CausalPatterns {
  readonly versions: Versions;
  readonly graph: CausalEdges;
  readonly #byKey = new Map<number, SessionWrites[]>();

  constructor(versions: Versions, graph: CausalEdges) {
    this.versions = versions;
    this.graph = graph;
    graph.sessions.forEach((members, session) => {
      for (const at of members) {
        if (versions.writes[at] !== true) continue;
        const key = versions.keys[at] as number;
        const there = this.#byKey.get(key) ?? [];
        this.#byKey.set(key, there);
        const last = there.at(-1);
        if (last?.session === session) last.writes.push(at);
        else there.push({ session, writes: [at] });
      }
    });
  }

  /** ThinAirRead, WriteCOInitRead and WriteCORead. */
  *reads(order: CausalOrder): Turns<BadPattern | undefined> {
    const { source } = this.versions;
    for (let read = 0; read < source.length; read += 1) {
      if (read % 1024 === 0) yield;
      const from = source[read];
      if (from === undefined) continue;
      if (from === -2) return { name: 'ThinAirRead', edges: [], operations: [read] };
      for (const write of this.known(order, read)) {
        if (from === -1) {
          return { name: 'WriteCOInitRead', edges: [], operations: [read, write] };
        }
        if (write === from || !order.before(from, write)) continue;
        return { name: 'WriteCORead', edges: [], operations: [read, from, write] };
      }
    }
    return undefined;
  }

  /** A read that knows another write of its key puts it before the write it read from. */
  *conflicts(order: CausalOrder): Turns<CausalEdge[]> {
    const { source } = this.versions;
    const edges: CausalEdge[] = [];
    for (let read = 0; read < source.length; read += 1) {
      if (read % 1024 === 0) yield;
      const to = source[read];
      if (to === undefined || to < 0) continue;
      for (const from of this.known(order, read)) {
        if (from !== to && !order.before(from, to)) edges.push({ from, to, because: 'conflict' });
      }
    }
    return edges;
  }

  /** Of each session the last write of the read's key that comes before the read. */
  *known(order: CausalOrder, read: number): Iterable<number> {
    const { place } = this.graph;
    const key = this.versions.keys[read] as number;
    for (const { session, writes } of this.#byKey.get(key) ?? []) {
      const count = order.count(read, session);
      let [low, high] = [0, writes.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((place[writes[middle] as number] as number) < count) low = middle + 1;
        else high = middle;
      }
      if (low > 0) yield writes[low - 1] as number;
    }
  }
}
