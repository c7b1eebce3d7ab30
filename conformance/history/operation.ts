/**
 * What a client did and what it saw: one operation of a history, and how operations are made of
 * invoke and return events. Everything else in this room reads these. An operation whose outcome
 * nobody knows is `info`: it may take effect at any time after its invoke, or never.
 */

export type Status = 'ok' | 'fail' | 'info';

export type ProcessName = number | string;

/** One client operation. Times are integers in any unit; on a tie the call comes first. */
export interface Operation {
  readonly process: ProcessName;
  readonly op: string;
  readonly key?: unknown;
  /** What was written; `[from, to]` for cas. */
  readonly value?: unknown;
  /** What was seen; missing is null; a boolean for cas. */
  readonly result?: unknown;
  readonly invoke: number;
  /** Null where nobody knows whether, or when, the operation ended (`info`). */
  readonly return: number | null;
  readonly status: Status;
  /** An eventually consistent read: no part of the linearizability check. */
  readonly eventual?: boolean;
  /** Operations that carry one token are retries of one operation. */
  readonly token?: string;
  /** The log position the server returned. */
  readonly position?: number;
}

export interface InvokeEvent {
  readonly type: 'invoke';
  readonly process: ProcessName;
  readonly op: string;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly eventual?: boolean;
}

export interface ReturnEvent {
  readonly type: 'return';
  readonly process: ProcessName;
  readonly result?: unknown;
  readonly status: Status;
}

export type HistoryEvent = InvokeEvent | ReturnEvent;

/** The history itself is malformed. No verdict is given on such a one. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/**
 * Pairs invoke and return events into operations, with the index in `events` as the time. What
 * never returned is `info`. Operations come in the order of their invocations.
 */
export function historyOf(events: readonly HistoryEvent[]): Operation[] {
  const operations: Operation[] = [];
  const open = new Map<ProcessName, number>();
  for (let at = 0; at < events.length; at += 1) {
    const event = events[at] as HistoryEvent;
    const slot = open.get(event.process);
    if (event.type === 'invoke') {
      if (slot !== undefined) {
        throw new HistoryError(
          `event ${at}: process ${event.process} invokes ${event.op} while its ` +
            `${(operations[slot] as Operation).op} is still open`,
        );
      }
      open.set(event.process, operations.length);
      operations.push(opened(event, at));
    } else {
      if (slot === undefined) {
        throw new HistoryError(`event ${at}: process ${event.process} returns from nothing`);
      }
      open.delete(event.process);
      operations[slot] = closed(operations[slot] as Operation, event, at);
    }
  }
  return operations;
}

function opened(event: InvokeEvent, at: number): Operation {
  return {
    process: event.process,
    op: event.op,
    key: event.key ?? null,
    value: event.value ?? null,
    result: null,
    invoke: at,
    return: null,
    status: 'info',
    ...(event.eventual === true ? { eventual: true } : {}),
  };
}

function closed(operation: Operation, event: ReturnEvent, at: number): Operation {
  if (event.status === 'info') return operation;
  return { ...operation, result: event.result ?? null, return: at, status: event.status };
}
