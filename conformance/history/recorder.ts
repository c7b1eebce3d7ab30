/**
 * Records what clients do, as they do it, in the event form: one line when an operation is
 * invoked, before it is sent, and one when it returned. Each line is written at once and whole,
 * so when the process dies the file holds every operation that was begun; at worst the last line
 * is torn, which readers accept under `recover`. What has no return then is of unknown outcome.
 *
 * Several processes of one machine may append to one file: their clock is the machine's, and each
 * line is one write. What must hold: nothing is recorded that reading would give back otherwise,
 * and after an error nothing more is written.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { HistoryError } from './operation.ts';
import type { Operation, ProcessName, Status } from './operation.ts';

export interface RecorderOptions {
  /**
   * The file; an existing one is continued, without the line that a killed writer left unfinished.
   * Or a function that takes whole lines.
   */
  readonly to: string | ((line: string) => void);
  /**
   * Whole numbers that never decrease, one clock for all who write to a file. Default:
   * microseconds since the machine started, which all its processes share.
   */
  readonly clock?: () => number;
}

export interface RecordedCall {
  /** Who calls. After a restart a process takes a new name: its last call may still be open. */
  readonly process: ProcessName;
  readonly op: string;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly eventual?: boolean;
  /** Calls with one token are attempts of one operation, which takes effect once at most. */
  readonly token?: string;
}

export interface HistoryRecorder {
  /** Before the request is sent. A process does one thing at a time. */
  invoke(call: RecordedCall): void;
  /**
   * When the answer is there; `info` where nobody knows what became of the request. `position` is
   * the place in the server's log, where it told one.
   */
  return(
    process: ProcessName,
    status: Status,
    result?: unknown,
    extra?: { readonly position?: number },
  ): void;
  /** Open operations stay open: their outcome is unknown. */
  close(): void;
}

/** Throws HistoryError for what no history can hold; the file's own errors as node throws them. */
export function createHistoryRecorder(options: RecorderOptions): HistoryRecorder {
  const { to, clock = microseconds } = options;
  const file = typeof to === 'string' ? continued(to, clock) : undefined;
  const open = new Set<ProcessName>();
  let closed: string | undefined;
  const write = (record: object): void => {
    if (closed !== undefined) throw new HistoryError(closed);
    const time = clock();
    if (!Number.isSafeInteger(time)) throw new HistoryError(`the clock gave ${time}`);
    const line = `${JSON.stringify({ ...record, time })}\n`;
    try {
      if (typeof to === 'function') to(line);
      else writeWhole(file as number, line);
    } catch (cause) {
      // What stands in the file may end within a line: one more would be joined to it.
      closed = 'the recorder stopped when a line could not be written';
      throw cause;
    }
  };
  return {
    invoke: (call) => {
      if (open.has(call.process)) {
        throw new HistoryError(`process ${call.process} has an operation open already`);
      }
      refuseLoss(call.key, 'the key');
      refuseLoss(call.value, 'the value');
      write({ type: 'invoke', ...call });
      open.add(call.process);
    },
    return: (process, status, result = null, extra = {}) => {
      if (!open.has(process)) {
        throw new HistoryError(`process ${process} returns, but has no operation open`);
      }
      refuseLoss(result, 'the result');
      write({ type: 'return', process, status, result, ...extra });
      open.delete(process);
    },
    close: () => {
      if (file !== undefined && closed !== 'the recorder is closed') closeSync(file);
      closed = 'the recorder is closed';
    },
  };
}

/** The monotonic clock, which counts from the start of the machine, not of the process. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Opened to append; a line its last writer did not finish, and is not writing now, is taken away. */
function continued(path: string, clock: () => number): number {
  const file = openSync(path, 'a+');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(10) + 1;
    if (end === 0 && size > tailBytes) throw new HistoryError(`${path} ends in no line of events`);
    const last = lastTime(tail.subarray(0, end).toString('utf8'));
    if (last !== -Infinity && last > clock()) {
      throw new HistoryError(`${path} ends at ${last}, later than the clock: begin a new file`);
    }
    if (end === tail.length) return file;
    if (grows(file, size)) {
      const again = continued(path, clock);
      closeSync(file);
      return again;
    }
    ftruncateSync(file, size - tail.length + end);
    return file;
  } catch (cause) {
    closeSync(file);
    throw cause;
  }
}

/** A line that another process is writing now is whole a moment later. */
const momentMs = 50;

function grows(file: number, size: number): boolean {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, momentMs);
  return fstatSync(file).size !== size;
}

/** As far back as the end of the last whole line is looked for. */
const tailBytes = 4 * 1024 * 1024;

function lastTime(text: string): number {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  const time = /"time":(\d+)\}$/.exec(line)?.[1];
  return time === undefined ? -Infinity : Number(time);
}

function writeWhole(file: number, line: string): void {
  const bytes = Buffer.from(line);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

/** JSON leaves out, or changes, what it cannot hold. */
function refuseLoss(value: unknown, what: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (value === undefined || Number.isSafeInteger(value)) return;
  if (typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value)) return;
  if (Array.isArray(value)) {
    for (const part of value) refuseLoss(part ?? null, what);
    return;
  }
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) {
      for (const part of Object.values(value)) refuseLoss(part, what);
      return;
    }
  }
  const kind = typeof value === 'object' ? `a ${value.constructor.name}` : String(value);
  throw new HistoryError(`${what} holds ${kind}, which JSON cannot: record text or plain data`);
}

/** Operations as lines of the other form, one operation a line. */
export function* historyLines(operations: Iterable<Operation>): Iterable<string> {
  for (const operation of operations) yield `${JSON.stringify(operation)}\n`;
}
