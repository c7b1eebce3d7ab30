/**
 * Why a history is not sequentially consistent. The violation is made small as in minimal.ts: a
 * read is dropped, a write may take effect at any later time or never; what still violates did
 * without the promise. What is left, taken alone, violates too: there are only fewer orders.
 */
import { FAIL, INFO, OK, operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import { operationText } from './explain.ts';
import type { LongestPrefix } from './explain.ts';
import { showValue } from './interner.ts';
import type { HistoryResult } from './linearizability.ts';
import type { Machine, Model } from './model.ts';
import { inputOf } from './sequentialInput.ts';
import { SequentialSearch } from './sequentialSearch.ts';
import type { Placed, SequentialBudget, SequentialInput } from './sequentialSearch.ts';
import type { Turns } from './turns.ts';

/** Steps one attempt to make a violation smaller may take. */
export const attemptSteps = 20_000;

/** The violation made small, in words. */
export function* whySequential(
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
  const relaxed = { ...columns, status };
  const search = function* (): Turns<SequentialSearch> {
    return new SequentialSearch(yield* inputOf(relaxed, model), 7);
  };
  const violates = function* (): Turns<boolean> {
    return (yield* (yield* search()).run(limits)) === 'violation';
  };
  const rows = (): number[] => [...status.keys()].filter((row) => status[row] === OK);
  const pure = new Set(input.operations.filter((each) => each.pure).map(({ row }) => row));
  let complete = true;
  for (let chunk = Math.ceil(rows().length / 2); ; chunk = Math.ceil(chunk / 2)) {
    const kept = rows();
    for (let end = kept.length; end > 0; end -= chunk) {
      const some = kept.slice(Math.max(0, end - chunk), end);
      for (const row of some) status[row] = pure.has(row) ? FAIL : INFO;
      if (!(yield* violates())) for (const row of some) status[row] = OK;
      if (performance.now() > untilMs) complete = false;
      if (!complete) break;
    }
    if (!complete || (chunk === 1 && rows().length === kept.length)) break;
  }
  // Writes that need not have happened are shown only where they still matter.
  for (const row of status.keys())
    if (status[row] === INFO && columns.status[row] === OK) status[row] = FAIL;
  const last = yield* search();
  yield* last.run({ ...limits, untilMs: Infinity });
  const operationsInvolved = [...status.keys()]
    .filter((row) => status[row] !== FAIL)
    .map((row) => operationAt(columns, row));
  const longestPrefix = yield* prefixOf(relaxed, model, last);
  const reason =
    `no order of these ${operationsInvolved.length} operations keeps the order of each process ` +
    `and is legal${stuckAt(longestPrefix)}`;
  const key = operationsInvolved.at(-1)?.key;
  return { reason, key, operationsInvolved, minimal: complete, longestPrefix };
}

function stuckAt({ placed, refused }: LongestPrefix): string {
  const [first] = refused;
  if (first === undefined) return '';
  return `: at best ${placed} can be placed, and then ${operationText(first.operation)} is ${first.why}`;
}

function* prefixOf(columns: Columns, model: Model, search: SequentialSearch): Turns<LongestPrefix> {
  const input = yield* inputOf(columns, model);
  const rowOf = (op: number): number => (input.operations[op] as Placed).row;
  const taken = new Set(search.best);
  const shown = (part: number): string => {
    return (input.machines[part] as Machine).show(search.bestStates[part] as number);
  };
  const refused = input.sessions.flatMap((members) => {
    const op = members.find((each) => !taken.has(each));
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
  const placed = operations.length;
  const state = input.machines.map((_, part) => shown(part)).join(', ');
  return { operations, placed, state, refused };
}
