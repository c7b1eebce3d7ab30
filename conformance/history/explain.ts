/**
 * Why a key is not linearizable: the sentence, the minimal operations, and the longest legal
 * beginning with the reason why nothing can follow it.
 */
import { operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Decision } from './decide.ts';
import { showValue } from './interner.ts';
import { minimize } from './minimal.ts';
import type { Model, Partition } from './model.ts';
import type { Operation } from './operation.ts';
import { Search } from './search.ts';
import { allOn } from './switches.ts';
import type { Turns } from './turns.ts';

export interface Refused {
  readonly operation: Operation;
  readonly why: string;
}

export interface LongestPrefix {
  /** In the order that is legal. */
  readonly operations: readonly Operation[];
  /** The state after them. */
  readonly state: string;
  /** What could come next by time, and why it cannot. */
  readonly refused: readonly Refused[];
}

export interface Explanation {
  readonly key: unknown;
  readonly reason: string;
  readonly operationsInvolved: readonly Operation[];
  /** False where time ran out before the operations were as few as can be. */
  readonly minimal: boolean;
  readonly longestPrefix: LongestPrefix;
}

/** `put "k" = "a" by 3 [12,15]` */
export function operationText(operation: Operation): string {
  const { op, key, value, result, process, invoke, status } = operation;
  const end = operation.return === null ? '?' : operation.return;
  const name = key === null || key === undefined ? op : `${op} ${showValue(key)}`;
  const wrote = value === null || value === undefined ? '' : ` ${showValue(value)}`;
  const saw = status === 'info' ? '' : ` = ${showValue(result)}`;
  const blank = op === 'put' || op === 'append' || op === 'delete' || op === 'write';
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
  const { rows, decision, complete } = yield* minimize(
    columns,
    failed,
    model,
    performance.now() + withinMs,
  );
  const describe = (op: number): string => {
    const operation = operationAt(columns, decision.partition.rows[op] as number);
    return model.describe?.(operation) ?? operationText(operation);
  };
  const longestPrefix = yield* prefixOf(columns, decision, model, describe);
  return {
    key,
    reason: sentence(decision, describe) ?? stuck(longestPrefix, rows.length, on),
    operationsInvolved: rows.map((row) => operationAt(columns, row)),
    minimal: complete,
    longestPrefix,
  };
}

/** The sentence of a shortcut, where one of them finds the violation. */
function sentence(decision: Decision, describe: (op: number) => string): string | undefined {
  const { stale, clash, machine } = decision;
  if (stale === undefined && clash !== undefined) {
    const all = clash.operations.map(describe).join(', ');
    if (clash.state === clash.other)
      return `${machine.show(clash.state)} is read too early: ${all}`;
    return `no order keeps ${machine.show(clash.state)} and what was written meanwhile apart: ${all}`;
  }
  if (stale === undefined) return undefined;
  const read = describe(stale.read);
  const value = machine.show(stale.state);
  if (stale.kind === 'phantom') return `${read} is impossible: nothing ever wrote ${value}`;
  if (stale.kind === 'future') return `${read} is impossible: ${value} was written only later`;
  const over = describe(stale.over);
  if (stale.maker === -1) {
    return `${read} is stale: ${over} had completed, so the initial ${value} was gone`;
  }
  return `${read} is stale: ${over} had completed, after ${describe(stale.maker)} ended`;
}

function stuck(prefix: LongestPrefix, count: number, otherwise: string): string {
  const first = prefix.refused[0];
  if (first === undefined) return otherwise;
  return (
    `no order of these ${count} operations is legal: at best ${prefix.operations.length} can be ` +
    `placed, and then ${operationText(first.operation)}: ${first.why}`
  );
}

function* prefixOf(
  columns: Columns,
  decision: Decision,
  model: Model,
  describe: (op: number) => string,
): Turns<LongestPrefix> {
  const { partition, machine } = decision;
  const search = yield* Search.over(partition, machine, { ...allOn, lastMaker: false }, 11);
  search.run(50_000);
  const state = search.bestState;
  const operation = (op: number): Operation => operationAt(columns, partition.rows[op] as number);
  const operations = Array.from(search.best, operation);
  const shown = showValue(operations.reduce((value, o) => model.step(value, o), model.init));
  const refused = candidates(partition, new Set(search.best)).map((op) => {
    const legal = machine.next(state, machine.effect[op] as number) !== -1;
    const why = legal
      ? `possible here, but nothing legal can follow ${describe(op)}`
      : `impossible while the state is ${shown}`;
    return { operation: operation(op), why };
  });
  return { operations, state: shown, refused };
}

/** What may come next by time; first the one that has to come before any later call. */
function candidates(partition: Partition, placed: ReadonlySet<number>): number[] {
  const open: number[] = [];
  for (const at of partition.entryOp) {
    const op = at < 0 ? ~at : at;
    if (placed.has(op)) continue;
    if (at < 0) return [op, ...open.filter((other) => other !== op)];
    open.push(op);
  }
  return open;
}
