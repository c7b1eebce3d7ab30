/**
 * Chooses what to predict from: for each label, the few columns of a state that best tell whether it is
 * enabled there, and what it then changes. Greedy, on samples; a bad choice costs bytes, never truth.
 */
import type { ValueTable } from '../value/table.ts';
import { FUNCTION, RECORD, SEQUENCE } from '../value/valueStore.ts';
import type { StateGraph } from './graph.ts';
import { partUnder, type StateColumn } from './stateColumn.ts';

const fieldsMax = 12;
const columnsMax = 5;
/** Estimated bits: a wrong prediction, a context seen for the first time, a column in the plan. */
const missBits = 12;
const newBits = 5;
const columnBits = 8;

/** Every variable, and every field of those that are records or functions with few fields. */
export function candidateColumns(graph: StateGraph): StateColumn[] {
  const columns: StateColumn[] = [];
  const { store } = graph.values;
  for (let variable = 0; variable < graph.variables.length; variable++) {
    columns.push({ variable, key: -1 });
    const id = graph.states[graph.initial[0]! * graph.variables.length + variable]!;
    const keys = keysOf(graph.values, id);
    if (keys.length < 2 || keys.length > fieldsMax) continue;
    for (const key of keys) columns.push({ variable, key });
  }
  return store.size < 2 ** 26 ? columns : [];
}

function keysOf(values: ValueTable, id: number): number[] {
  const { store } = values;
  const kind = store.kinds[id];
  const start = store.starts.items[id]!;
  const count = store.counts.items[id]!;
  if (kind === RECORD) {
    return store.shapes.shapes[store.extras.items[id]!]!.names.map((name) => store.string(name));
  }
  if (kind === SEQUENCE) return Array.from({ length: count }, (_, i) => store.integer(i + 1));
  if (kind !== FUNCTION) return [];
  return Array.from({ length: count / 2 }, (_, i) => store.parts.items[start + 2 * i]!);
}

/** Columns by sample: the raw value numbers of some states. */
export class Sample {
  readonly size: number;
  readonly columns: readonly Int32Array[];

  constructor(graph: StateGraph, candidates: readonly StateColumn[], nodes: readonly number[]) {
    this.size = nodes.length;
    const width = graph.variables.length;
    this.columns = candidates.map(({ variable, key }) =>
      Int32Array.from(nodes, (node) => {
        const id = graph.states[node * width + variable]!;
        return key < 0 ? id : partUnder(graph.values, id, key);
      }),
    );
  }

  /** The candidates that predict `outcomes` best, fewest first chosen. */
  choose(outcomes: Int32Array): number[] {
    const chosen: number[] = [];
    let groups = new Int32Array(this.size);
    let cost = this.cost(groups, outcomes);
    const pairs = new PairNumbers(this.size);
    while (chosen.length < columnsMax && cost > missBits) {
      let best = -1;
      let bestCost = cost - columnBits;
      for (let c = 0; c < this.columns.length; c++) {
        const refined = this.cost(pairs.combine(groups, this.columns[c]!), outcomes);
        if (refined >= bestCost) continue;
        bestCost = refined;
        best = c;
      }
      if (best < 0) break;
      chosen.push(best);
      groups = pairs.combine(groups, this.columns[best]!).slice();
      cost = bestCost;
    }
    return chosen;
  }

  /** What predicting each outcome by the last one of its group would cost. */
  private cost(groups: Int32Array, outcomes: Int32Array): number {
    const last = new Int32Array(this.size).fill(-1);
    let bits = 0;
    for (let i = 0; i < this.size; i++) {
      const group = groups[i]!;
      const outcome = outcomes[i]!;
      if (last[group] === -1) bits += newBits;
      else if (last[group] !== outcome) bits += missBits;
      last[group] = outcome;
    }
    return bits;
  }
}

/** Dense numbers, below the sample's size, for pairs of numbers. */
class PairNumbers {
  private readonly result: Int32Array<ArrayBuffer>;
  private readonly slots: Int32Array;
  private readonly firsts: Int32Array;
  private readonly seconds: Int32Array;

  constructor(size: number) {
    this.result = new Int32Array(size);
    this.firsts = new Int32Array(size);
    this.seconds = new Int32Array(size);
    let slots = 16;
    while (slots < size * 2) slots *= 2;
    this.slots = new Int32Array(slots);
  }

  combine(groups: Int32Array, column: Int32Array): Int32Array<ArrayBuffer> {
    const { slots, firsts, seconds, result } = this;
    slots.fill(0);
    const mask = slots.length - 1;
    let count = 0;
    for (let i = 0; i < result.length; i++) {
      const a = groups[i]!;
      const b = column[i]!;
      let slot = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) & mask;
      let entry = slots[slot]! - 1;
      while (entry >= 0 && (firsts[entry] !== a || seconds[entry] !== b)) {
        slot = (slot + 1) & mask;
        entry = slots[slot]! - 1;
      }
      if (entry < 0) {
        entry = count++;
        firsts[entry] = a;
        seconds[entry] = b;
        slots[slot] = count;
      }
      result[i] = entry;
    }
    return result;
  }
}
