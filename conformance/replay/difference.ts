/**
 * How two states differ, variable by variable, and inside a variable down to the parts that do:
 * `log["r1"][2]`, not two whole functions to be compared by eye.
 */
import { partDifferences } from '../value/partDifference.ts';
import type { ValueTable } from '../value/table.ts';
import type { TlaValue } from '../value/value.ts';

/** A part only one side has lacks the other's text. */
export interface PartDifference {
  readonly at: string;
  readonly code?: string;
  readonly model?: string;
}

export interface VariableDifference {
  readonly variable: string;
  /** The whole values, as TLA+ text. */
  readonly code: string;
  readonly model: string;
  readonly parts: readonly PartDifference[];
}

export interface Columns {
  readonly values: ValueTable;
  readonly variables: readonly string[];
  /** The columns that are compared. */
  readonly columns: Int32Array;
}

type Ids = ArrayLike<number>;

/** The variables in which the rows differ. `code` and `model` are rows of value ids. */
export function rowDifferences(o: Columns, code: Ids, model: Ids): VariableDifference[] {
  const found: VariableDifference[] = [];
  for (const column of o.columns) {
    const a = code[column] as number;
    const b = model[column] as number;
    if (a === b) continue;
    const variable = o.variables[column] as string;
    const parts = partsOf(o.values, variable, o.values.value(a), o.values.value(b));
    const text = { code: o.values.format(a), model: o.values.format(b) };
    found.push({ variable, ...text, parts });
  }
  return found;
}

/** Which of `candidates` differs least from `row`: in variables first, then in parts of them. */
export function nearest(o: Columns, row: Ids, candidates: readonly Ids[]): number {
  let best = -1;
  let bestDistance = Infinity;
  for (const [i, candidate] of candidates.entries()) {
    const differences = rowDifferences(o, row, candidate);
    const parts = differences.reduce((sum, { parts: { length } }) => sum + length, 0);
    const distance = differences.length * 1000 + Math.min(parts, 999);
    if (distance < bestDistance) [best, bestDistance] = [i, distance];
  }
  return best;
}

/** The parts in which a value of the code differs from one of the model, as text. */
function partsOf(values: ValueTable, name: string, code: TlaValue, model: TlaValue) {
  const text = (value: TlaValue | undefined) =>
    value === undefined ? undefined : values.format(values.intern(value));
  return partDifferences(values, name, code, model).map((part): PartDifference => {
    const [left, right] = [text(part.left), text(part.right)];
    return {
      at: part.isElement ? `${part.at} has` : part.at,
      ...(left === undefined ? {} : { code: left }),
      ...(right === undefined ? {} : { model: right }),
    };
  });
}
