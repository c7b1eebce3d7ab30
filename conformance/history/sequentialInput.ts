/**
 * A history as the search for sequential consistency sees it: the machines of its partitions, the
 * operations in the order of their calls, and what each process did in order.
 */
import { INFO, OK } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Machine, Model } from './model.ts';
import { partitions } from './partition.ts';
import { partitionIds } from './partitionIds.ts';
import { placedOf } from './sequentialSearch.ts';
import type { Placed, SequentialInput } from './sequentialSearch.ts';
import { machineOf } from './stepMachine.ts';
import type { Turns } from './turns.ts';

export function* inputOf(columns: Columns, model: Model): Turns<SequentialInput> {
  const parts = yield* partitions(columns, partitionIds(columns, model), columns.eventual);
  const machines: Machine[] = [];
  for (const partition of parts) machines.push(yield* machineOf(columns, partition, model));
  const all = parts.flatMap((partition, part) =>
    placedOf(partition, machines[part] as Machine, part),
  );
  const invoke = (placed: Placed): number => columns.invoke[placed.row] as number;
  all.sort((a, b) => invoke(a) - invoke(b) || a.row - b.row);
  return inSessions(columns, machines, all);
}

function inSessions(
  columns: Columns,
  machines: SequentialInput['machines'],
  operations: readonly Placed[],
): SequentialInput {
  const sessions: number[][] = [];
  const names = new Map<number, number>();
  const unknown: SequentialInput['unknown'][number][] = [];
  operations.forEach(({ row, effect, pure }, op) => {
    const process = columns.process[row] as number;
    const session = names.get(process) ?? sessions.push([]) - 1;
    names.set(process, session);
    const members = sessions[session] as number[];
    if (columns.status[row] === OK) members.push(op);
    else if (columns.status[row] === INFO && effect >= 0 && !pure) {
      unknown.push({ op, session, after: members.length });
    }
  });
  return { machines, operations, sessions, unknown };
}

/** The input of each partition by itself, where there are several. */
export function* alone(whole: SequentialInput): Iterable<SequentialInput> {
  if (whole.machines.length < 2) return;
  const parts = new Map<number, { sessions: number[][]; unknown: number[] }>();
  const partOf = (op: number): number => (whole.operations[op] as Placed).part;
  const at = (part: number) => {
    const there = parts.get(part) ?? { sessions: [], unknown: [] };
    parts.set(part, there);
    return there;
  };
  const last = new Map<number, { session: number; name: number }>();
  whole.sessions.forEach((members, name) => {
    for (const op of members) {
      const { sessions } = at(partOf(op));
      const before = last.get(partOf(op));
      const mine = before?.name === name ? before.session : sessions.push([]) - 1;
      last.set(partOf(op), { session: mine, name });
      (sessions[mine] as number[]).push(op);
    }
  });
  for (const { op } of whole.unknown) at(partOf(op)).unknown.push(op);
  for (const { sessions, unknown } of parts.values()) {
    // Where an unknown one comes after nothing it may come at any time: that only allows more.
    const free = unknown.map((op) => ({ op, session: 0, after: 0 }));
    yield { ...whole, sessions, unknown: free };
  }
}
