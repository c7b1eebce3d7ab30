/**
 * A history as columns of numbers: what the readers produce and the engine reads. Row i of every
 * column is operation i. Values, keys and processes are interned, so a million operations cost
 * a few dozen bytes each and no object.
 */
import { HistoryError } from './operation.ts';
import type { Operation, ProcessName, Status } from './operation.ts';
import { Interner, showValue } from './interner.ts';
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
  /** The last line, where it was cut off and is left out (`recover`). */
  readonly torn?: number;
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
  /** By row of several attempts: of how many the outcome is not known to be a failure. */
  readonly #unknown = new Map<number, number>();

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
    this.finish(row, operation.status, operation.return ?? null, operation.result);
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

  /**
   * How one attempt of a row ended. Of several attempts (one token) the earliest answer counts; a
   * failure counts where every attempt failed.
   */
  answer(row: number, status: Status, end: number | null, result: unknown): void {
    const attempts = this.#unknown.get(row);
    if (attempts === undefined) {
      this.finish(row, status, end, result);
      return;
    }
    const unknown = attempts - (status === 'fail' ? 1 : 0);
    this.#unknown.set(row, unknown);
    const answered = this.#status[row] === OK;
    if (status === 'ok') {
      if (answered) this.#sameAnswer(row, result);
      if (!answered || (end as number) < (this.#end[row] as number)) {
        this.finish(row, status, end, result);
      }
    } else if (!answered && unknown === 0) this.finish(row, status, end, result);
  }

  /** An operation sent again took effect once at most, from the first call to the first answer. */
  #join(row: number, retry: Operation): number {
    this.#sameCall(row, retry);
    if (retry.return !== null && retry.return < retry.invoke) {
      throw new HistoryError(`operation ${row}: returns at ${retry.return}, before its invoke`);
    }
    const failed = this.#status[row] === FAIL;
    this.#unknown.set(row, (this.#unknown.get(row) ?? (failed ? 0 : 1)) + 1);
    this.#invoke[row] = Math.min(this.#invoke[row] as number, retry.invoke);
    if (failed) this.finish(row, 'info', null, null);
    if (retry.status !== 'info') this.answer(row, retry.status, retry.return, retry.result);
    if (retry.position !== undefined) this.place(row, retry.position);
    return row;
  }

  #sameCall(row: number, { token, op, key, value }: Operation): void {
    const [, ops, keys, values, tos] = this.#ints as [Int32Array, ...Int32Array[]];
    const [from, to] = op === 'cas' ? pairOf(value, row) : [value, null];
    const same =
      this.#codes.get(op) === ops![row] &&
      this.table.intern(key) === keys![row] &&
      this.table.intern(from) === values![row] &&
      this.table.intern(to) === tos![row];
    if (!same) throw new HistoryError(`token ${token} is used for two different operations`);
  }

  #sameAnswer(row: number, result: unknown): void {
    const before = (this.#ints[5] as Int32Array)[row] as number;
    if (before === this.table.intern(result)) return;
    const [one, other] = [showValue(this.table.value(before)), showValue(result)];
    throw new HistoryError(
      `retries of one operation (one token) were answered ${one} and then ${other}; ` +
        'where both answers are right they are operations of their own, without a token',
    );
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
