/**
 * Why a key is not linearizable: the sentence, the minimal operations, and the longest legal
 * beginning with the reason why nothing can follow it.
 */
import { operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Decision } from './decide.ts';
import { showValue } from './interner.ts';
import { lostAppend } from './lostAppend.ts';
import type { LostAppend } from './lostAppend.ts';
import { minimize, violatesAlone } from './minimal.ts';
import type { Model, Partition } from './model.ts';
import type { Operation } from './operation.ts';
import { Search } from './search.ts';
import { sentence } from './sentence.ts';
import type { Describe } from './sentence.ts';
import { allOn } from './switches.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export interface Refused {
  readonly operation: Operation;
  /** The operation in the words of the user's model. */
  readonly told?: string;
  readonly why: string;
}

export interface LongestPrefix {
  /** In the order that is legal; of many the last ones. */
  readonly operations: readonly Operation[];
  /** How many could be placed in all. */
  readonly placed: number;
  /** The operations in the words of the user's model. */
  readonly told?: readonly string[];
  /** The state after them. */
  readonly state: string;
  /** What could come next by time, and why it cannot. */
  readonly refused: readonly Refused[];
}

export interface Explanation {
  readonly key: unknown;
  readonly reason: string;
  readonly operationsInvolved: readonly Operation[];
  /** They, in the words of the user's model, where it has any. */
  readonly told?: readonly string[];
  /** False where time ran out before the operations were as few as can be. */
  readonly minimal: boolean;
  readonly longestPrefix: LongestPrefix;
}

/** What they answer is not looked at, or is nothing. */
const answerless = new Set(['put', 'append', 'delete', 'write', 'increment', 'decrement']);

/** `put "k" "a" by 3 [12,15]`, `get "k" = "a" by 4 [13,16]` */
export function operationText(operation: Operation): string {
  const { op, key, value, result, process, invoke, status } = operation;
  const end = operation.return === null ? '?' : operation.return;
  const name = key === null || key === undefined ? op : `${op} ${showValue(key)}`;
  const wrote = value === null || value === undefined ? '' : ` ${showValue(value)}`;
  const saw = status === 'info' ? '' : ` = ${showValue(result)}`;
  const silent = (result ?? null) === null && wrote !== '';
  const blank = silent || answerless.has(op) || status === 'fail';
  return `${name}${wrote}${blank ? '' : saw} by ${process} [${invoke},${end}]`;
}

export function* explain(
  columns: Columns,
  failed: Decision,
  model: Model,
  withinMs: number,
): Turns<Explanation | Pick<Explanation, 'key' | 'reason'>> {
  const key: unknown = columns.table.value(failed.partition.key);
  const size = failed.partition.rows.length;
  const on = `no order of the ${size} operations on key ${showValue(key)} is legal`;
  if (withinMs === 0) return { key, reason: on };
  const untilMs = performance.now() + withinMs;
  const describe = describing(model);
  const lost = model.compile && (yield* lostAppend(columns, failed.partition));
  const alone = lost && (yield* violatesAlone(columns, failed, model, lost.rows));
  const { rows, decision, complete } = alone ?? (yield* minimize(columns, failed, model, untilMs));
  const short = yield* prefixOf(columns, decision, model, describe);
  const operationsInvolved = yield* operationsAt(columns, rows);
  const told = model.describe === undefined ? {} : { told: operationsInvolved.map(describe) };
  const whole = failed.partition.rows.length <= wholeMax && failed !== decision;
  return {
    key,
    reason:
      (alone && lost && lostText(columns, lost, describe)) ??
      sentence(columns, decision, describe) ??
      stuck(short, rows.length, on, describe),
    operationsInvolved,
    ...told,
    minimal: complete,
    longestPrefix: whole ? yield* prefixOf(columns, failed, model, describe) : short,
  };
}

/** Up to so many operations of the key, its longest legal beginning is of all of them. */
const wholeMax = 5000;

/** Of a long beginning so many operations are shown, the last ones. */
const prefixShownMax = 100;

function lostText(columns: Columns, { read, append }: LostAppend, describe: Describe): string {
  const [one, other] = [read, append].map((row) => describe(operationAt(columns, row)));
  return `${one} does not see ${other}, which had completed`;
}

/** Many operations are made in turns, as each is an object. */
function* operationsAt(columns: Columns, rows: readonly number[]): Turns<Operation[]> {
  const operations: Operation[] = [];
  for (const row of rows) {
    operations.push(operationAt(columns, row));
    if ((operations.length & betweenYields) === 0) yield;
  }
  return operations;
}

/** Operations in the words of the model, or in ours. */
export function describing(model: Model): Describe {
  return (operation) => {
    try {
      const text: unknown = model.describe?.(operation);
      return typeof text === 'string' ? text : operationText(operation);
    } catch {
      return operationText(operation);
    }
  };
}

function stuck(
  prefix: LongestPrefix,
  count: number,
  otherwise: string,
  describe: Describe,
): string {
  const first = prefix.refused[0];
  if (first === undefined) return otherwise;
  const next = `${describe(first.operation)} is ${first.why}`;
  if (count === 1) return `${next}, the first one`;
  return (
    `no order of these ${count} operations is legal: at best ${prefix.placed} can be placed, ` +
    `and then ${next}`
  );
}

function* prefixOf(
  columns: Columns,
  decision: Decision,
  model: Model,
  describe: Describe,
): Turns<LongestPrefix> {
  const { partition, machine } = decision;
  const search = yield* Search.over(partition, machine, { ...allOn, lastMaker: false }, 11);
  for (let steps = 0; steps < prefixStepsMax; steps += sliceSteps) {
    if (search.run(sliceSteps) !== 'paused') break;
    yield;
  }
  const state = search.bestState;
  const rowOf = (op: number): number => partition.rows[op] as number;
  const operation = (op: number): Operation => operationAt(columns, rowOf(op));
  const operations = yield* operationsAt(columns, Array.from(search.best, rowOf));
  let value: unknown = model.init;
  for (let at = 0; at < operations.length; at += 1) {
    if ((at & betweenYields) === betweenYields) yield;
    value = model.step(value, operations[at] as Operation);
  }
  const shown = showValue(value);
  const next = candidates(partition, search.best).slice(0, refusedMax);
  const refused = next.map((op): Refused => {
    const legal = machine.next(state, machine.effect[op] as number) !== -1;
    const text = describe(operation(op));
    const why = legal
      ? `possible here, but nothing legal can follow ${text}`
      : `impossible while the state is ${shown}`;
    return { operation: operation(op), ...(model.describe && { told: text }), why };
  });
  const last = operations.slice(-prefixShownMax);
  const told = model.describe === undefined ? {} : { told: last.map(describe) };
  return { operations: last, placed: operations.length, ...told, state: shown, refused };
}

/** Steps of the search for the longest beginning, and how many of them it takes in one go. */
const prefixStepsMax = 50_000;
const sliceSteps = 1000;

const refusedMax = 20;

/** What may come next by time; first the one that has to come before any later call. */
function candidates(partition: Partition, taken: Int32Array): number[] {
  const placed = new Uint8Array(partition.rows.length);
  for (const op of taken) placed[op] = 1;
  const open: number[] = [];
  for (const at of partition.entryOp) {
    const op = at < 0 ? ~at : at;
    if (placed[op] === 1) continue;
    if (at < 0) return [op, ...open.filter((other) => other !== op)];
    open.push(op);
  }
  return open;
}
