/**
 * How a value changes into another, in terms that are the same for many values: a set gains an
 * element, a sequence an entry, a record changes in one field. Steps of a protocol change little, so
 * few changes stand for very many values.
 */
import { Int32List } from '../value/int32List.ts';
import type { ValueTable } from '../value/table.ts';
import { depthMax, FUNCTION, RECORD, SEQUENCE, SET } from '../value/valueStore.ts';
import { badRecording, type ByteColumn, type ByteColumnReader } from './byteColumn.ts';
import type { ValueReader, ValueWriter } from './valueCodec.ts';

/** REPLACE v · ELEMENTS added…, -1, removed… · APPEND v · PARTS (position, change)… · KEYS (key, change)… */
const REPLACE = 0;
const ELEMENTS = 1;
const APPEND = 2;
const PARTS = 3;
const KEYS = 4;

export class ValueChanges {
  private readonly values: ValueTable;
  private readonly kinds: number[] = [];
  private readonly operands: (readonly number[])[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly between_ = new Map<number, number>();
  private readonly applied = new Map<number, number>();

  constructor(values: ValueTable) {
    this.values = values;
  }

  /** The number of the change from one value to another. */
  between(from: number, to: number): number {
    const key = from * 2 ** 26 + to;
    let change = this.between_.get(key);
    if (change === undefined) {
      change = this.find(from, to);
      this.between_.set(key, change);
    }
    return change;
  }

  /** The value that `change` makes of `from`. */
  apply(from: number, change: number): number {
    const key = from * 2 ** 26 + change;
    let to = this.applied.get(key);
    if (to === undefined) {
      to = this.make(from, change);
      this.applied.set(key, to);
    }
    return to;
  }

  private add(kind: number, operands: readonly number[]): number {
    const key = `${kind}:${operands.join()}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.kinds.length;
      this.kinds.push(kind);
      this.operands.push(operands);
      this.numbers.set(key, number);
    }
    return number;
  }

  private partsOf(id: number): Int32Array {
    const { starts, counts, parts } = this.values.store;
    const start = starts.items[id]!;
    return parts.items.subarray(start, start + counts.items[id]!);
  }

  private find(from: number, to: number): number {
    const { store } = this.values;
    const kind = store.kinds[from]!;
    const replace = [to];
    if (kind < SEQUENCE || kind !== store.kinds[to]) return this.add(REPLACE, replace);
    const before = this.partsOf(from);
    const after = this.partsOf(to);
    if (kind === SET) return this.elements(before, after, replace);
    if (kind === SEQUENCE && after.length === before.length + 1 && startsWith(after, before)) {
      return this.add(APPEND, [after[before.length]!]);
    }
    if (before.length !== after.length || before.length === 0) return this.add(REPLACE, replace);
    if (kind === RECORD && store.extras.items[from] !== store.extras.items[to]) {
      return this.add(REPLACE, replace);
    }
    return kind === FUNCTION
      ? this.keys(before, after, replace)
      : this.places(before, after, replace);
  }

  private places(before: Int32Array, after: Int32Array, replace: readonly number[]): number {
    const operands: number[] = [];
    for (let i = 0; i < before.length; i++) {
      if (before[i] === after[i]) continue;
      operands.push(i, this.between(before[i]!, after[i]!));
    }
    if (operands.length === 2 * before.length && before.length > 1)
      return this.add(REPLACE, replace);
    return this.add(PARTS, operands);
  }

  private keys(before: Int32Array, after: Int32Array, replace: readonly number[]): number {
    const operands: number[] = [];
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] !== after[i]) return this.add(REPLACE, replace);
      if (before[i + 1] === after[i + 1]) continue;
      operands.push(before[i]!, this.between(before[i + 1]!, after[i + 1]!));
    }
    if (operands.length === before.length && before.length > 2) return this.add(REPLACE, replace);
    return this.add(KEYS, operands);
  }

  /** Both are sorted by number. */
  private elements(before: Int32Array, after: Int32Array, replace: readonly number[]): number {
    const added: number[] = [];
    const removed: number[] = [];
    let i = 0;
    let j = 0;
    while (i < before.length || j < after.length) {
      if (i < before.length && before[i] === after[j]) {
        i++;
        j++;
      } else if (j >= after.length || (i < before.length && before[i]! < after[j]!)) {
        removed.push(before[i++]!);
      } else added.push(after[j++]!);
    }
    if (added.length + removed.length > after.length + 1) return this.add(REPLACE, replace);
    return this.add(ELEMENTS, [...added, -1, ...removed]);
  }

  private make(from: number, change: number): number {
    const { store } = this.values;
    const kind = this.kinds[change]!;
    const operands = this.operands[change]!;
    if (kind === REPLACE) return operands[0]!;
    const before = Array.from(this.partsOf(from));
    const fromKind = store.kinds[from]!;
    const base = store.stackTop;
    if (kind === ELEMENTS && fromKind === SET) {
      const split = operands.indexOf(-1);
      for (const id of before) if (!operands.includes(id, split + 1)) store.push(id);
      for (const id of operands.slice(0, split)) store.push(id);
      return store.finishSet(base);
    }
    if (kind === APPEND && fromKind === SEQUENCE) before.push(operands[0]!);
    else if (kind === PARTS && (fromKind === SEQUENCE || fromKind === RECORD)) {
      for (let i = 0; i < operands.length; i += 2) {
        const position = operands[i]!;
        if (position >= before.length)
          throw badRecording('a change names a part that is not there');
        before[position] = this.apply(before[position]!, operands[i + 1]!);
      }
    } else if (kind === KEYS && fromKind === FUNCTION) {
      for (let i = 0; i < before.length; i += 2) {
        const at = keyAt(operands, before[i]!);
        if (at >= 0) before[i + 1] = this.apply(before[i + 1]!, operands[at + 1]!);
      }
    } else throw badRecording('a change does not fit its value');
    for (const id of before) store.push(id);
    if (fromKind === SEQUENCE) return store.finishSequence(base);
    if (fromKind === FUNCTION) return store.finishFunction(base);
    return store.finishRecord(base, store.shapes.shapes[store.extras.items[from]!]!);
  }

  /** Writes the change, the changes inside it included. */
  write(change: number, column: ByteColumn, values: ValueWriter): void {
    const kind = this.kinds[change]!;
    const operands = this.operands[change]!;
    column.put(kind);
    if (kind === REPLACE || kind === APPEND) values.put(operands[0]!);
    else if (kind === ELEMENTS) {
      const split = operands.indexOf(-1);
      column.put(split);
      column.put(operands.length - split - 1);
      for (const id of operands) if (id >= 0) values.put(id);
    } else {
      column.put(operands.length / 2);
      for (let i = 0; i < operands.length; i += 2) {
        if (kind === KEYS) values.put(operands[i]!);
        else column.put(operands[i]!);
        this.write(operands[i + 1]!, column, values);
      }
    }
  }

  read(column: ByteColumnReader, values: ValueReader, depth = 0): number {
    if (depth > depthMax) throw badRecording('a change is nested too deep');
    const kind = column.getBelow(KEYS + 1);
    if (kind === REPLACE || kind === APPEND) return this.add(kind, [values.get()]);
    const operands = new Int32List(8);
    if (kind === ELEMENTS) {
      const added = column.get();
      const removed = column.get();
      for (let i = 0; i < added; i++) operands.push(values.get());
      operands.push(-1);
      for (let i = 0; i < removed; i++) operands.push(values.get());
    } else {
      const count = column.get();
      for (let i = 0; i < count; i++) {
        operands.push(kind === KEYS ? values.get() : column.get());
        operands.push(this.read(column, values, depth + 1));
      }
    }
    return this.add(kind, Array.from(operands.toArray()));
  }
}

function startsWith(whole: Int32Array, start: Int32Array): boolean {
  for (let i = 0; i < start.length; i++) if (whole[i] !== start[i]) return false;
  return true;
}

function keyAt(operands: readonly number[], key: number): number {
  for (let i = 0; i < operands.length; i += 2) if (operands[i] === key) return i;
  return -1;
}
