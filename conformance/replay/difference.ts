/**
 * How two states differ, variable by variable, and inside a variable down to the parts that do:
 * `log["r1"][2]`, not two whole functions to be compared by eye.
 */
import type { ValueTable } from '../value/table.ts';
import { isModelValue, type TlaValue } from '../value/value.ts';

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
    const parts: PartDifference[] = [];
    compare(o.values, { at: variable, code: o.values.value(a), model: o.values.value(b) }, parts);
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

interface Pair {
  readonly at: string;
  readonly code: TlaValue;
  readonly model: TlaValue;
}

type Entries = Map<number, { step: string; value: TlaValue }>;

function compare(values: ValueTable, pair: Pair, parts: PartDifference[]): void {
  if (values.intern(pair.code) === values.intern(pair.model)) return;
  if (pair.code instanceof Set && pair.model instanceof Set) {
    compareSets(values, pair.at, { code: pair.code, model: pair.model }, parts);
    return;
  }
  const code = entriesOf(values, pair.code);
  const model = entriesOf(values, pair.model);
  if (code === undefined || model === undefined) {
    parts.push({ at: pair.at, code: text(values, pair.code), model: text(values, pair.model) });
    return;
  }
  for (const [key, { step, value }] of code) {
    const other = model.get(key);
    const at = pair.at + step;
    if (other !== undefined) compare(values, { at, code: value, model: other.value }, parts);
    else parts.push({ at, code: text(values, value) });
  }
  for (const [key, { step, value }] of model) {
    if (!code.has(key)) parts.push({ at: pair.at + step, model: text(values, value) });
  }
}

function compareSets(
  values: ValueTable,
  at: string,
  sets: { readonly code: Set<TlaValue>; readonly model: Set<TlaValue> },
  parts: PartDifference[],
): void {
  const only = (here: Set<TlaValue>, there: Set<TlaValue>): TlaValue[] => {
    const ids = new Set([...there].map((element) => values.intern(element)));
    return [...here].filter((element) => !ids.has(values.intern(element)));
  };
  const code = only(sets.code, sets.model);
  const model = only(sets.model, sets.code);
  for (const element of code) parts.push({ at: `${at} has`, code: text(values, element) });
  for (const element of model) parts.push({ at: `${at} has`, model: text(values, element) });
}

/** A function's arguments and results, whatever its JavaScript form; undefined for other values. */
function entriesOf(values: ValueTable, value: TlaValue): Entries | undefined {
  if (typeof value !== 'object' || isModelValue(value) || value instanceof Set) return undefined;
  const entries: Entries = new Map();
  const add = (key: TlaValue, step: string, result: TlaValue) =>
    entries.set(values.intern(key), { step, value: result });
  if (Array.isArray(value)) {
    (value as readonly TlaValue[]).forEach((each, i) => add(i + 1, `[${i + 1}]`, each));
  } else if (value instanceof Map) {
    for (const [key, each] of value as ReadonlyMap<TlaValue, TlaValue>)
      add(key, `[${text(values, key)}]`, each);
  } else {
    for (const [key, each] of Object.entries(value as Record<string, TlaValue>))
      add(key, /^[A-Za-z]\w*$/.test(key) ? `.${key}` : `[${text(values, key)}]`, each);
  }
  return entries;
}

function text(values: ValueTable, value: TlaValue): string {
  return values.format(values.intern(value));
}
