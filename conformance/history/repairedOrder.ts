/**
 * Long histories whose reads leave orders of versions open. All versions are put in a likely order,
 * and whatever then lies on a cycle is settled exactly (versionOrder.ts), cluster by cluster: the
 * transactions of a cycle mostly ran at one time, so clusters are small. Repeated with what was
 * settled, clusters that touch becoming one, until no cycle is left.
 *
 * No cycle is the proof of an ok. A cluster that has no order on its own has none in the whole
 * either, as a whole order restricted to it would be one.
 */
import { momentsOf } from './isolation.ts';
import { orderOf } from './serialOrder.ts';
import { components } from './transactionCycles.ts';
import type { Arc } from './transactionCycles.ts';
import type { Edge, KeyWriters } from './transactionEdges.ts';
import { settle } from './versionOrder.ts';
import type { Contradiction, OpenOrder } from './versionOrder.ts';

const roundsMax = 40;
/** Larger clusters take too long to settle. */
const clusterMax = 1000;

export function repairedOrder(open: OpenOrder): 'ok' | 'unknown' | Contradiction {
  const place = ranks(open.likely);
  const clusters = new Clusters(open.size);
  for (let round = 0; round < roundsMax; round += 1) {
    const guessed = versionEdges(open.keys, place);
    const edges = [...open.edges, ...guessed];
    const nodes = open.snapshot ? 2 * open.size : open.size;
    const arcs: readonly Arc[] = open.snapshot ? momentsOf(open.size, edges) : edges;
    const found = components(nodes, arcs);
    if (found.length === 0) return 'ok';
    const sets = found.map((component) => {
      return new Set(open.snapshot ? component.map((node) => node >> 1) : component);
    });
    withSources(sets, guessed);
    for (const members of sets) clusters.join([...members]);
    for (const members of clusters.changed()) {
      if (performance.now() > open.untilMs || members.length > clusterMax) return 'unknown';
      const result = settledAlone(open, members, place);
      if (result !== undefined) return result;
    }
  }
  return 'unknown';
}

/** Settles a cluster and orders its members so; undefined where that worked. */
function settledAlone(
  open: OpenOrder,
  members: readonly number[],
  place: Int32Array,
): 'unknown' | Contradiction | undefined {
  const local = new Map(members.map((member, index) => [member, index]));
  const inside = (edge: Edge): Edge[] => {
    const [from, to] = [local.get(edge.from), local.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ ...edge, from, to }];
  };
  const likely = members.map((member) => place[member] as number);
  const found = settle({
    ...open,
    size: members.length,
    edges: open.edges.flatMap(inside),
    keys: open.keys.flatMap((each) => restricted(each, local)),
    likely,
  });
  if (found === 'unknown') return found;
  const outside = (edge: Edge): Edge => {
    return { ...edge, from: members[edge.from] as number, to: members[edge.to] as number };
  };
  if (!('chosen' in found)) {
    const [one, other] = found.sides ?? [];
    const edges = found.edges.map(outside);
    if (one === undefined || other === undefined) return { edges };
    return { edges, sides: [one.map(outside), other.map(outside)] };
  }
  const order = open.snapshot
    ? orderOf(
        Float64Array.from({ length: 2 * members.length }, (_, node) => likely[node >> 1] as number),
        momentsOf(members.length, found.chosen),
      ).flatMap((node) => (node % 2 === 1 ? [node >> 1] : []))
    : orderOf(Float64Array.from(likely), found.chosen);
  const slots = [...likely].sort((a, b) => a - b);
  order.forEach((member, index) => {
    place[members[member] as number] = slots[index] as number;
  });
  return undefined;
}

function restricted(
  { key, writers, readers }: KeyWriters,
  local: ReadonlyMap<number, number>,
): KeyWriters[] {
  const within = (all: readonly number[]): number[] =>
    all.flatMap((each) => {
      const index = local.get(each);
      return index === undefined ? [] : [index];
    });
  const kept = [...writers.keys()].filter((at) => local.has(writers[at] as number));
  if (kept.length < 2) return [];
  return [
    {
      key,
      writers: within(writers),
      readers: kept.map((at) => within(readers[at] as readonly number[])),
    },
  ];
}

/** An edge of the guessed order, and who wrote the version that was written over. */
interface Guess extends Edge {
  readonly over: number;
}

/** To a cycle belongs who wrote what its members read: that write may stand elsewhere. */
function withSources(sets: readonly Set<number>[], guessed: readonly Guess[]): void {
  const home = new Map<number, Set<number>>();
  for (const set of sets) for (const member of set) home.set(member, set);
  for (const { from, to, over } of guessed) {
    const set = home.get(from);
    if (set !== undefined && set === home.get(to)) set.add(over);
  }
}

/** Versions in the order of their writers' places: who wrote over whom, and over what was read. */
function versionEdges(keys: readonly KeyWriters[], place: Int32Array): Guess[] {
  const edges: Guess[] = [];
  for (const { key, writers, readers } of keys) {
    const at = (index: number): number => place[writers[index] as number] as number;
    const order = [...writers.keys()].sort((a, b) => at(a) - at(b));
    for (let next = 1; next < order.length; next += 1) {
      const before = order[next - 1] as number;
      const to = writers[order[next] as number] as number;
      const over = writers[before] as number;
      edges.push({ from: over, to, kind: 'ww', key, over });
      for (const from of readers[before] as readonly number[]) {
        if (from !== to) edges.push({ from, to, kind: 'rw', key, over });
      }
    }
  }
  return edges;
}

function ranks(likely: ArrayLike<number>): Int32Array {
  const order = Array.from({ length: likely.length }, (_, at) => at);
  order.sort((a, b) => (likely[a] as number) - (likely[b] as number) || a - b);
  const place = new Int32Array(order.length);
  order.forEach((at, index) => {
    place[at] = index;
  });
  return place;
}

/** Sets of transactions that only grow together. */
class Clusters {
  readonly #of: Int32Array;
  readonly #members = new Map<number, number[]>();
  readonly #touched = new Set<number>();

  constructor(size: number) {
    this.#of = new Int32Array(size).fill(-1);
  }

  join(members: readonly number[]): void {
    const name = members[0] as number;
    const all = new Set<number>();
    for (const member of members) {
      const cluster = this.#of[member] as number;
      if (cluster === -1) all.add(member);
      else if (this.#members.has(cluster)) {
        for (const other of this.#members.get(cluster) as number[]) all.add(other);
        this.#members.delete(cluster);
        this.#touched.delete(cluster);
      }
    }
    for (const member of all) this.#of[member] = name;
    this.#members.set(
      name,
      [...all].sort((a, b) => a - b),
    );
    this.#touched.add(name);
  }

  /** Those that joined something since they were last asked for. */
  changed(): number[][] {
    const found = [...this.#touched].map((name) => this.#members.get(name) as number[]);
    this.#touched.clear();
    return found;
  }
}
