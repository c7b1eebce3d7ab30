/**
 * Eventually consistent reads: how stale they were, and which session guarantees they broke. Both
 * are facts to report; they fail only against a declared bound. Versions of a key are told apart
 * by their values, and ordered by what is certain: by the log positions the server returned where
 * both have one, else a write that ended before another began is the older. So what is called
 * stale here is stale in every order of the writes. A value written twice is left out.
 */
import type { SessionGuarantee } from './consistency.ts';
import { NextWrites } from './nextWrites.ts';
import { operationText } from './explain.ts';
import { Interner } from './interner.ts';
import { HistoryError } from './operation.ts';
import type { Operation, ProcessName } from './operation.ts';

export interface StalenessBounds {
  /** In the history's unit of time: longest time since the next version was certainly there. */
  readonly staleness?: number;
  /** Guarantees that must hold. */
  readonly sessions?: readonly SessionGuarantee[];
}

export interface BrokenGuarantee {
  readonly guarantee: SessionGuarantee;
  readonly reason: string;
  /** The earlier operation of the session, and the read. */
  readonly operations: readonly [Operation, Operation];
}

export interface StalenessReport {
  readonly verdict: 'ok' | 'violation';
  /** Reads whose version is known. */
  readonly reads: number;
  readonly staleReads: number;
  readonly worst?: { readonly staleness: number; readonly read: Operation };
  readonly broken: readonly BrokenGuarantee[];
  /** Against which bound the verdict fell. */
  readonly reason?: string;
}

interface KeyVersions {
  /** Interned value -> its only write; null where it was written more than once. */
  readonly byValue: Map<number, Operation | null>;
  readonly next: NextWrites;
}

/** Examines the reads marked `eventual` of a register-like history: get, put, cas, delete, read, write. */
export function checkStaleness(
  history: readonly Operation[],
  bounds: StalenessBounds = {},
): StalenessReport {
  const table = new Interner();
  const keys = versionsOf(history, table);
  const broken: BrokenGuarantee[] = [];
  const sessions = new Map<string, { wrote?: Operation; read?: Operation }>();
  let [reads, staleReads] = [0, 0];
  let worst: StalenessReport['worst'];
  for (const operation of [...history].sort((a, b) => a.invoke - b.invoke)) {
    if (operation.status !== 'ok') continue;
    const key = table.intern(operation.key);
    const session = sessionOf(sessions, operation.process, key);
    const versions = keys.get(key);
    if (isWrite(operation)) session.wrote = operation;
    if (!reading.has(operation.op) || versions === undefined) continue;
    const version = versions.byValue.get(table.intern(operation.result));
    if (version === null || (version === undefined && (operation.result ?? null) !== null))
      continue;
    if (operation.eventual === true) {
      reads += 1;
      broken.push(...brokenBy(session, version, operation, versions));
      const staleness = stalenessOf(version, operation, versions.next);
      if (staleness > 0) staleReads += 1;
      if (staleness > (worst?.staleness ?? 0)) worst = { staleness, read: operation };
    }
    session.read = operation;
  }
  const counts = { reads, staleReads, ...(worst === undefined ? {} : { worst }), broken };
  const reason = fallen(counts, bounds);
  return { verdict: reason === undefined ? 'ok' : 'violation', ...counts, ...reason };

  function brokenBy(
    session: { wrote?: Operation; read?: Operation },
    version: Operation | undefined,
    read: Operation,
    versions: KeyVersions,
  ): BrokenGuarantee[] {
    const found: BrokenGuarantee[] = [];
    const { wrote, read: before } = session;
    if (wrote !== undefined && older(version, wrote)) {
      found.push(breach('read-your-writes', wrote, read));
    }
    const seen =
      before === undefined ? undefined : versions.byValue.get(table.intern(before.result));
    if (before !== undefined && seen && older(version, seen)) {
      found.push(breach('monotonic-reads', before, read));
    }
    return found;
  }
}

function sessionOf<S extends object>(
  sessions: Map<string, S>,
  process: ProcessName,
  key: number,
): Partial<S> {
  const name = `${typeof process}:${process}:${key}`;
  const session = sessions.get(name) ?? ({} as S);
  sessions.set(name, session);
  return session;
}

const reading = new Set(['get', 'read']);
const writing = new Set(['put', 'write', 'delete']);

function isWrite({ op, result }: Operation): boolean {
  if (writing.has(op)) return true;
  if (op === 'cas') return result === true;
  if (reading.has(op)) return false;
  throw new HistoryError(
    `staleness is told of get, put, cas, delete, read and write; operation "${op}" is none of them`,
  );
}

function versionsOf(history: readonly Operation[], table: Interner): Map<number, KeyVersions> {
  const keys = new Map<number, KeyVersions>();
  for (const operation of history) {
    const key = table.intern(operation.key);
    const versions: KeyVersions = keys.get(key) ?? { byValue: new Map(), next: new NextWrites() };
    keys.set(key, versions);
    const { op, status, value } = operation;
    if (reading.has(op) || status === 'fail') continue;
    if (!isWrite(operation) && (status === 'ok' || op !== 'cas')) continue;
    const left = op === 'cas' ? (value as [unknown, unknown])[1] : op === 'delete' ? null : value;
    const id = table.intern(left);
    versions.byValue.set(id, versions.byValue.has(id) ? null : operation);
    if (status === 'ok') versions.next.add(operation);
  }
  return keys;
}

/** Certainly older; undefined is the version before all writes. */
function older(version: Operation | undefined, than: Operation): boolean {
  if (version === undefined) return true;
  if (version === than) return false;
  if (version.position !== undefined && than.position !== undefined) {
    return version.position < than.position;
  }
  return version.return !== null && version.return < than.invoke;
}

/** How long before the read the next version had certainly been completed. */
function stalenessOf(version: Operation | undefined, read: Operation, next: NextWrites): number {
  return Math.max(0, read.invoke - next.after(version));
}

function breach(guarantee: SessionGuarantee, earlier: Operation, read: Operation): BrokenGuarantee {
  const reason = `${operationText(read)} breaks ${guarantee}: after ${operationText(earlier)}`;
  return { guarantee, reason, operations: [earlier, read] };
}

function fallen(
  found: Pick<StalenessReport, 'worst' | 'broken'>,
  bounds: StalenessBounds,
): { reason: string } | undefined {
  const { worst, broken } = found;
  const breached = broken.find(({ guarantee }) => bounds.sessions?.includes(guarantee));
  if (breached !== undefined) return { reason: breached.reason };
  if (worst === undefined || worst.staleness <= (bounds.staleness ?? Infinity)) return undefined;
  const { staleness, read } = worst;
  return {
    reason: `${operationText(read)} is stale by ${staleness}, the bound is ${bounds.staleness}`,
  };
}
