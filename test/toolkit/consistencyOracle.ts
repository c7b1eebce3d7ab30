/**
 * Sequential and causal consistency by their definitions, for a handful of operations on
 * registers: every order, and every causal order, is tried. Obviously right, and slow.
 */
import type { Operation } from '../../conformance/history.ts';

const key = (o: Operation): string => JSON.stringify(o.key);

/** Some order of all is legal and keeps the order of each process. */
export function sequentialOrderExists(history: readonly Operation[]): boolean {
  const run = (left: readonly Operation[], store: ReadonlyMap<string, unknown>): boolean =>
    left.every((o) => o.status === 'info') ||
    left.some((o, at) => {
      const waits = left.slice(0, at).some((p) => p.process === o.process && p.status === 'ok');
      if (waits) return false;
      const now = store.get(key(o)) ?? null;
      if (o.op === 'get' && o.status === 'ok' && now !== o.result) return false;
      const after = o.op === 'put' ? new Map(store).set(key(o), o.value) : store;
      return run(
        left.filter((p) => p !== o),
        after,
      );
    });
  return run(history, new Map());
}

type Relation = readonly (readonly boolean[])[];

/** All strict partial orders on `size` things, as closed relations. */
export function* partialOrders(size: number): Iterable<Relation> {
  if (size === 0) {
    yield [];
    return;
  }
  const last = size - 1;
  for (const smaller of partialOrders(last)) {
    for (let pattern = 0; pattern < 3 ** last; pattern += 1) {
      const grown = smaller.map((row) => [...row, false]);
      grown.push(Array.from({ length: size }, () => false));
      for (let at = 0, rest = pattern; at < last; at += 1, rest = Math.floor(rest / 3)) {
        if (rest % 3 === 1) (grown[at] as boolean[])[last] = true;
        if (rest % 3 === 2) (grown[last] as boolean[])[at] = true;
      }
      if (closed(grown)) yield grown;
    }
  }
}

function closed(relation: Relation): boolean {
  return relation.every((row, a) =>
    row.every((ab, b) => {
      if (!ab) return true;
      if (a === b || relation[b]?.[a] === true) return false;
      return relation[b]?.every((bc, c) => !bc || relation[a]?.[c] === true);
    }),
  );
}

/**
 * causal: some causal order holds each process's order, and every operation is legal after some
 * order of what comes before it, where only its own result counts. causal-memory: the results of
 * its process count. causal-convergence: one order of all serves every operation.
 */
export function causalOrderExists(
  history: readonly Operation[],
  level: 'causal' | 'causal-convergence' | 'causal-memory',
  orders: readonly Relation[],
): boolean {
  const program = (a: number, b: number): boolean =>
    a < b && history[a]?.process === history[b]?.process;
  const all = [...history.keys()];
  return orders.some((before) => {
    const keeps = all.every((a) => all.every((b) => !program(a, b) || before[a]?.[b] === true));
    if (!keeps) return false;
    const legal = (at: number, fixed?: readonly number[]): boolean => {
      const past = all.filter((p) => p === at || before[p]?.[at] === true);
      const counts = (p: number): boolean =>
        p === at || (level === 'causal-memory' && program(p, at));
      if (fixed === undefined) return ordered(history, past, before, counts);
      const order = fixed.filter((p) => past.includes(p));
      return legalInOrder(history, [...order.filter((p) => p !== at), at], counts);
    };
    if (level !== 'causal-convergence') return all.every((at) => legal(at));
    return extensions(all, before).some((order) => all.every((at) => legal(at, order)));
  });
}

function extensions(left: readonly number[], before: Relation): number[][] {
  if (left.length === 0) return [[]];
  return left.flatMap((at) => {
    if (left.some((p) => before[p]?.[at] === true)) return [];
    const rest = left.filter((p) => p !== at);
    return extensions(rest, before).map((order) => [at, ...order]);
  });
}

function ordered(
  history: readonly Operation[],
  past: readonly number[],
  before: Relation,
  counts: (at: number) => boolean,
): boolean {
  return extensions(past, before).some((order) => legalInOrder(history, order, counts));
}

function legalInOrder(
  history: readonly Operation[],
  order: readonly number[],
  counts: (at: number) => boolean,
): boolean {
  const store = new Map<string, unknown>();
  return order.every((at) => {
    const o = history[at] as Operation;
    if (o.op === 'put') store.set(key(o), o.value);
    return o.op === 'put' || !counts(at) || (store.get(key(o)) ?? null) === o.result;
  });
}
