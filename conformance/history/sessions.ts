/**
 * Session guarantees (Terry and others, "Session guarantees for weakly consistent replicated
 * data", 1994), for each key apart. Each guarantee says that some versions of a key come before
 * others, whatever order the store chose:
 *
 * - read-your-writes: what a session wrote comes before what it reads later;
 * - monotonic reads: what it read comes before what it reads later;
 * - monotonic writes: what it wrote comes before what it writes later;
 * - writes follow reads: what it read comes before what it writes later.
 *
 * With the order that is certain (log positions, else a write that ended before another began)
 * they hold iff the whole is free of cycles: then any order that extends it is one the store may
 * have chosen. What holds across keys is causal consistency (causal.ts). A version that several
 * writes may have made is left out.
 */
import type { SessionGuarantee } from './consistency.ts';
import { operationText } from './explain.ts';
import type { HistoryResult } from './linearizability.ts';
import type { Operation } from './operation.ts';
import { shortestCycle } from './transactionCycles.ts';
import type { Arc } from './transactionCycles.ts';
import { versionsOf } from './versions.ts';
import type { Versions } from './versions.ts';

/** Version `from` comes before version `to`, as the two operations tell. */
export interface VersionArc extends Arc {
  readonly because: SessionGuarantee | 'position' | 'real time' | 'initial';
  /** The operations that tell it. */
  readonly told: readonly [Operation, Operation] | readonly [Operation];
}

export function checkSessions(
  history: readonly Operation[],
  guarantees: readonly SessionGuarantee[],
): HistoryResult {
  const versions = versionsOf(history, false);
  const counts = { operations: history.length, steps: 0 };
  const strange = strangeRead(versions);
  if (strange !== undefined) return { verdict: 'violation', ...counts, ...strange };
  const certain = certainArcs(versions);
  const told = sessionArcs(versions);
  // One node beyond the operations for the initial version of each key.
  const size = versions.operations.length + Math.max(0, ...versions.keys) + 1;
  const sets = [...guarantees.map((each) => [each]), guarantees];
  for (const set of sets) {
    const arcs = told.filter(({ because }) => set.includes(because as SessionGuarantee));
    const cycle = shortestCycle(size, [...certain, ...arcs]);
    if (cycle !== undefined) return { verdict: 'violation', ...counts, ...broken(set, cycle) };
  }
  return { verdict: 'ok', ...counts };
}

/** A read of what nobody wrote, or of what was written only after it ended. */
function strangeRead({ operations, source }: Versions) {
  for (const [at, from] of source.entries()) {
    const read = operations[at] as Operation;
    const write = operations[from ?? -1];
    const future = write !== undefined && write.invoke > (read.return ?? Infinity);
    if (from !== -2 && !future) continue;
    const what = future ? `what ${operationText(write)} wrote only later` : 'what nobody wrote';
    return {
      anomaly: future ? 'future' : 'phantom',
      reason: `${operationText(read)} returns ${what}`,
      key: read.key,
      operationsInvolved: future ? [read, write] : [read],
    };
  }
  return undefined;
}

function broken(guarantees: readonly SessionGuarantee[], cycle: readonly VersionArc[]) {
  const operationsInvolved = [...new Set(cycle.flatMap(({ told }) => [...told]))];
  const steps = cycle.map(({ because, told: [one, other] }) => {
    if (other === undefined) return `${operationText(one)} writes over the initial value`;
    return `${operationText(one)} ${verbs[because]} ${operationText(other)}`;
  });
  const anomaly = guarantees.join(' and ');
  return {
    anomaly,
    reason: `${anomaly} is broken: ${steps.join('; ')}`,
    key: operationsInvolved[0]?.key,
    operationsInvolved,
  };
}

const verbs = {
  'read-your-writes': 'is written, and later its session reads',
  'monotonic-reads': 'is read, and later its session reads',
  'monotonic-writes': 'is written, and later its session writes',
  'writes-follow-reads': 'is read, and later its session writes',
  position: 'stands in the log before',
  'real time': 'ended before',
  initial: 'stands before',
} as const;

/** What the sessions tell. Only the nearest pairs: the others follow from them. */
function sessionArcs(versions: Versions): VersionArc[] {
  const { operations, keys, writes, source, sessions } = versions;
  const arcs: VersionArc[] = [];
  for (const session of sessions) {
    const last = new Map<number, { wrote?: number; read?: number }>();
    for (const at of session) {
      const operation = operations[at] as Operation;
      const key = keys[at] as number;
      const before = last.get(key) ?? {};
      last.set(key, before);
      const tell = (from: number, to: number, because: SessionGuarantee, first: number): void => {
        if (from === to) return;
        arcs.push({ from, to, because, told: [operations[first] as Operation, operation] });
      };
      const version = (read: number): number => nodeOf(versions, read);
      if (source[at] !== undefined) {
        if (before.wrote !== undefined)
          tell(before.wrote, version(at), 'read-your-writes', before.wrote);
        if (before.read !== undefined)
          tell(version(before.read), version(at), 'monotonic-reads', before.read);
        before.read = at;
      }
      if (writes[at] !== true) continue;
      if (before.wrote !== undefined) tell(before.wrote, at, 'monotonic-writes', before.wrote);
      if (before.read !== undefined)
        tell(version(before.read), at, 'writes-follow-reads', before.read);
      // What may take effect later, or never, is not certainly before what comes next.
      if (operation.status === 'ok') before.wrote = at;
    }
  }
  return arcs;
}

/** The node of the version that a read saw: its write, or the initial version of its key. */
function nodeOf({ operations, keys, source }: Versions, read: number): number {
  const from = source[read] as number;
  return from === -1 ? operations.length + (keys[read] as number) : from;
}

function certainArcs(versions: Versions): VersionArc[] {
  const { operations, keys, writes } = versions;
  const byKey = new Map<number, number[]>();
  operations.forEach((_, at) => {
    if (writes[at] !== true) return;
    const key = keys[at] as number;
    const there = byKey.get(key);
    if (there === undefined) byKey.set(key, [at]);
    else there.push(at);
  });
  const arcs: VersionArc[] = [];
  for (const [key, members] of byKey) {
    for (const to of members) {
      const told = [operations[to] as Operation] as const;
      arcs.push({ from: operations.length + key, to, because: 'initial', told });
    }
    arcs.push(...byPosition(operations, members), ...byTime(operations, members));
  }
  return arcs;
}

function byPosition(operations: readonly Operation[], members: readonly number[]): VersionArc[] {
  const position = (at: number): number => (operations[at] as Operation).position ?? NaN;
  const placed = members.filter((at) => !Number.isNaN(position(at)));
  placed.sort((a, b) => position(a) - position(b));
  return placed.slice(1).flatMap((to, before): VersionArc[] => {
    const from = placed[before] as number;
    if (position(from) === position(to)) return [];
    const told = [operations[from] as Operation, operations[to] as Operation] as const;
    return [{ from, to, because: 'position', told }];
  });
}

/** A write that ended before another began; where both have a position, that decides. */
function byTime(operations: readonly Operation[], members: readonly number[]): VersionArc[] {
  const at = (index: number): Operation => operations[index] as Operation;
  const ended = members.filter((each) => at(each).return !== null);
  ended.sort((a, b) => (at(a).return as number) - (at(b).return as number));
  const arcs: VersionArc[] = [];
  let frontier: number[] = [];
  let next = 0;
  for (const to of members) {
    for (; next < ended.length; next += 1) {
      const late = ended[next] as number;
      if ((at(late).return as number) >= at(to).invoke) break;
      frontier = frontier.filter((each) => (at(each).return as number) >= at(late).invoke);
      frontier.push(late);
    }
    for (const from of frontier) {
      if (at(from).position !== undefined && at(to).position !== undefined) continue;
      arcs.push({ from, to, because: 'real time', told: [at(from), at(to)] });
    }
  }
  return arcs;
}
