/**
 * Records what clients do, as they do it, in the event form: one line when an operation is
 * invoked, before it is sent, and one when it returned. Each line is written at once and whole,
 * so when the process dies the file holds every operation that was begun; at worst the last line
 * is torn, which readers accept under `recover`. What has no return then is of unknown outcome.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { HistoryError } from './operation.ts';
import type { Operation, ProcessName, Status } from './operation.ts';

export interface RecorderOptions {
  /** The file; an existing one is continued. Or a function that takes whole lines. */
  readonly to: string | ((line: string) => void);
  /** Whole numbers that never decrease. Default: microseconds of the monotonic clock. */
  readonly clock?: () => number;
}

export interface RecordedCall {
  readonly process: ProcessName;
  readonly op: string;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly eventual?: boolean;
}

export interface HistoryRecorder {
  /** Before the request is sent. A process does one thing at a time. */
  invoke(call: RecordedCall): void;
  /** When the answer is there; `info` where nobody knows what became of the request. */
  return(process: ProcessName, status: Status, result?: unknown): void;
  /** Open operations stay open: their outcome is unknown. */
  close(): void;
}

export function createHistoryRecorder(options: RecorderOptions): HistoryRecorder {
  const { to, clock = microseconds } = options;
  const file = typeof to === 'string' ? openSync(to, 'a') : undefined;
  const open = new Set<ProcessName>();
  let closed = false;
  const write = (record: object): void => {
    if (closed) throw new HistoryError('the recorder is closed');
    const line = `${JSON.stringify({ ...record, time: clock() })}\n`;
    if (typeof to === 'function') to(line);
    else writeSync(file as number, line);
  };
  return {
    invoke: (call) => {
      if (open.has(call.process)) {
        throw new HistoryError(`process ${call.process} has an operation open already`);
      }
      write({ type: 'invoke', ...call });
      open.add(call.process);
    },
    return: (process, status, result = null) => {
      if (!open.delete(process)) {
        throw new HistoryError(`process ${process} returns, but has no operation open`);
      }
      write({ type: 'return', process, status, result });
    },
    close: () => {
      if (!closed && file !== undefined) closeSync(file);
      closed = true;
    },
  };
}

function microseconds(): number {
  return Math.floor(performance.now() * 1000);
}

/** Operations as lines of the other form, one operation a line. */
export function* historyLines(operations: Iterable<Operation>): Iterable<string> {
  for (const operation of operations) yield `${JSON.stringify(operation)}\n`;
}
