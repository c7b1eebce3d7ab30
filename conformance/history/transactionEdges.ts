/**
 * What transactions tell about their order. Every written value is new for its key, so a read
 * names the transaction it read from. Only certain facts become edges: what is found later as a
 * cycle is an anomaly in every order of the versions; versions whose order nothing tells stay
 * unordered, so an anomaly between them may be missed.
 */
import { Interner, showValue } from './interner.ts';
import { HistoryError } from './operation.ts';
import type { Operation } from './operation.ts';

export type EdgeKind = 'ww' | 'wr' | 'rw' | 'realtime';

export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly kind: EdgeKind;
  /** For messages: the key, or nothing for real time. */
  readonly key?: unknown;
}

export interface DirectAnomaly {
  readonly anomaly: 'G1a' | 'G1b' | 'internal' | 'phantom' | 'lost-update';
  readonly reason: string;
  readonly operations: readonly Operation[];
}

export interface Dependencies {
  /** Those that took effect: ok, or unknown and seen by another. */
  readonly transactions: readonly Operation[];
  readonly edges: readonly Edge[];
  readonly direct: readonly DirectAnomaly[];
  /** Of each key who wrote it, and for each of them who else read that version. */
  readonly keys: readonly KeyWriters[];
  /** False where facts were too many to keep them all. */
  readonly whole: boolean;
}

/** The writers of one key, whose order the reads may leave open. */
export interface KeyWriters {
  readonly key: unknown;
  readonly writers: readonly number[];
  /** By place in `writers`: who read the final version of that writer. */
  readonly readers: readonly (readonly number[])[];
}

type Part = readonly [kind: 'r' | 'w', key: unknown, value: unknown];

interface Access {
  readonly at: number;
  readonly operation: Operation;
  /** Interned key -> interned value it saw first, before writing the key itself. */
  readonly reads: Map<number, number>;
  /** Interned key -> interned values it wrote, the last one being final. */
  readonly writes: Map<number, number[]>;
}

interface Write {
  readonly access: Access;
  readonly final: boolean;
}

export class DependencyReader {
  readonly #table = new Interner();
  readonly #accesses: Access[] = [];
  /** Key -> value -> who wrote it. */
  readonly #writers = new Map<number, Map<number, Write>>();
  /** Key -> version -> who read that version and wrote the next one. */
  readonly #next = new Map<number, Map<number, Access[]>>();
  readonly #edges: Edge[] = [];
  readonly #direct: DirectAnomaly[] = [];
  /** How many edges reads of initial versions have made. */
  #initial = 0;

  read(history: readonly Operation[]): Dependencies {
    history.forEach((operation, at) => this.#accesses.push(this.#access(operation, at)));
    for (const access of this.#accesses) this.#publish(access);
    const committed = this.#committed();
    for (const access of committed) this.#followers(access);
    for (const access of committed) {
      for (const [key, value] of access.reads) this.#dependsOn(access, key, value);
    }
    const place = new Map(committed.map(({ at }, index) => [at, index]));
    const edges = this.#edges.flatMap(({ from, to, ...rest }): Edge[] => {
      const [a, b] = [place.get(from), place.get(to)];
      return a === undefined || b === undefined || a === b ? [] : [{ from: a, to: b, ...rest }];
    });
    const transactions = committed.map(({ operation }) => operation);
    const keys = this.#keyWriters(place);
    return { transactions, edges, direct: this.#direct, keys, whole: this.#initial <= initialMax };
  }

  #access(operation: Operation, at: number): Access {
    if (operation.op !== 'txn' || !Array.isArray(operation.value)) {
      throw new HistoryError(`operation ${at}: expected txn with a list of reads and writes`);
    }
    const access: Access = { at, operation, reads: new Map(), writes: new Map() };
    const results = operation.status === 'ok' ? (operation.result as unknown[]) : [];
    let read = 0;
    for (const [kind, name, value] of operation.value as Part[]) {
      const key = this.#table.intern(name);
      const written = access.writes.get(key);
      if (kind === 'w') {
        access.writes.set(key, [...(written ?? []), this.#table.intern(value)]);
        continue;
      }
      const seen = this.#table.intern(results[read]);
      read += 1;
      if (operation.status !== 'ok') continue;
      const before = written?.at(-1) ?? access.reads.get(key);
      if (before === undefined) access.reads.set(key, seen);
      else if (before !== seen)
        this.#tell('internal', 'does not see what it saw or wrote', key, seen, [access]);
    }
    return access;
  }

  #publish(access: Access): void {
    for (const [key, values] of access.writes) {
      const writers = this.#writers.get(key) ?? new Map<number, Write>();
      this.#writers.set(key, writers);
      values.forEach((value, index) => {
        if (writers.has(value)) {
          const what = `${showValue(this.#table.value(value))} is written twice to one key`;
          throw new HistoryError(`operation ${access.at}: ${what}; values must be unique`);
        }
        writers.set(value, { access, final: index === values.length - 1 });
      });
    }
  }

  /** ok transactions, and unknown ones whose writes were seen (by whomever: they took effect). */
  #committed(): Access[] {
    const seen = new Set<Access>();
    for (const { reads } of this.#accesses) {
      for (const [key, value] of reads) {
        const writer = this.#writers.get(key)?.get(value)?.access;
        if (writer?.operation.status === 'info') seen.add(writer);
      }
    }
    return this.#accesses.filter((a) => a.operation.status === 'ok' || seen.has(a));
  }

  #keyWriters(place: ReadonlyMap<number, number>): KeyWriters[] {
    const readers = new Map<Access, Map<number, number[]>>();
    for (const access of this.#accesses) {
      const reader = place.get(access.at);
      if (reader === undefined) continue;
      for (const [key, value] of access.reads) {
        const writer = this.#writers.get(key)?.get(value)?.access;
        if (writer === undefined || writer === access) continue;
        const byKey = readers.get(writer) ?? new Map<number, number[]>();
        readers.set(writer, byKey);
        const there = byKey.get(key);
        if (there === undefined) byKey.set(key, [reader]);
        else there.push(reader);
      }
    }
    return [...this.#writers].map(([key, writes]) => {
      const all = [...new Set([...writes.values()].map(({ access }) => access))];
      const known = all.filter(({ at }) => place.has(at));
      return {
        key: this.#table.value(key),
        writers: known.map(({ at }) => place.get(at) as number),
        readers: known.map((access) => readers.get(access)?.get(key) ?? []),
      };
    });
  }

  /** Who wrote the version after the one it read. Two of one version: one update is lost. */
  #followers(access: Access): void {
    for (const [key, value] of access.reads) {
      if (!access.writes.has(key)) continue;
      const next = this.#next.get(key) ?? new Map<number, Access[]>();
      this.#next.set(key, next);
      const there = next.get(value) ?? [];
      next.set(value, [...there, access]);
      const [other] = there;
      if (other !== undefined) {
        this.#tell('lost-update', 'and another both wrote over the version', key, value, [
          other,
          access,
        ]);
      }
    }
  }

  #dependsOn(reader: Access, key: number, value: number): void {
    const name = this.#table.value(key);
    const writers = this.#writers.get(key);
    const write = value === 0 ? undefined : writers?.get(value);
    if (value !== 0) {
      if (write === undefined)
        return this.#tell('phantom', 'read what nobody wrote:', key, value, [reader]);
      const both = [write.access, reader];
      if (write.access.operation.status === 'fail') {
        return this.#tell('G1a', 'read a write that failed:', key, value, both);
      }
      if (!write.final && write.access !== reader) {
        return this.#tell('G1b', 'read an intermediate write:', key, value, both);
      }
      this.#edges.push({ from: write.access.at, to: reader.at, kind: 'wr', key: name });
      if (reader.writes.has(key)) {
        this.#edges.push({ from: write.access.at, to: reader.at, kind: 'ww', key: name });
      }
    }
    // Every write comes after the initial version; after another only who read it first.
    const over = value === 0 ? this.#writersOf(key) : (this.#next.get(key)?.get(value) ?? []);
    for (const next of over) {
      if (next !== reader)
        this.#edges.push({ from: reader.at, to: next.at, kind: 'rw', key: name });
    }
  }

  /** All that wrote the key; nobody where the facts have become too many. */
  #writersOf(key: number): readonly Access[] {
    const writers = [...(this.#writers.get(key)?.values() ?? [])];
    this.#initial += writers.length;
    return this.#initial > initialMax ? [] : [...new Set(writers.map(({ access }) => access))];
  }

  #tell(
    anomaly: DirectAnomaly['anomaly'],
    what: string,
    key: number,
    value: number,
    accesses: readonly Access[],
  ): void {
    const { process, invoke } = (accesses.at(-1) as Access).operation;
    const version = `${showValue(this.#table.value(key))} = ${showValue(this.#table.value(value))}`;
    const operations = accesses.map(({ operation }) => operation);
    const reason = `${anomaly}: the transaction by ${process} at ${invoke} ${what} ${version}`;
    this.#direct.push({ anomaly, reason, operations });
  }
}

/** Reads of initial versions make an edge to every writer of the key, at most so many in all. */
const initialMax = 2_000_000;
