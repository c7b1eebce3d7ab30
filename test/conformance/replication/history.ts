/** What the clients of a group see: a call made, or a call ended. */
import type { HistoryEvent } from '../../../conformance/replay/binding.ts';
import type { CallState, Op, World } from './world.ts';
import { none } from './world.ts';

export function historyEvent(before: World, after: World): HistoryEvent | undefined {
  if (before.calls === after.calls) return undefined;
  for (const c of after.model.calls) {
    const was = before.calls[c];
    const is = after.calls[c];
    const op = after.model.ops[c];
    if (was === undefined || is === undefined || op === undefined) continue;
    if (was.status === is.status || is.status === 'taken') continue;
    return is.status === 'invoked' ? invocation(c, op) : ended(c, op, is);
  }
  return undefined;
}

function valueOf(name: string): string | null {
  return name === none ? null : name;
}

function invocation(c: string, op: Op): HistoryEvent {
  const common = { type: 'invoke', process: c, key: op.key } as const;
  switch (op.kind) {
    case 'put':
      return { ...common, op: 'put', value: c };
    case 'cas':
      return { ...common, op: 'cas', value: [valueOf(op.expected), c] };
    case 'read':
      return { ...common, op: 'get', value: null };
    case 'eventual':
      return { ...common, op: 'get', value: null, eventual: true };
  }
}

function ended(c: string, op: Op, call: CallState): HistoryEvent {
  const common = { type: 'return', process: c } as const;
  if (call.status === 'unknown') return { ...common, result: null, status: 'info' };
  const result = op.kind === 'cas' ? call.status === 'ok' : valueOf(call.value);
  return { ...common, result: op.kind === 'put' ? null : result, status: 'ok' };
}
