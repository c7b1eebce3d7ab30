/**
 * A history as columns of numbers: what the readers produce and the engine reads. Row i of every
 * column is operation i. Values, keys and processes are interned, so a million operations cost
 * a few dozen bytes each and no object.
 */
import { HistoryError } from './operation.ts';
import type { Operation, ProcessName, Status } from './operation.ts';
import { Interner } from './interner.ts';
import { betweenYields, inOneGo } from './turns.ts';
import type { Turns } from './turns.ts';

export const OK = 0;
export const FAIL = 1;
export const INFO = 2;

const statusCodes: Record<Status, number> = { ok: OK, fail: FAIL, info: INFO };
const statusNames: readonly Status[] = ['ok', 'fail', 'info'];

export interface Columns {
  readonly count: number;
  readonly process: Int32Array;
  /** Index into `names`. */
  readonly op: Int32Array;
  readonly names: readonly string[];
  readonly key: Int32Array;
  /** What was written; for cas what was expected. */
  readonly value: Int32Array;
  /** What cas writes; 0 elsewhere. */
  readonly to: Int32Array;
  readonly result: Int32Array;
  readonly invoke: Float64Array;
  /** Infinity for `info`. */
  readonly end: Float64Array;
  readonly status: Uint8Array;
  readonly eventual: Uint8Array;
  /** Log positions, NaN where there is none; absent where no operation has one. */
  readonly position?: Float64Array;
  /** 1-based line of the file each row began on; absent where there was no file. */
  readonly line?: Int32Array;
  /** Processes, keys, values and results by their id. */
  readonly table: Interner;
}

/** Columns that grow while a history is read. */
export class ColumnBuilder {
  readonly table = new Interner();
  readonly #names: string[] = [];
  readonly #codes = new Map<string, number>();
  #count = 0;
  #capacity: number;
  #ints: Int32Array[];
  #invoke: Float64Array;
  #end: Float64Array;
  #status: Uint8Array;
  #eventual: Uint8Array;
  #position: Float64Array | undefined;
  readonly #byToken = new Map<string, number>();

  constructor(capacity = 1024) {
    this.#capacity = Math.max(1, capacity);
    this.#ints = Array.from({ length: 6 }, () => new Int32Array(this.#capacity));
    this.#invoke = new Float64Array(this.#capacity);
    this.#end = new Float64Array(this.#capacity);
    this.#status = new Uint8Array(this.#capacity);
    this.#eventual = new Uint8Array(this.#capacity);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Appends one operation and returns its row. Refuses what no history can hold. A retry (a
   * token seen before) joins the row of the operation it repeats.
   */
  add(operation: Operation): number {
    if (operation.token !== undefined) {
      const first = this.#byToken.get(operation.token);
      if (first !== undefined) return this.#join(first, operation);
      this.#byToken.set(operation.token, this.#count);
    }
    if (this.#count === this.#capacity) this.#grow();
    const row = this.#count;
    this.#count += 1;
    const pair = operation.op === 'cas' ? pairOf(operation.value, row) : undefined;
    const [process, op, key, value, to, result] = this.#ints as [Int32Array, ...Int32Array[]];
    process[row] = this.table.intern(operation.process);
    op![row] = this.#code(operation.op);
    key![row] = this.table.intern(operation.key);
    value![row] = this.table.intern(pair === undefined ? operation.value : pair[0]);
    to![row] = pair === undefined ? 0 : this.table.intern(pair[1]);
    this.#invoke[row] = operation.invoke;
    result![row] = 0;
    this.finish(row, operation.status, operation.return, operation.result);
    this.#eventual[row] = operation.eventual === true ? 1 : 0;
    if (operation.position !== undefined) this.place(row, operation.position);
    return row;
  }

  /** The operation name of a row. */
  nameOf(row: number): string {
    return this.#names[(this.#ints[1] as Int32Array)[row] as number] as string;
  }

  /** Sets how the operation of a row ended; the event reader calls it when the return comes. */
  finish(row: number, status: Status, end: number | null, result: unknown): void {
    if (end === null && status !== 'info') {
      throw new HistoryError(`operation ${row}: status ${status} without a return`);
    }
    if (!Number.isFinite(this.#invoke[row]) || (end !== null && !Number.isFinite(end))) {
      throw new HistoryError(`operation ${row}: expected numbers as its times`);
    }
    if (end !== null && end < (this.#invoke[row] as number)) {
      throw new HistoryError(`operation ${row}: returns at ${end}, before its invoke`);
    }
    this.#status[row] = statusCodes[status];
    this.#end[row] = status === 'info' || end === null ? Infinity : end;
    (this.#ints[5] as Int32Array)[row] = this.table.intern(result);
  }

  /** Sets the log position of a row. */
  place(row: number, position: number): void {
    this.#position ??= new Float64Array(this.#capacity).fill(NaN);
    this.#position[row] = position;
  }

  /** What was written by a row, for the reader of events. */
  valueOf(row: number): unknown {
    return this.table.value((this.#ints[3] as Int32Array)[row] as number);
  }

  /** An operation sent again took effect once at most, from the first call to the first answer. */
  #join(row: number, retry: Operation): number {
    if (this.#codes.get(retry.op) !== (this.#ints[1] as Int32Array)[row]) {
      throw new HistoryError(`token ${retry.token} is used for two different operations`);
    }
    this.#invoke[row] = Math.min(this.#invoke[row] as number, retry.invoke);
    const { status, result } = retry;
    const before = this.#status[row] as number;
    const answered = before === OK && (this.#end[row] as number) <= (retry.return ?? Infinity);
    if (status === 'ok' && !answered) this.finish(row, status, retry.return, result);
    else if (before === FAIL && status === 'info') this.finish(row, status, null, result);
    return row;
  }

  columns(): Columns {
    const [process, op, key, value, to, result] = this.#ints.map((column) =>
      column.subarray(0, this.#count),
    ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
    return {
      count: this.#count,
      ...{ process, op, names: this.#names, key, value, to, result },
      invoke: this.#invoke.subarray(0, this.#count),
      end: this.#end.subarray(0, this.#count),
      status: this.#status.subarray(0, this.#count),
      eventual: this.#eventual.subarray(0, this.#count),
      ...(this.#position === undefined
        ? {}
        : { position: this.#position.subarray(0, this.#count) }),
      table: this.table,
    };
  }

  #code(name: string): number {
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    this.#codes.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#ints = this.#ints.map((old) => copied(old, new Int32Array(this.#capacity)));
    this.#invoke = copied(this.#invoke, new Float64Array(this.#capacity));
    this.#end = copied(this.#end, new Float64Array(this.#capacity));
    this.#status = copied(this.#status, new Uint8Array(this.#capacity));
    this.#eventual = copied(this.#eventual, new Uint8Array(this.#capacity));
    const positions = this.#position;
    if (positions !== undefined) {
      this.#position = copied(positions, new Float64Array(this.#capacity).fill(NaN));
    }
  }
}

function copied<A extends Int32Array | Float64Array | Uint8Array>(old: A, grown: A): A {
  grown.set(old);
  return grown;
}

function pairOf(value: unknown, row: number): readonly [unknown, unknown] {
  if (Array.isArray(value) && value.length === 2) return value as [unknown, unknown];
  throw new HistoryError(`operation ${row}: the value of cas must be [from, to]`);
}

export function toColumns(operations: readonly Operation[]): Columns {
  return inOneGo(columnTurns(operations));
}

export function* columnTurns(operations: readonly Operation[]): Turns<Columns> {
  const builder = new ColumnBuilder(operations.length);
  for (const operation of operations) {
    if ((builder.count & (betweenYields >> 1)) === 0) yield;
    builder.add(operation);
  }
  return builder.columns();
}

/** The operation of one row, for reports and for models that step over operations. */
export function operationAt(columns: Columns, row: number): Operation {
  const name = columns.names[columns.op[row] as number] as string;
  const value = columns.table.value(columns.value[row] as number);
  const status = statusNames[columns.status[row] as number] as Status;
  const to = columns.table.value(columns.to[row] as number);
  return {
    process: columns.table.value(columns.process[row] as number) as ProcessName,
    op: name,
    key: columns.table.value(columns.key[row] as number),
    value: name === 'cas' ? [value, to] : value,
    result: columns.table.value(columns.result[row] as number),
    invoke: columns.invoke[row] as number,
    return: status === 'info' ? null : (columns.end[row] as number),
    status,
    ...(columns.eventual[row] === 1 ? { eventual: true } : {}),
    ...positionOf(columns, row),
  };
}

function positionOf(columns: Columns, row: number): { position?: number } {
  const position = columns.position?.[row] ?? NaN;
  return Number.isNaN(position) ? {} : { position };
}

/** All operations of a history, for the checks that work on objects. */
export function operationsOf(columns: Columns): Operation[] {
  return Array.from({ length: columns.count }, (_, row) => operationAt(columns, row));
}
