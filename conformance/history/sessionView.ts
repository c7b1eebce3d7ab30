/**
 * Can one session explain all its reads in one order of what it knows? The order that its reads
 * force is the least one that holds the causal order of what comes before the session's last
 * operation and, whenever a write comes before a read of another write of the key, puts it before
 * that other write. It is computed to its fixed point. What the session's last operation forces
 * includes what any earlier one does, so the last one alone is looked at.
 */
import { CausalOrder } from './causalOrder.ts';
import type { CausalEdge } from './causalOrder.ts';
import type { BadPattern, CausalPatterns } from './causalPatterns.ts';
import type { Turns } from './turns.ts';

/** A pattern, the edges that hold a cycle, `late` where time ran out, or nothing. */
export function* sessionView(
  patterns: CausalPatterns,
  causal: CausalOrder,
  session: number,
  untilMs: number,
): Turns<BadPattern | CausalEdge[] | 'late' | undefined> {
  const { graph, versions } = patterns;
  const members = graph.sessions[session] as readonly number[];
  const last = members.at(-1);
  if (last === undefined) return undefined;
  const reads = members.filter((at) => versions.source[at] !== undefined);
  const edges = graph.edges.filter(({ to }) => to === last || causal.before(to, last));
  for (;;) {
    const order = yield* CausalOrder.of(graph, edges);
    if (order === undefined) return edges;
    let grown = false;
    for (const read of reads) {
      const source = versions.source[read] as number;
      for (const write of patterns.known(order, read)) {
        if (source === -1) {
          return { name: 'WriteHBInitRead', edges: [], operations: [read, write] };
        }
        if (write === source || order.before(write, source)) continue;
        edges.push({ from: write, to: source, because: 'conflict' });
        grown = true;
      }
    }
    if (!grown) return undefined;
    if (performance.now() > untilMs) return 'late';
    yield;
  }
}
