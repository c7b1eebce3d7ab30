/**
 * The violation in one sentence, where a shortcut of the engine or a look at the few operations
 * that are left tells what is wrong. What must hold: every sentence is true of the history and
 * names operations that are shown beside it.
 */
import { operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import type { Decision } from './decide.ts';
import type { Operation } from './operation.ts';
import type { StaleRead } from './staleReads.ts';
import type { ZoneClash } from './zones.ts';

export type Describe = (operation: Operation) => string;

/** Undefined where nothing but the search can tell. */
export function sentence(
  columns: Columns,
  decision: Decision,
  describe: Describe,
): string | undefined {
  const { stale, clash } = decision;
  if (stale !== undefined) return staleText(columns, decision, stale, describe);
  return clash === undefined ? undefined : clashText(columns, decision, clash, describe);
}

function staleText(
  columns: Columns,
  { partition, machine }: Decision,
  stale: StaleRead,
  describe: Describe,
): string | undefined {
  const text = (op: number): string => {
    return describe(operationAt(columns, partition.rows[op] as number));
  };
  // An append needs a state only because of who read later: the search says it better.
  if (operationAt(columns, partition.rows[stale.read] as number).op === 'append') return undefined;
  const read = text(stale.read);
  const value = machine.show(stale.state);
  if (stale.kind === 'phantom') return `${read} is impossible: nothing ever wrote ${value}`;
  if (stale.kind === 'future') {
    const later = makersOf({ partition, machine }, stale.state).map(text);
    const by = later.length === 1 ? `, by ${later[0]}` : '';
    return `${read} is impossible: ${value} was written only later${by}`;
  }
  const over = text(stale.over);
  if (stale.maker === -1) {
    return `${read} is stale: ${over} had completed, so the initial ${value} was gone`;
  }
  return `${read} is stale: ${over} had completed, after ${text(stale.maker)} ended`;
}

function makersOf(
  { partition, machine }: Pick<Decision, 'partition' | 'machine'>,
  state: number,
): number[] {
  const { known } = machine;
  if (known === undefined) return [];
  return [...partition.rows.keys()].filter((op) => {
    const effect = machine.effect[op] as number;
    if (effect < 0) return false;
    return known.made.subarray(known.offset[effect], known.offset[effect + 1]).includes(state);
  });
}

/** Two values, each written once, that both have to be there at one time. */
function clashText(
  columns: Columns,
  { partition, machine }: Decision,
  { operations, state, other }: ZoneClash,
  describe: Describe,
): string {
  const of = (wanted: number): Operation[] =>
    operations
      .filter((op) => {
        const effect = machine.effect[op] as number;
        return machine.known?.needs[effect] === wanted || machine.known?.sets[effect] === wanted;
      })
      .map((op) => operationAt(columns, partition.rows[op] as number));
  const [first, second] = [of(state), of(other)];
  const [value, meanwhile] = [machine.show(state), machine.show(other)];
  if (state === other) return `${value} is read too early: ${first.map(describe).join(', ')}`;
  const held = `${value} has to be there ${spanText(first, describe)}`;
  const inner = spanOf(second);
  if (inner.from < inner.to) {
    return (
      `${held}, and ${meanwhile} ${spanText(second, describe)}: ` +
      'both were written once, and no order keeps them apart'
    );
  }
  const seen = second.find(({ op }) => op === 'get' || op === 'read') ?? (second[0] as Operation);
  return `${held}, but ${describe(seen)} took place meanwhile; neither value was written twice`;
}

function spanOf(operations: readonly Operation[]): { from: number; to: number } {
  return {
    from: Math.min(...operations.map((o) => o.return ?? Infinity)),
    to: Math.max(...operations.filter((o) => o.status !== 'info').map((o) => o.invoke)),
  };
}

/** From the first return of a value's operations to their last call. */
function spanText(operations: readonly Operation[], describe: Describe): string {
  const { from, to } = spanOf(operations);
  const first = operations.find((o) => o.return === from);
  const last = operations.find((o) => o.invoke === to);
  const written = operations.some(({ op }) => op !== 'get' && op !== 'read');
  const begin =
    written && first !== undefined
      ? `from ${from} (end of ${describe(first)})`
      : 'from the beginning';
  return `${begin} to ${to} (call of ${last === undefined ? '?' : describe(last)})`;
}
