/**
 * Cycles in a graph of transactions, operations or versions: strongly connected components first (Tarjan, without recursion),
 * then in each the shortest cycle, by breadth-first search.
 */

/** What a graph needs of its edges; whoever asks gets its own kind of edges back. */
export interface Arc {
  readonly from: number;
  readonly to: number;
}

/** Searches start from at most so many members of a component. */
const startsMax = 100;

/** Edges by source. */
export function adjacency<E extends Arc>(size: number, edges: readonly E[]): E[][] {
  const out: E[][] = Array.from({ length: size }, () => []);
  for (const edge of edges) (out[edge.from] as E[]).push(edge);
  return out;
}

/** Components of two members or more. */
export function components(size: number, edges: readonly Arc[]): number[][] {
  const out = adjacency(size, edges);
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const onStack = new Uint8Array(size);
  const at = new Int32Array(size);
  const stack: number[] = [];
  const found: number[][] = [];
  let count = 0;
  for (let root = 0; root < size; root += 1) {
    if (index[root] !== -1) continue;
    const path = [root];
    while (path.length > 0) {
      const node = path.at(-1) as number;
      if (index[node] === -1) {
        index[node] = low[node] = count;
        count += 1;
        stack.push(node);
        onStack[node] = 1;
      }
      const edge = (out[node] as Arc[])[at[node] as number];
      if (edge !== undefined) {
        at[node] = (at[node] as number) + 1;
        if (index[edge.to] === -1) path.push(edge.to);
        else if (onStack[edge.to] === 1)
          low[node] = Math.min(low[node] as number, index[edge.to] as number);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] === index[node]) {
        const members = stack.splice(stack.lastIndexOf(node));
        for (const member of members) onStack[member] = 0;
        if (members.length > 1) found.push(members);
      }
    }
  }
  return found;
}

/** The shortest cycle of a graph, as its edges in order; undefined where there is none. */
export function shortestCycle<E extends Arc>(size: number, edges: readonly E[]): E[] | undefined {
  let best: E[] | undefined;
  const out = adjacency(size, edges);
  for (const members of components(size, edges)) {
    for (const start of members.slice(0, startsMax)) {
      const cycle = cycleFrom(start, out);
      if (cycle !== undefined && cycle.length < (best?.length ?? Infinity)) best = cycle;
      if (best?.length === 2) return best;
    }
  }
  return best;
}

/** The shortest way from `start` back to it. */
export function cycleFrom<E extends Arc>(
  start: number,
  out: readonly (readonly E[])[],
): E[] | undefined {
  return pathBetween(start, start, out);
}

/** The shortest way of one edge or more. */
export function pathBetween<E extends Arc>(
  start: number,
  end: number,
  out: readonly (readonly E[])[],
): E[] | undefined {
  const came = new Map<number, E>();
  const queue = [start];
  for (const node of queue) {
    for (const edge of out[node] ?? []) {
      if (edge.to === end) {
        const path = [edge];
        for (let back = edge.from; back !== start; back = (path[0] as E).from) {
          path.unshift(came.get(back) as E);
        }
        return path;
      }
      if (came.has(edge.to) || edge.to === start) continue;
      came.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  return undefined;
}

/** The shortest cycle with exactly one edge of `single`, the rest from `others`. */
export function cycleWithOne<E extends Arc>(
  size: number,
  single: readonly E[],
  others: readonly E[],
): E[] | undefined {
  const out = adjacency(size, others);
  const together = new Map<number, number>();
  components(size, [...single, ...others]).forEach((members, id) => {
    for (const member of members) together.set(member, id);
  });
  let best: E[] | undefined;
  let starts = 0;
  for (const edge of single) {
    const component = together.get(edge.from);
    if (component === undefined || component !== together.get(edge.to)) continue;
    starts += 1;
    if (starts > 10 * startsMax) break;
    const back = pathBetween(edge.to, edge.from, out);
    if (back === undefined || back.length + 1 >= (best?.length ?? Infinity)) continue;
    best = [edge, ...back];
  }
  return best;
}
