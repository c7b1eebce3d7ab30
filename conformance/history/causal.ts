/**
 * Causal consistency of registers whose values are written once to a key, by bad patterns: after
 * Bouajjani, Enea, Guerraoui and Hamza, "On verifying causal consistency" (2017). A history obeys
 * a level iff none of the level's patterns is in it; each is found in polynomial time. The causal
 * order (causalOrder.ts) is session order with reads-from.
 *
 * - causal: what caused an operation is seen before it. Forbidden: CyclicCO (something causes
 *   itself), ThinAirRead (nobody wrote it), WriteCOInitRead (the initial value, though a write of
 *   the key came causally before), WriteCORead (a value that was causally written over).
 * - causal-convergence: besides, all agree on one order of conflicting writes. Forbidden:
 *   CyclicCF. A read of v by an operation that knows another write of the key puts that write
 *   before the write of v; these conflicts and the causal order must have no cycle.
 * - causal-memory: besides, each session can explain all its reads in one order. Forbidden:
 *   WriteHBInitRead and CyclicHB, in the order that the reads of one session force (sessionView).
 */
import { causalEdges, CausalOrder } from './causalOrder.ts';
import type { CausalEdge, CausalEdges } from './causalOrder.ts';
import { CausalPatterns } from './causalPatterns.ts';
import type { BadPattern } from './causalPatterns.ts';
import type { CausalLevel } from './consistency.ts';
import { operationText } from './explain.ts';
import type { HistoryResult } from './linearizability.ts';
import type { Operation } from './operation.ts';
import { sessionView } from './sessionView.ts';
import { shortestCycle } from './transactionCycles.ts';
import { inOneGo } from './turns.ts';
import type { Turns } from './turns.ts';
import { versionsOf } from './versions.ts';

/** Beyond this many numbers the causal order does not fit: operations times sessions. */
export const causalCellsMax = 400_000_000;

export interface CausalOptions {
  readonly limitMs?: number;
}

export function checkCausal(
  history: readonly Operation[],
  level: CausalLevel = 'causal',
  options: CausalOptions = {},
): HistoryResult {
  return inOneGo(causalTurns(history, level, options));
}

export function* causalTurns(
  history: readonly Operation[],
  level: CausalLevel,
  options: CausalOptions,
): Turns<HistoryResult> {
  const counts = { operations: history.length, steps: 0 };
  const untilMs = performance.now() + (options.limitMs ?? Infinity);
  const versions = versionsOf(history, true);
  const graph = causalEdges(versions);
  if (graph.size * graph.sessions.length > causalCellsMax) {
    const reason = `${graph.size} operations of ${graph.sessions.length} sessions are too many`;
    return { verdict: 'unknown', ...counts, reason, spent: 'memory' };
  }
  yield;
  const judge = (found: BadPattern): HistoryResult => {
    return { verdict: 'violation', ...counts, ...told(found, versions.operations) };
  };
  const order = yield* CausalOrder.of(graph, graph.edges);
  if (order === undefined) return judge(cycle('CyclicCO', graph, graph.edges));
  const patterns = new CausalPatterns(versions, graph);
  const direct = yield* patterns.reads(order);
  if (direct !== undefined) return judge(direct);
  if (level === 'causal-convergence') {
    const conflicts = yield* patterns.conflicts(order);
    const all = [...graph.edges, ...conflicts];
    const agreed = yield* CausalOrder.of(graph, all);
    if (agreed === undefined) return judge(cycle('CyclicCF', graph, all));
  }
  if (level === 'causal-memory') {
    for (let session = 0; session < graph.sessions.length; session += 1) {
      const found = yield* sessionView(patterns, order, session, untilMs);
      if (found === 'late') {
        const reason = `the budget of time is spent: ${session} of ${graph.sessions.length} sessions`;
        return { verdict: 'unknown', ...counts, reason, spent: 'time' };
      }
      if (found === undefined) continue;
      return judge(Array.isArray(found) ? cycle('CyclicHB', graph, found) : found);
    }
  }
  return { verdict: 'ok', ...counts };
}

function cycle(
  name: BadPattern['name'],
  graph: CausalEdges,
  edges: readonly CausalEdge[],
): BadPattern {
  return { name, edges: shortestCycle(graph.size, edges) ?? [] };
}

const words = {
  session: 'comes in its session before',
  'reads from': 'is read by',
  conflict: 'must come before',
} as const;

function told({ name, edges, operations = [] }: BadPattern, all: readonly Operation[]) {
  const text = (at: number): string => operationText(all[at] as Operation);
  const steps = edges.map(({ from, to, because }) => `${text(from)} ${words[because]} ${text(to)}`);
  const involved = new Set([...operations, ...edges.flatMap(({ from, to }) => [from, to])]);
  const operationsInvolved = [...involved].sort((a, b) => a - b).map((at) => all[at] as Operation);
  const why = [...operations.slice(0, 1).map((at) => `${text(at)} ${meaning[name]}`), ...steps];
  const key = operationsInvolved.at(-1)?.key;
  return { anomaly: name, key, reason: `${name}: ${why.join('; ')}`, operationsInvolved };
}

const meaning: Record<BadPattern['name'], string> = {
  CyclicCO: '',
  CyclicCF: '',
  CyclicHB: '',
  ThinAirRead: 'returns what nobody wrote',
  WriteCOInitRead: 'returns the initial value, though a write came causally before it',
  WriteCORead: 'returns what was written over, causally before it',
  WriteHBInitRead: 'returns the initial value, though its session must have seen a write',
};
