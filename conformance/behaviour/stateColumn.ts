/**
 * What a step may depend on: a variable, or one field of a variable that is a record or a function.
 * A context is a choice of such columns; its hash is the same in the encoder's table and the decoder's,
 * because values are numbered here by first sight.
 */
import { Int32List } from '../value/int32List.ts';
import type { ValueTable } from '../value/table.ts';
import { FUNCTION, RECORD, SEQUENCE } from '../value/valueStore.ts';

export interface StateColumn {
  readonly variable: number;
  /** The number of the field's name, or argument; -1 for the whole variable. */
  readonly key: number;
}

/** The part of `id` under `key`: a record's field, a function's or sequence's result; -1 where none is. */
export function partUnder(values: ValueTable, id: number, key: number): number {
  const { store } = values;
  const kind = store.kinds[id];
  const start = store.starts.items[id]!;
  const count = store.counts.items[id]!;
  let position = -1;
  if (kind === RECORD) {
    const { names } = store.shapes.shapes[store.extras.items[id]!]!;
    position = names.indexOf(store.forms[key] as string);
  } else if (kind === SEQUENCE) {
    position = Number(store.forms[key]) - 1;
  } else if (kind === FUNCTION) {
    for (let i = 0; i < count; i += 2) if (store.parts.items[start + i] === key) position = i + 1;
  }
  return position >= 0 && position < count ? store.parts.items[start + position]! : -1;
}

/** The columns' values in one state after another. */
export class StateColumns {
  /** Of the state loaded last: one number per column, equal for equal values. */
  readonly current: Int32Array;
  private readonly values: ValueTable;
  private readonly columns: readonly StateColumn[];
  private readonly seen = new Int32List();
  private readonly parts: Map<number, number>[];
  private count = 0;

  constructor(values: ValueTable, columns: readonly StateColumn[]) {
    this.values = values;
    this.columns = columns;
    this.current = new Int32Array(columns.length);
    this.parts = columns.map(() => new Map<number, number>());
  }

  load(states: Int32Array, start: number): void {
    for (let c = 0; c < this.columns.length; c++) {
      const { variable, key } = this.columns[c]!;
      const id = states[start + variable]!;
      this.current[c] = key < 0 ? this.number(id) : this.partNumber(c, id, key);
    }
  }

  private partNumber(c: number, id: number, key: number): number {
    let number = this.parts[c]!.get(id);
    if (number === undefined) {
      const part = partUnder(this.values, id, key);
      number = part < 0 ? 0 : this.number(part);
      this.parts[c]!.set(id, number);
    }
    return number;
  }

  private number(id: number): number {
    const { seen } = this;
    if (id >= seen.length) {
      seen.reserve(id + 1 - seen.length);
      seen.items.fill(0, seen.length, id + 1);
      seen.length = id + 1;
    }
    if (seen.items[id] === 0) seen.items[id] = ++this.count;
    return seen.items[id]!;
  }

  /** A hash of the chosen columns in the state loaded last. */
  hash(chosen: readonly number[], seed: number): number {
    let hash = Math.imul(seed + 1, 0x9e3779b1);
    for (let i = 0; i < chosen.length; i++) {
      hash = Math.imul(hash ^ this.current[chosen[i]!]!, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash;
  }
}

/** What was seen last in a context. It forgets: contexts share places, and a check tells them apart. */
export class LastSeen {
  private readonly checks: Int32Array;
  private readonly values: Int32Array;
  private readonly mask: number;

  constructor(bits: number) {
    this.checks = new Int32Array(2 ** bits);
    this.values = new Int32Array(2 ** bits).fill(-1);
    this.mask = 2 ** bits - 1;
  }

  /** -1 where the context is new. */
  get(hash: number): number {
    const slot = hash & this.mask;
    return this.checks[slot] === hash ? this.values[slot]! : -1;
  }

  set(hash: number, value: number): void {
    const slot = hash & this.mask;
    this.checks[slot] = hash;
    this.values[slot] = value;
  }
}
