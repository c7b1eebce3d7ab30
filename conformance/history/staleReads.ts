/**
 * One sweep in time order finds operations whose state no order can have had: the cheapest
 * explanation of most real bugs. An operation r needs state v (a get of v, a cas from v).
 *
 * - phantom: nothing could have made v; future: all that could was called after r returned;
 * - stale: let L be the last return of what could have made v and was called before r returned.
 *   If a definite write of something else was called after L and returned before r's call,
 *   it stands behind every maker of v and before r: v was gone, and could not come back.
 *
 * Sound for any values, unique or not; finds nothing is no proof of ok.
 */
import type { KnownEffects, Machine, Partition } from './model.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export interface StaleRead {
  readonly kind: 'phantom' | 'future' | 'stale';
  readonly read: number;
  readonly state: number;
  /** The maker that ended last; -1 for the initial state or none. */
  readonly maker: number;
  /** The write in between; -1 where there is none. */
  readonly over: number;
}

/** What a definite write certainly does not leave, besides: two writes of different states. */
class Latest {
  call = -1;
  op = -1;
  state = -1;
  otherCall = -1;
  otherOp = -1;

  add(call: number, op: number, state: number): void {
    if (state === this.state) {
      if (call > this.call) [this.call, this.op] = [call, op];
    } else if (call > this.call) {
      [this.otherCall, this.otherOp] = [this.call, this.op];
      [this.call, this.op, this.state] = [call, op, state];
    } else if (call > this.otherCall) [this.otherCall, this.otherOp] = [call, op];
  }
}

interface Sweep {
  readonly partition: Partition;
  readonly machine: Machine;
  readonly known: KnownEffects;
  readonly lastReturn: Int32Array;
  readonly lastMaker: Int32Array;
  readonly firstInfo: Int32Array;
}

export function* staleRead(partition: Partition, machine: Machine): Turns<StaleRead | undefined> {
  const { known } = machine;
  if (known === undefined) return undefined;
  const lastReturn = new Int32Array(known.states).fill(-2);
  const lastMaker = new Int32Array(known.states).fill(-1);
  lastReturn[machine.initial] = -1;
  const firstInfo = infoMakers(partition, machine, known);
  const sweep: Sweep = { partition, machine, known, lastReturn, lastMaker, firstInfo };
  const over = new Int32Array(partition.definite);
  const latest = new Latest();
  for (let entry = 0; entry < partition.entryOp.length; entry += 1) {
    if ((entry & betweenYields) === betweenYields) yield;
    const at = partition.entryOp[entry] as number;
    const op = at < 0 ? ~at : at;
    const effect = machine.effect[op] as number;
    const need = known.needs[effect] as number;
    if (at >= 0) {
      called(sweep, op, effect);
      if (need !== -1) over[op] = need === latest.state ? latest.otherOp : latest.op;
      continue;
    }
    if (need !== -1) {
      const found = judge(sweep, op, need, over[op] as number, entry);
      if (found !== undefined) return found;
    }
    if (machine.pure[effect] === 1) continue;
    const state = leaves(known, effect);
    if (state !== -1) latest.add(partition.callEntry[op] as number, op, state);
  }
  return undefined;
}

/** The one needed state a write may leave; -2 for none of them; -1 for several. */
function leaves(known: KnownEffects, effect: number): number {
  const from = known.offset[effect] as number;
  const makes = (known.offset[effect + 1] as number) - from;
  return makes === 0 ? -2 : makes === 1 ? (known.made[from] as number) : -1;
}

function called(sweep: Sweep, op: number, effect: number): void {
  const { known, lastReturn, lastMaker, partition } = sweep;
  const back = partition.returnEntry[op] as number;
  const end = known.offset[effect + 1] as number;
  for (let at = known.offset[effect] as number; at < end; at += 1) {
    const state = known.made[at] as number;
    if (back < (lastReturn[state] as number)) continue;
    lastReturn[state] = back;
    lastMaker[state] = op;
  }
}

function judge(
  sweep: Sweep,
  read: number,
  state: number,
  over: number,
  entry: number,
): StaleRead | undefined {
  const last = sweep.lastReturn[state] as number;
  const info = sweep.firstInfo[state] as number;
  if (info <= entry) return undefined;
  const maker = sweep.lastMaker[state] as number;
  if (last === -2) {
    const kind = madeAtAll(sweep, state) ? 'future' : 'phantom';
    return { kind, read, state, maker: -1, over: -1 };
  }
  if (over === -1 || (sweep.partition.callEntry[over] as number) < last) return undefined;
  return { kind: 'stale', read, state, maker, over };
}

function madeAtAll({ partition, machine, known }: Sweep, state: number): boolean {
  for (let op = 0; op < partition.rows.length; op += 1) {
    const effect = machine.effect[op] as number;
    if (effect < 0) continue;
    const from = known.offset[effect] as number;
    if (known.made.subarray(from, known.offset[effect + 1]).includes(state)) return true;
  }
  return false;
}

/** By state: before which entry the first info operation that could make it was called. */
function infoMakers(partition: Partition, machine: Machine, known: KnownEffects): Int32Array {
  const first = new Int32Array(known.states).fill(0x7fffffff);
  for (let op = partition.definite; op < partition.rows.length; op += 1) {
    const effect = machine.effect[op] as number;
    if (effect < 0) continue;
    const at = partition.infoAt[op - partition.definite] as number;
    for (let i = known.offset[effect] as number; i < (known.offset[effect + 1] as number); i += 1) {
      const state = known.made[i] as number;
      if (at < (first[state] as number)) first[state] = at;
    }
  }
  return first;
}
