/**
 * Where two TLA+ values differ, down to the parts that do: `log["r1"][2]`, not two whole functions
 * to be compared by eye.
 */
import type { ValueTable } from './table.ts';
import { isModelValue, type TlaValue } from './value.ts';

/** A part that only one side has lacks the other. */
export interface PartDifference {
  /** The way to the part: `log["r1"][2]`. For an element of a set, the way to the set. */
  readonly at: string;
  readonly left?: TlaValue;
  readonly right?: TlaValue;
  /** The part is an element of the set at `at`, which only one side has. */
  readonly isElement: boolean;
  /** The argument that leads to this part, where it is an entry of a function. */
  readonly key?: TlaValue;
}

interface Place {
  readonly at: string;
  readonly key?: TlaValue;
}

type Entries = Map<number, { readonly key: TlaValue; readonly step: string; value: TlaValue }>;

/** The differing parts, in the order of the left value; `name` is what the values are called. */
export function partDifferences(
  values: ValueTable,
  name: string,
  left: TlaValue,
  right: TlaValue,
): PartDifference[] {
  const found: PartDifference[] = [];
  compare({ values, found }, { at: name }, left, right);
  return found;
}

interface Comparison {
  readonly values: ValueTable;
  readonly found: PartDifference[];
}

function compare(c: Comparison, place: Place, left: TlaValue, right: TlaValue): void {
  const { values, found } = c;
  if (values.intern(left) === values.intern(right)) return;
  if (left instanceof Set && right instanceof Set) {
    for (const each of only(values, left, right)) {
      found.push({ ...place, left: each, isElement: true });
    }
    for (const each of only(values, right, left)) {
      found.push({ ...place, right: each, isElement: true });
    }
    return;
  }
  const before = entriesOf(values, left);
  const after = entriesOf(values, right);
  if (before === undefined || after === undefined) {
    found.push({ ...place, left, right, isElement: false });
    return;
  }
  for (const [id, { key, step, value }] of before) {
    const other = after.get(id);
    const inner = { at: place.at + step, key };
    if (other !== undefined) compare(c, inner, value, other.value);
    else found.push({ ...inner, left: value, isElement: false });
  }
  for (const [id, { key, step, value }] of after) {
    if (before.has(id)) continue;
    found.push({ at: place.at + step, key, right: value, isElement: false });
  }
}

function only(values: ValueTable, here: Set<TlaValue>, there: Set<TlaValue>): TlaValue[] {
  const ids = new Set([...there].map((element) => values.intern(element)));
  return [...here].filter((element) => !ids.has(values.intern(element)));
}

/** A function's arguments and results, whatever its JavaScript form; undefined for other values. */
function entriesOf(values: ValueTable, value: TlaValue): Entries | undefined {
  if (typeof value !== 'object' || isModelValue(value) || value instanceof Set) return undefined;
  const entries: Entries = new Map();
  const add = (key: TlaValue, step: string, result: TlaValue) =>
    entries.set(values.intern(key), { key, step, value: result });
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
