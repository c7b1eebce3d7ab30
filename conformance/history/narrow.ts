/**
 * Spans of time made narrower by who must precede whom. An operation that needs a state comes
 * after some operation that makes it: not before the first of them is called. Where one operation
 * alone makes a state that is needed, it comes before all that need it, so it has taken effect by
 * the first return among those; of unknown outcome or not, it is now a definite operation.
 *
 * Why that loses nothing: in any legal order the maker stands before the one in need. Give every
 * operation a moment within its span, in that order: the maker's moment lies before the other's,
 * thus before the other's return, and the other's after the maker's call. So the same order is
 * legal under the narrower spans; and these only forbid, so no order is gained. What follows
 * along a chain (of appends, say) follows by the same argument.
 */
import type { KnownEffects, Machine, Partition } from './model.ts';
import { placeInTime, sortTurns } from './partition.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

/** A chain that runs against the order of calls takes a pass for each of its links. */
const passesMax = 8;
const nobody = -1;
const several = -2;

export interface Spans {
  readonly partition: Partition;
  readonly machine: Machine;
}

/** The same operations with narrower spans, numbered anew; the very same where none changes. */
export function* narrowed(partition: Partition, machine: Machine): Turns<Spans> {
  const { known } = machine;
  if (known === undefined) return { partition, machine };
  const { callEntry, returnEntry, infoAt, rows, definite } = partition;
  const invoke = new Float64Array(rows.length);
  const end = new Float64Array(rows.length).fill(Infinity);
  invoke.set(callEntry);
  end.set(returnEntry);
  // Between two entries: infoAt says how many come before the call.
  for (let at = 0; at < infoAt.length; at += 1) {
    invoke[definite + at] = (infoAt[at] as number) - 0.5;
  }
  const sole = yield* soleMakers(partition, machine, known);
  let changed = false;
  for (let pass = 0; pass < passesMax; pass += 1) {
    const times = { invoke, end, sole };
    const later = yield* laterCalls(machine, known, times);
    const sooner = yield* soonerReturns(machine, known, times);
    if (!later && !sooner) break;
    changed = true;
  }
  for (let op = 0; op < rows.length; op += 1) {
    // No order is legal: for the search to say, over the spans as they are.
    if ((end[op] as number) < (invoke[op] as number)) return { partition, machine };
  }
  return changed
    ? yield* numbered(partition, machine, { invoke, end, known })
    : { partition, machine };
}

/** By operation: when it is called and when it returns, as entries of the old order. */
interface Ends {
  readonly invoke: Float64Array;
  readonly end: Float64Array;
}

interface Times extends Ends {
  readonly sole: Int32Array;
}

/** By state: the one operation that makes it, or that there is none, or that there are more. */
function* soleMakers(
  partition: Partition,
  machine: Machine,
  known: KnownEffects,
): Turns<Int32Array> {
  const sole = new Int32Array(known.states).fill(nobody);
  sole[machine.initial] = several;
  for (let op = 0; op < partition.rows.length; op += 1) {
    if ((op & betweenYields) === betweenYields) yield;
    const effect = machine.effect[op] as number;
    if (effect < 0) continue;
    const to = known.offset[effect + 1] as number;
    for (let at = known.offset[effect] as number; at < to; at += 1) {
      const state = known.made[at] as number;
      const there = sole[state] as number;
      if (there !== op) sole[state] = there === nobody ? op : several;
    }
  }
  return sole;
}

function* laterCalls(machine: Machine, known: KnownEffects, times: Times): Turns<boolean> {
  const { invoke, sole } = times;
  let changed = false;
  for (let op = 0; op < invoke.length; op += 1) {
    if ((op & betweenYields) === betweenYields) yield;
    const maker = makerFor(machine, known, sole, op);
    if (maker < 0 || (invoke[maker] as number) <= (invoke[op] as number)) continue;
    invoke[op] = invoke[maker] as number;
    changed = true;
  }
  return changed;
}

function* soonerReturns(machine: Machine, known: KnownEffects, times: Times): Turns<boolean> {
  const { end, sole } = times;
  let changed = false;
  for (let op = end.length - 1; op >= 0; op -= 1) {
    if ((op & betweenYields) === betweenYields) yield;
    const maker = makerFor(machine, known, sole, op);
    if (maker < 0 || (end[op] as number) >= (end[maker] as number)) continue;
    end[maker] = end[op] as number;
    changed = true;
  }
  return changed;
}

/** The operation that must precede this one, or a negative number. */
function makerFor(machine: Machine, known: KnownEffects, sole: Int32Array, op: number): number {
  const effect = machine.effect[op] as number;
  const need = effect < 0 ? -1 : (known.needs[effect] as number);
  const maker = need === -1 ? nobody : (sole[need] as number);
  return maker === op ? nobody : maker;
}

function* numbered(
  partition: Partition,
  machine: Machine,
  { invoke, end, known }: Ends & { readonly known: KnownEffects },
): Turns<Spans> {
  const size = partition.rows.length;
  const byCall = new Int32Array(size);
  for (let op = 0; op < size; op += 1) byCall[op] = op;
  yield* sortTurns(byCall, invoke);
  const order = new Int32Array(size);
  let definite = 0;
  for (const op of byCall) if (end[op] !== Infinity) order[definite++] = op;
  let last = definite;
  for (const op of byCall) if (end[op] === Infinity) order[last++] = op;
  const effect = order.map((op) => machine.effect[op] as number);
  const rows = order.map((op) => partition.rows[op] as number);
  const placed = yield* placeInTime({ invoke, end }, order, definite);
  return {
    partition: { key: partition.key, rows, definite, ...placed },
    machine: new Renumbered(machine, known, effect),
  };
}

/** The same machine for operations in another order. */
class Renumbered implements Machine {
  readonly initial: number;
  readonly effect: Int32Array;
  readonly pure: Uint8Array;
  readonly known: KnownEffects;
  readonly #machine: Machine;

  constructor(machine: Machine, known: KnownEffects, effect: Int32Array) {
    this.initial = machine.initial;
    this.effect = effect;
    this.pure = machine.pure;
    this.known = known;
    this.#machine = machine;
  }

  next(state: number, effect: number): number {
    return this.#machine.next(state, effect);
  }

  show(state: number): string {
    return this.#machine.show(state);
  }
}
