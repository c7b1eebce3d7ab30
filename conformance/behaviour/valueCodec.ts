/**
 * Values as bytes. Each value stands once, where it is first used, parts first used inside it; later
 * uses name it by its number of first use. Both sides number alike, whatever their tables.
 */
import { Int32List } from '../value/int32List.ts';
import type { ValueTable } from '../value/table.ts';
import { modelValue, type ModelValue } from '../value/value.ts';
import {
  BOOLEAN,
  depthMax,
  FUNCTION,
  INTEGER,
  MODEL,
  RECORD,
  SEQUENCE,
  SET,
  STRING,
} from '../value/valueStore.ts';
import { badRecording, type ByteColumn, type ByteColumnReader } from './byteColumn.ts';

/** Marks an integer that is no safe number; the other kinds are ValueStore's. */
const bigKind = 8;

export class ValueWriter {
  private readonly values: ValueTable;
  private readonly column: ByteColumn;
  private readonly numbers = new Map<number, number>();

  constructor(values: ValueTable, column: ByteColumn) {
    this.values = values;
    this.column = column;
  }

  /** Writes a use of the value: 0 and the value itself the first time, else its number plus 1. */
  put(id: number): void {
    const known = this.numbers.get(id);
    if (known !== undefined) {
      this.column.put(known + 1);
      return;
    }
    this.column.put(0);
    const { store } = this.values;
    const kind = store.kinds[id]!;
    const form = store.forms[id];
    if (kind === INTEGER && typeof form === 'bigint') {
      this.column.put(bigKind);
      this.column.putText(String(form));
    } else {
      this.column.put(kind);
      if (kind === BOOLEAN) this.column.put(id === store.trueId ? 1 : 0);
      else if (kind === INTEGER) this.putInteger(form as number);
      else if (kind === STRING) this.column.putText(form as string);
      else if (kind === MODEL) this.column.putText((form as ModelValue).name);
      else this.putParts(id, kind);
    }
    this.numbers.set(id, this.numbers.size);
  }

  /** The double of the largest safe numbers is not safe: sign and size stand apart. */
  private putInteger(value: number): void {
    this.column.put(value < 0 ? 1 : 0);
    this.column.put(Math.abs(value));
  }

  private putParts(id: number, kind: number): void {
    const { store } = this.values;
    const count = store.counts.items[id]!;
    const start = store.starts.items[id]!;
    this.column.put(count);
    if (kind === RECORD) {
      for (const name of store.shapes.shapes[store.extras.items[id]!]!.names) {
        this.put(store.string(name));
      }
    }
    for (let i = 0; i < count; i++) this.put(store.parts.items[start + i]!);
  }
}

export class ValueReader {
  private readonly values: ValueTable;
  private readonly column: ByteColumnReader;
  private readonly ids = new Int32List();

  constructor(values: ValueTable, column: ByteColumnReader) {
    this.values = values;
    this.column = column;
  }

  get(depth = 0): number {
    const use = this.column.getBelow(this.ids.length + 1);
    if (use > 0) return this.ids.items[use - 1]!;
    if (depth > depthMax) throw badRecording('a value is nested too deep');
    const id = this.first(depth);
    this.ids.push(id);
    return id;
  }

  private first(depth: number): number {
    const { store } = this.values;
    const kind = this.column.get();
    if (kind === BOOLEAN) return this.column.get() === 1 ? store.trueId : store.falseId;
    if (kind === INTEGER) {
      const negative = this.column.get() === 1;
      const size = this.column.get();
      return store.integer(negative ? 0 - size : size);
    }
    if (kind === bigKind) return this.values.intern(BigInt(this.column.getText()));
    if (kind === STRING) return store.string(this.column.getText());
    if (kind === MODEL) return store.model(modelValue(this.column.getText()));
    return this.composite(kind, depth);
  }

  private composite(kind: number, depth: number): number {
    const { store } = this.values;
    const count = this.column.get();
    let shape = store.shapes.root;
    if (kind === RECORD) {
      for (let i = 0; i < count; i++) {
        const name = store.forms[this.get(depth + 1)];
        if (typeof name !== 'string') throw badRecording('a field name is no string');
        shape = shape.step(name);
      }
    }
    const base = store.stackTop;
    for (let i = 0; i < count; i++) store.push(this.get(depth + 1));
    if (kind === SEQUENCE) return store.finishSequence(base);
    if (kind === SET) return store.finishSet(base);
    if (kind === RECORD) return store.finishRecord(base, store.shapes.shapeOf(shape));
    if (kind === FUNCTION) return store.finishFunction(base);
    throw badRecording(`a value is of the unknown kind ${kind}`);
  }
}
