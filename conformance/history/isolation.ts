/**
 * Isolation levels as graphs without cycles.
 *
 * Serializable: transactions are nodes, every dependency (ww, wr, rw, real time) an edge.
 * Snapshot isolation: each transaction has a begin and a commit. It begins after the commits it
 * read from or wrote over (ww, wr), and begins before the commit that wrote over what it read
 * (rw). That graph has no cycle iff none of the dependencies has two or more of ww and wr between
 * any two rw, which is snapshot isolation (Cerone and Gotsman, "Analysing snapshot isolation",
 * 2016). Read committed: ww and wr alone.
 */
import type { IsolationLevel } from './consistency.ts';
import { cycleWithOne, shortestCycle } from './transactionCycles.ts';
import type { Arc } from './transactionCycles.ts';
import type { Edge } from './transactionEdges.ts';

/** An edge between begins (2n) and commits (2n + 1), and the dependency it stands for. */
export interface Moment extends Arc {
  readonly edge?: Edge;
}

/** Begins and commits of `size` transactions. */
export function momentsOf(size: number, edges: readonly Edge[]): Moment[] {
  const moments: Moment[] = [];
  for (let at = 0; at < size; at += 1) moments.push({ from: 2 * at, to: 2 * at + 1 });
  for (const edge of edges) moments.push(momentOf(edge));
  return moments;
}

export function momentOf(edge: Edge): Moment {
  const { from, to, kind } = edge;
  return kind === 'rw'
    ? { from: 2 * from, to: 2 * to + 1, edge }
    : { from: 2 * from + 1, to: 2 * to, edge };
}

/** The gravest cycle that the level forbids, without real time; as dependencies. */
export function forbiddenCycle(
  size: number,
  edges: readonly Edge[],
  level: IsolationLevel,
): Edge[] | undefined {
  const only = (...kinds: Edge['kind'][]): Edge[] => edges.filter((e) => kinds.includes(e.kind));
  const dirty = shortestCycle(size, only('ww')) ?? shortestCycle(size, only('ww', 'wr'));
  if (dirty !== undefined || level === 'read-committed') return dirty;
  const single = cycleWithOne(size, only('rw'), only('ww', 'wr'));
  if (single !== undefined) return single;
  if (level !== 'snapshot-isolation') return shortestCycle(size, edges);
  const cycle = shortestCycle(2 * size, momentsOf(size, edges));
  return cycle?.flatMap(({ edge }) => (edge === undefined ? [] : [edge]));
}
