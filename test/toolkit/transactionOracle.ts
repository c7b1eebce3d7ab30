/**
 * Isolation levels by their definitions, for a handful of transactions: every order is tried, on
 * a store that does what the level says. Obviously right, and slow.
 */
import type { Operation } from '../../conformance/history.ts';

export type Part = [kind: 'r' | 'w', key: string, value: unknown];

type Store = ReadonlyMap<string, unknown>;

const partsOf = (o: Operation): Part[] => o.value as Part[];

/** The store after the transaction has run alone on `store`; undefined where a read is wrong. */
function runOn(store: Store, o: Operation): Map<string, unknown> | undefined {
  const after = new Map(store);
  let read = 0;
  for (const [kind, key, value] of partsOf(o)) {
    if (kind === 'w') {
      after.set(key, value);
      continue;
    }
    const seen = (o.result as unknown[])[read] ?? null;
    read += 1;
    if ((after.get(key) ?? null) !== seen) return undefined;
  }
  return after;
}

/** Some order explains all reads; `before` says which must come first. */
export function serialOrderExists(
  history: readonly Operation[],
  before: (one: Operation, other: Operation) => boolean = () => false,
): boolean {
  const run = (left: readonly Operation[], store: Store): boolean => {
    if (left.length === 0) return true;
    return left.some((o) => {
      if (left.some((p) => p !== o && before(p, o))) return false;
      const after = runOn(store, o);
      const rest = left.filter((p) => p !== o);
      return after !== undefined && run(rest, after);
    });
  };
  return run(history, new Map());
}

export const endedBefore = (one: Operation, other: Operation): boolean =>
  (one.return as number) < other.invoke;

export const endedBeforeOnAKey = (one: Operation, other: Operation): boolean =>
  endedBefore(one, other) &&
  partsOf(one).some(([, key]) => partsOf(other).some(([, k]) => k === key));

interface Running {
  readonly o: Operation;
  readonly snapshot: Store;
  /** Keys that others have committed since it began. */
  readonly touched: ReadonlySet<string>;
}

/**
 * Transactions begin on a snapshot of what is committed and commit at once, unless another has
 * committed a write of one of their keys since.
 */
export function snapshotOrderExists(history: readonly Operation[]): boolean {
  const run = (waiting: readonly Operation[], running: readonly Running[], now: Store): boolean => {
    if (waiting.length === 0 && running.length === 0) return true;
    const begins = waiting.some((o) => {
      const begun = { o, snapshot: now, touched: new Set<string>() };
      return run(
        waiting.filter((p) => p !== o),
        [...running, begun],
        now,
      );
    });
    if (begins) return true;
    return running.some(({ o, snapshot, touched }) => {
      if (runOn(snapshot, o) === undefined) return false;
      const writes = partsOf(o).filter(([kind]) => kind === 'w');
      if (writes.some(([, key]) => touched.has(key))) return false;
      const after = new Map(now);
      for (const [, key, value] of writes) after.set(key, value);
      const others = running
        .filter((each) => each.o !== o)
        .map((each) => ({
          ...each,
          touched: new Set([...each.touched, ...writes.map(([, key]) => key)]),
        }));
      return run(waiting, others, after);
    });
  };
  return run(history, [], new Map());
}

/**
 * Read committed by its definition (Adya's PL-2): some order of the versions leaves no cycle of
 * write and read dependencies, and nobody reads what was not final or not written.
 */
export function readCommittedOrderExists(history: readonly Operation[]): boolean {
  const finals = new Map<string, number>();
  history.forEach((o, at) => {
    const last = new Map(
      partsOf(o)
        .filter(([kind]) => kind === 'w')
        .map(([, key, v]) => [key, v]),
    );
    for (const [key, value] of last) finals.set(`${key}=${String(value)}`, at);
  });
  const edges: [number, number][] = [];
  for (const [to, o] of history.entries()) {
    const own = new Map<string, unknown>();
    let read = 0;
    for (const [kind, key, value] of partsOf(o)) {
      if (kind === 'w') {
        own.set(key, value);
        continue;
      }
      const seen = (o.result as unknown[])[read] ?? null;
      read += 1;
      if (own.has(key)) {
        if (own.get(key) !== seen) return false;
        continue;
      }
      own.set(key, seen);
      if (seen === null) continue;
      const from = finals.get(`${key}=${String(seen)}`);
      if (from === undefined) return false;
      // Its own later write, read before it was made, is a read of what nobody wrote yet.
      if (from === to) return false;
      edges.push([from, to]);
    }
  }
  const acyclic = (left: readonly number[]): boolean =>
    left.length === 0 ||
    left.some((at) => {
      const waits = edges.some(([from, to]) => to === at && left.includes(from));
      return !waits && acyclic(left.filter((other) => other !== at));
    });
  return acyclic([...history.keys()]);
}
