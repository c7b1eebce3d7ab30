/**
 * Sequential consistency (Lamport, 1979): some order of all operations is legal and keeps the
 * order of each process; real time does not count. A linearizable history is one, so that check,
 * which is fast, comes first. A key whose part alone has no order is a violation of the whole.
 * Only then all keys are searched together (sequentialSearch.ts). A violation is searched again
 * under a second hash seed before it is believed, and made small as in minimal.ts: a read is
 * dropped, a write may take effect at any later time or never; what still violates did without.
 */
import { FAIL, INFO, OK, operationAt, toColumns } from './columns.ts';
import type { Columns } from './columns.ts';
import { operationText } from './explain.ts';
import type { LongestPrefix } from './explain.ts';
import { showValue } from './interner.ts';
import { checkingTurns } from './linearizability.ts';
import type { CheckOptions, HistoryResult } from './linearizability.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';
import { partitions } from './partition.ts';
import { partitionIds } from './partitionIds.ts';
import { placedOf, SequentialSearch } from './sequentialSearch.ts';
import type { Placed, SequentialBudget, SequentialInput } from './sequentialSearch.ts';
import { machineOf } from './stepMachine.ts';
import { inOneGo, inTurns } from './turns.ts';
import type { Turns } from './turns.ts';

/** Steps one attempt to make a violation smaller may take. */
const attemptSteps = 20_000;

export function checkSequential(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions = {},
): HistoryResult {
  return inOneGo(sequentialTurns(history, model, options));
}

export function checkSequentialAsync(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions & { readonly signal?: AbortSignal } = {},
): Promise<HistoryResult> {
  return inTurns(sequentialTurns(history, model, options), options.signal);
}

function* sequentialTurns(
  history: readonly Operation[] | Columns,
  model: Model,
  options: CheckOptions,
): Turns<HistoryResult> {
  const columns = 'table' in history ? history : toColumns(history);
  const { limitMs = Infinity, maxSteps = Infinity, maxMemoryBytes = Infinity, seed = 1 } = options;
  const untilMs = performance.now() + limitMs;
  const easy = { maxSteps: Math.min(maxSteps, 1_000_000), limitMs: limitMs / 2, explainMs: 0 };
  const linear = yield* checkingTurns(columns, model, easy);
  const counts = { operations: columns.count, steps: linear.steps };
  if (linear.verdict === 'ok') return { verdict: 'ok', ...counts };
  const budget = { maxSteps, untilMs, maxMemoryBytes };
  const whole = inputOf(columns, model);
  for (const input of [...alone(whole), whole]) {
    const small = input === whole ? budget : { ...budget, maxSteps: attemptSteps };
    const search = new SequentialSearch(input, seed);
    const found = yield* search.run(small);
    counts.steps += search.steps;
    if (found === 'violation') {
      const again = yield* new SequentialSearch(input, seed ^ 0x5bd1e995).run(budget);
      if (again !== 'violation') continue;
      const within = performance.now() + (options.explainMs ?? 2000);
      return { verdict: 'violation', ...counts, ...(yield* why(columns, model, input, within)) };
    }
    if (input !== whole) continue;
    if (found === 'ok') return { verdict: 'ok', ...counts };
    const reason =
      `the budget of ${found} is spent: at most ${search.best.length} of ` +
      `${input.operations.length} operations placed`;
    return { verdict: 'unknown', ...counts, reason, spent: found };
  }
  return { verdict: 'unknown', ...counts, reason: 'two searches disagree', spent: 'steps' };
}

function inputOf(columns: Columns, model: Model): SequentialInput {
  const parts = partitions(columns, partitionIds(columns, model), columns.eventual);
  const machines = parts.map((partition) => machineOf(columns, partition, model));
  const all = parts.flatMap((partition, part) =>
    placedOf(partition, machines[part] as SequentialInput['machines'][number], part),
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
function* alone(whole: SequentialInput): Iterable<SequentialInput> {
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

/** The violation made small, in words. */
function* why(
  columns: Columns,
  model: Model,
  input: SequentialInput,
  untilMs: number,
): Turns<Partial<HistoryResult>> {
  const members = new Set([...input.sessions.flat(), ...input.unknown.map(({ op }) => op)]);
  const status = columns.status.slice().fill(FAIL);
  for (const op of members) {
    const { row } = input.operations[op] as Placed;
    status[row] = columns.status[row] as number;
  }
  const limits: SequentialBudget = { maxSteps: attemptSteps, untilMs, maxMemoryBytes: Infinity };
  const search = (): SequentialSearch =>
    new SequentialSearch(inputOf({ ...columns, status }, model), 7);
  const rows = (): number[] => [...status.keys()].filter((row) => status[row] === OK);
  const pure = new Set(input.operations.filter((each) => each.pure).map(({ row }) => row));
  let complete = true;
  for (let chunk = Math.ceil(rows().length / 2); ; chunk = Math.ceil(chunk / 2)) {
    const kept = rows();
    for (let end = kept.length; end > 0; end -= chunk) {
      const some = kept.slice(Math.max(0, end - chunk), end);
      for (const row of some) status[row] = pure.has(row) ? FAIL : INFO;
      if ((yield* search().run(limits)) !== 'violation') for (const row of some) status[row] = OK;
      if (performance.now() > untilMs) complete = false;
      if (!complete) break;
    }
    if (!complete || (chunk === 1 && rows().length === kept.length)) break;
  }
  // Writes that need not have happened are shown only where they still matter.
  for (const row of status.keys())
    if (status[row] === INFO && columns.status[row] === OK) status[row] = FAIL;
  const last = search();
  yield* last.run({ ...limits, untilMs: Infinity });
  const operationsInvolved = [...status.keys()]
    .filter((row) => status[row] !== FAIL)
    .map((row) => operationAt(columns, row));
  const longestPrefix = prefixOf(columns, { ...columns, status }, model, last);
  const reason =
    `no order of these ${operationsInvolved.length} operations keeps the order of each process ` +
    `and is legal${stuckAt(longestPrefix)}`;
  const key = operationsInvolved.at(-1)?.key;
  return { reason, key, operationsInvolved, minimal: complete, longestPrefix };
}

function stuckAt({ operations, refused }: LongestPrefix): string {
  const [first] = refused;
  if (first === undefined) return '';
  return `: at best ${operations.length} can be placed, and then ${operationText(first.operation)} is ${first.why}`;
}

function prefixOf(
  columns: Columns,
  kept: Columns,
  model: Model,
  search: SequentialSearch,
): LongestPrefix {
  const input = inputOf(kept, model);
  const rowOf = (op: number): number => (input.operations[op] as Placed).row;
  const placed = new Set(search.best);
  const shown = (part: number): string => {
    return (input.machines[part] as SequentialInput['machines'][number]).show(
      search.bestStates[part] as number,
    );
  };
  const refused = input.sessions.flatMap((members) => {
    const op = members.find((each) => !placed.has(each));
    if (op === undefined) return [];
    const operation = operationAt(columns, rowOf(op));
    const state = shown((input.operations[op] as Placed).part);
    return [
      {
        operation,
        why: `impossible, or leads nowhere, while ${showValue(operation.key)} is ${state}`,
      },
    ];
  });
  const operations = search.best.map((op) => operationAt(columns, rowOf(op)));
  const state = input.machines.map((_, part) => shown(part)).join(', ');
  return { operations, state, refused };
}
