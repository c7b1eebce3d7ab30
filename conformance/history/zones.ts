/**
 * Reads and writes only, and no value written twice: no search is needed (Gibbons and Korach,
 * "Testing shared memories", 1997). The operations of one value, its write and its reads, must
 * stand together. Its zone runs from the first return among them to the last call. Where the first return comes
 * first (forward) the value is there throughout; otherwise (backward) it fits in one moment
 * between. Linearizable iff no read ends before its write begins, no two forward zones overlap,
 * and no backward zone lies inside a forward one. A write that nobody reads is a zone of its own,
 * its call to its return. One sweep over the entries decides it: O(n).
 */
import type { KnownEffects, Machine, Partition } from './model.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export interface ZoneClash {
  /** Local operations that are together a violation. */
  readonly operations: readonly number[];
  readonly state: number;
  /** The other value; the same where a read ends before its write begins. */
  readonly other: number;
}

interface Zones {
  /** By state: the entry of the first return, of the last call, and whose they are. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly firstOp: Int32Array;
  readonly lastOp: Int32Array;
  readonly writer: Int32Array;
}

/** Undefined where the condition does not hold; null where the history is linearizable. */
export function* zoneClash(
  partition: Partition,
  machine: Machine,
): Turns<ZoneClash | null | undefined> {
  const { known } = machine;
  if (known === undefined) return undefined;
  const writer = yield* uniqueWriters(partition, machine, known);
  if (writer === undefined) return undefined;
  const zones = yield* zonesOf(partition, machine, known, writer);
  return 'operations' in zones ? zones : yield* sweep(partition, machine, known, zones);
}

/** By state its one writer, -1 where there is none; undefined where the condition fails. */
function* uniqueWriters(
  partition: Partition,
  machine: Machine,
  known: KnownEffects,
): Turns<Int32Array | undefined> {
  const writer = new Int32Array(known.states).fill(-1);
  for (let op = 0; op < partition.rows.length; op += 1) {
    if ((op & betweenYields) === betweenYields) yield;
    const effect = machine.effect[op] as number;
    if (effect < 0) continue;
    const sets = known.sets[effect] as number;
    const needs = known.needs[effect] as number;
    if (sets === -1) {
      if (needs === -1 || machine.pure[effect] !== 1) return undefined;
    } else {
      if (needs !== -1) return undefined;
      if (sets === known.unread) continue;
      if (writer[sets] !== -1 || sets === machine.initial) return undefined;
      writer[sets] = op;
    }
  }
  return writer;
}

function* zonesOf(
  partition: Partition,
  machine: Machine,
  known: KnownEffects,
  writer: Int32Array,
): Turns<Zones | ZoneClash> {
  const { definite, callEntry, returnEntry, infoAt } = partition;
  const first = new Int32Array(known.states).fill(2 * definite);
  const last = new Int32Array(known.states).fill(-1);
  const firstOp = new Int32Array(known.states).fill(-1);
  const lastOp = new Int32Array(known.states).fill(-1);
  first[machine.initial] = -1;
  for (let op = 0; op < definite; op += 1) {
    if ((op & betweenYields) === betweenYields) yield;
    const effect = machine.effect[op] as number;
    const reads = known.sets[effect] === -1;
    const state = (reads ? known.needs[effect] : known.sets[effect]) as number;
    if (state === known.unread) continue;
    const call = callEntry[op] as number;
    const back = returnEntry[op] as number;
    if (reads && state !== machine.initial) {
      const write = writer[state] as number;
      const begun =
        write === -1 ? back : write < definite ? callEntry[write] : infoAt[write - definite];
      if (write === -1 || (begun as number) > back) {
        return { operations: write === -1 ? [op] : [op, write], state, other: state };
      }
    }
    if (back < (first[state] as number)) {
      first[state] = back;
      firstOp[state] = op;
    }
    if (call > (last[state] as number)) {
      last[state] = call;
      lastOp[state] = op;
    }
  }
  return { first, last, firstOp, lastOp, writer };
}

function* sweep(
  partition: Partition,
  machine: Machine,
  known: KnownEffects,
  zones: Zones,
): Turns<ZoneClash | null> {
  const { first, last } = zones;
  const { entryOp } = partition;
  let inside = machine.initial;
  let until = last[machine.initial] as number;
  for (let entry = 0; entry < entryOp.length; entry += 1) {
    if ((entry & betweenYields) === betweenYields) yield;
    const at = entryOp[entry] as number;
    const effect = machine.effect[at < 0 ? ~at : at] as number;
    const sets = known.sets[effect] as number;
    const state = sets === -1 ? (known.needs[effect] as number) : sets;
    if (sets === known.unread) {
      if (at >= 0 && (partition.returnEntry[at] as number) < until)
        return within(zones, inside, sets, at);
      continue;
    }
    const begin = first[state] as number;
    const end = last[state] as number;
    if (state === inside) continue;
    if (at < 0 && entry === begin && begin < end) {
      if (entry < until) return clash(zones, inside, state);
      inside = state;
      until = end;
    } else if (at >= 0 && entry === end && end < begin && begin < until) {
      return clash(zones, inside, state);
    }
  }
  return null;
}

/** A write that nobody reads, yet it ends and begins where another value is there throughout. */
function within(zones: Zones, state: number, unread: number, write: number): ZoneClash {
  const { operations } = clash(zones, state, state);
  return { operations: [...operations, write], state, other: unread };
}

function clash(zones: Zones, state: number, other: number): ZoneClash {
  const all = [state, other].flatMap((s) => [
    zones.writer[s] as number,
    zones.firstOp[s] as number,
    zones.lastOp[s] as number,
  ]);
  return { operations: [...new Set(all)].filter((op) => op !== -1), state, other };
}
