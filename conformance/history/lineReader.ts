/**
 * Lines of a history file into columns. The shape is checked by hand, as at 100,000 lines that
 * costs more than the check itself; where it is wrong, the schema says what was expected.
 */
import { ColumnBuilder } from './columns.ts';
import type { Columns } from './columns.ts';
import { withExactNumbers } from './exactNumbers.ts';
import type { Model, Shape } from './model.ts';
import { HistoryError } from './operation.ts';
import type { Operation, ProcessName, Status } from './operation.ts';
import { sortByTime } from './partition.ts';

export interface ReadOptions {
  /** Shown in errors. */
  readonly name?: string;
  /** Operations it does not know, and fields it requires, are refused at their line. */
  readonly model?: Model;
  /** A torn last line is dropped; what was open is of unknown outcome. */
  readonly recover?: boolean;
}

/** A line of a history file that cannot be read, and what was expected there. */
export class HistoryFileError extends HistoryError {
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, message: string, cause?: unknown) {
    super(`${file}:${line}: ${message}`, { cause });
    this.file = file;
    this.line = line;
  }
}

interface EventLine {
  readonly type: 'invoke' | 'return';
  readonly process: ProcessName;
  readonly op: string;
  readonly status: Status;
  readonly result?: unknown;
  readonly time?: number;
  readonly position?: number;
  readonly token?: string;
}

/** A line of the wrong shape. The schema, which is slow to load, puts it in words. */
export class MisshapenLine extends HistoryFileError {
  readonly kind: 'operation' | 'event';
  readonly parsed: unknown;

  constructor(file: string, line: number, kind: 'operation' | 'event', parsed: unknown) {
    super(file, line, `not a history ${kind}`);
    this.kind = kind;
    this.parsed = parsed;
  }
}

export class LineReader {
  readonly #file: string;
  readonly #options: ReadOptions;
  readonly #builder = new ColumnBuilder();
  #form: 'operations' | 'events' | undefined;
  #line = 0;
  #lines: Int32Array = new Int32Array(1024);
  /** Rows that several lines tell of, as they carry one token: retries may overlap. */
  readonly #retried = new Set<number>();
  /** Whether events carry times, as the first one does. */
  #timed: boolean | undefined;
  #torn: number | undefined;
  /** Process -> its open operation, in the event form. */
  readonly #open = new Map<ProcessName, { readonly row: number; readonly time: number }>();

  constructor(options: ReadOptions) {
    this.#file = options.name ?? 'history';
    this.#options = options;
  }

  line(text: string): void {
    this.#line += 1;
    if (text === '' || (text.charCodeAt(0) <= 32 && text.trim() === '')) return;
    const { text: exact, lost } = withExactNumbers(text);
    if (lost !== undefined) this.#fail(`${lost} cannot be kept exactly: write it as a string`);
    let parsed: unknown;
    try {
      parsed = JSON.parse(exact);
    } catch (cause) {
      const message = (cause as Error).message;
      this.#fail(`not one JSON value, as each line has to be: ${message}`, cause);
    }
    this.#take(parsed);
  }

  notText(): never {
    this.#line += 1;
    return this.#fail('not UTF-8 text: different bytes would be read as the same value');
  }

  /** A last line without its newline: whole, or torn by the end of its writer (bytes: no text). */
  lastLine(text: string | Uint8Array): void {
    if (typeof text === 'string' && (text.trim() === '' || isJson(text))) {
      this.line(text);
      return;
    }
    this.#line += 1;
    if (this.#options.recover !== true) {
      this.#fail('the last line is cut off; --recover reads the file without it');
    }
    this.#torn = this.#line;
  }

  tooLong(limit: number): never {
    this.#line += 1;
    return this.#fail(`the line is longer than ${limit} bytes`);
  }

  /** The whole history. In the event form what is still open is info. */
  columns(): Columns {
    const columns = this.#builder.columns();
    const line = this.#lines.subarray(0, columns.count);
    this.#oneAtATime(columns, line);
    return { ...columns, line, ...(this.#torn === undefined ? {} : { torn: this.#torn }) };
  }

  #take(parsed: unknown): void {
    const isEvent = typeof parsed === 'object' && parsed !== null && 'type' in parsed;
    const form = isEvent ? 'events' : 'operations';
    this.#form ??= form;
    if (this.#form !== form) this.#fail(`a line of ${form} in a file of ${this.#form}`);
    try {
      if (isEvent) this.#event(parsed);
      else this.#operation(parsed);
    } catch (cause) {
      if (cause instanceof HistoryFileError || !(cause instanceof HistoryError)) throw cause;
      this.#fail(cause.message.replace(/^operation \d+: /, ''), cause);
    }
  }

  #operation(parsed: unknown): void {
    if (!isOperation(parsed)) this.#misshapen('operation', parsed);
    this.#known(parsed.op, parsed, parsed.status === 'ok');
    this.#fits(parsed);
    this.#place(this.#builder.add(parsed));
  }

  #event(parsed: unknown): void {
    if (!isEventLine(parsed)) this.#misshapen('event', parsed);
    const { process, time = this.#line } = parsed;
    this.#timed ??= parsed.time !== undefined;
    if (this.#timed !== (parsed.time !== undefined)) {
      const before = this.#timed ? 'have one' : 'have none';
      this.#fail(`field "time": expected on all events or on none; those before ${before}`);
    }
    if (parsed.type === 'invoke') {
      this.#invoked(parsed, time);
      return;
    }
    const open = this.#open.get(process);
    if (open === undefined) this.#fail(`process ${process} returns, but has no operation open`);
    const { row } = open;
    if (time < open.time) this.#fail(`returns at ${time}, before its invoke`);
    this.#open.delete(process);
    const whole = { key: null, value: null, ...parsed };
    const op = this.#builder.nameOf(row);
    if (parsed.status === 'ok') {
      this.#known(op, whole, true);
      if (op === 'cas' && typeof parsed.result !== 'boolean') {
        this.#fail('field "result": expected true or false, as the operation is cas');
      }
    }
    this.#fits({ ...parsed, op, value: this.#builder.valueOf(row), result: parsed.result });
    if (parsed.position !== undefined) this.#builder.place(row, parsed.position);
    if (parsed.status !== 'info') this.#builder.answer(row, parsed.status, time, parsed.result);
  }

  #invoked(parsed: EventLine, time: number): void {
    const { process } = parsed;
    this.#known(parsed.op, parsed, false);
    const before = this.#open.get(process);
    if (before !== undefined) {
      this.#fail(
        `process ${process} has an operation open since line ${this.#lines[before.row]}; ` +
          'one that was started anew needs a new name',
      );
    }
    const open = { result: null, invoke: time, return: null, status: 'info' } as const;
    this.#fits({ ...parsed, ...open });
    const row = this.#builder.add({ ...parsed, ...open });
    this.#place(row);
    this.#open.set(process, { row, time });
  }

  /** The model knows the operation, and its fields are there. */
  #known(op: string, parsed: object, answered: boolean): void {
    const { model } = this.#options;
    if (model === undefined) return;
    if (!model.operations.includes(op)) {
      const all = model.operations.join(', ');
      this.#fail(`operation "${op}" is unknown to the model ${model.name}, which has ${all}`);
    }
    for (const field of model.requires?.(op) ?? []) {
      if (field in parsed || (field === 'result' && !answered)) continue;
      this.#fail(`field "${field}": expected with ${op}, found nothing`);
    }
  }

  /** The model can step over it: its value and its result have the shape it expects. */
  #fits(operation: Shape): void {
    const refused = this.#options.model?.refuses?.(operation);
    if (refused !== undefined) this.#fail(refused);
  }

  #place(row: number): void {
    if (row === this.#lines.length) {
      const grown = new Int32Array(2 * row);
      grown.set(this.#lines);
      this.#lines = grown;
    }
    if (this.#lines[row] === 0) this.#lines[row] = this.#line;
    else this.#retried.add(row);
  }

  /** A process does one thing after the other; the same call twice is a duplicate. */
  #oneAtATime(columns: Columns, line: Int32Array): void {
    const order = new Int32Array(columns.count);
    for (let row = 0; row < order.length; row += 1) order[row] = row;
    sortByTime(order, columns.invoke);
    const last = new Map<number, number>();
    for (const row of order) {
      const process = columns.process[row] as number;
      const before = last.get(process);
      last.set(process, row);
      if (before === undefined || this.#retried.has(row) || this.#retried.has(before)) continue;
      const name = String(columns.table.value(process));
      const began = columns.invoke[row] as number;
      this.#line = line[row] as number;
      if (columns.invoke[before] === began && columns.op[before] === columns.op[row]) {
        this.#fail(`duplicate: process ${name} calls at ${began} on line ${line[before]} too`);
      }
      const end = columns.end[before] as number;
      if (end !== Infinity && end > began) {
        this.#fail(
          `process ${name} calls at ${began} while its operation of line ${line[before]} ` +
            `is open until ${end}`,
        );
      }
    }
  }

  #misshapen(kind: 'operation' | 'event', parsed: unknown): never {
    throw new MisshapenLine(this.#file, this.#line, kind, parsed);
  }

  #fail(message: string, cause?: unknown): never {
    throw new HistoryFileError(this.#file, this.#line, message, cause);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isOperation(parsed: unknown): parsed is Operation {
  const o = parsed as Record<string, unknown> | null;
  if (typeof o !== 'object' || o === null || typeof o['op'] !== 'string') return false;
  if (typeof o['process'] !== 'string' && typeof o['process'] !== 'number') return false;
  if (!Number.isSafeInteger(o['invoke'])) return false;
  const { status, return: end } = o;
  if (status === 'info' ? end !== null && end !== undefined : !Number.isSafeInteger(end)) {
    return false;
  }
  if (status !== 'ok' && status !== 'fail' && status !== 'info') return false;
  if (o['token'] !== undefined && typeof o['token'] !== 'string') return false;
  if (o['eventual'] !== undefined && typeof o['eventual'] !== 'boolean') return false;
  if (o['position'] !== undefined && !Number.isSafeInteger(o['position'])) return false;
  return o['op'] !== 'cas' || isCas(o);
}

function isCas(o: Record<string, unknown>): boolean {
  if (!Array.isArray(o['value']) || o['value'].length !== 2) return false;
  return o['status'] !== 'ok' || typeof o['result'] === 'boolean';
}

function isEventLine(parsed: unknown): parsed is EventLine {
  const e = parsed as Record<string, unknown>;
  if (typeof e['process'] !== 'string' && typeof e['process'] !== 'number') return false;
  if (e['time'] !== undefined && !Number.isSafeInteger(e['time'])) return false;
  if (e['position'] !== undefined && !Number.isSafeInteger(e['position'])) return false;
  if (e['token'] !== undefined && typeof e['token'] !== 'string') return false;
  if (e['eventual'] !== undefined && typeof e['eventual'] !== 'boolean') return false;
  if (e['type'] === 'invoke') return typeof e['op'] === 'string';
  const { type, status } = e;
  return type === 'return' && (status === 'ok' || status === 'fail' || status === 'info');
}
