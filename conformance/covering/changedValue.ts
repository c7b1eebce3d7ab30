/** What recorded changes of parts make of a value: the same as `BisimChanged` of a trace module. */
import type { PartChange } from '../recording/change.ts';
import type { ValueId, ValueTable } from '../value/table.ts';
import { isModelValue, type TlaValue } from '../value/value.ts';

/** Undefined where the value has no such part. */
export function changedValue(
  values: ValueTable,
  old: ValueId,
  parts: readonly PartChange[],
): ValueId | undefined {
  let id: ValueId | undefined = old;
  for (const part of parts) {
    if (id === undefined) return undefined;
    const made = put(values, values.value(id), part);
    id = made === undefined ? undefined : values.intern(made);
  }
  return id;
}

function put(values: ValueTable, old: TlaValue, part: PartChange): TlaValue | undefined {
  const [key, ...path] = part.path;
  if (key === undefined) return whole(values, old, part);
  const entries = entriesOf(old);
  const wanted = values.intern(key);
  const at = entries?.findIndex(([each]) => values.intern(each) === wanted) ?? -1;
  const entry = entries?.[at];
  if (entries === undefined || entry === undefined) return undefined;
  const inner = put(values, entry[1], { ...part, path });
  return inner === undefined ? undefined : new Map(entries.with(at, [entry[0], inner]));
}

function whole(values: ValueTable, old: TlaValue, part: PartChange): TlaValue | undefined {
  const { kind, value } = part;
  if (kind === 'put') return value;
  if (kind === 'append') {
    const tail = value as readonly TlaValue[];
    return Array.isArray(old) ? [...(old as readonly TlaValue[]), ...tail] : undefined;
  }
  if (kind === 'drop') {
    return Array.isArray(old) ? (old as readonly TlaValue[]).slice(Number(value)) : undefined;
  }
  if (!(old instanceof Set)) return undefined;
  const given = [...(value as ReadonlySet<TlaValue>)];
  const elements = [...(old as ReadonlySet<TlaValue>)];
  if (kind === 'add') return new Set([...elements, ...given]);
  const gone = new Set(given.map((each) => values.intern(each)));
  return new Set(elements.filter((each) => !gone.has(values.intern(each))));
}

/** A function, a sequence or a record as pairs of key and value. */
function entriesOf(value: TlaValue): (readonly [TlaValue, TlaValue])[] | undefined {
  if (typeof value !== 'object' || isModelValue(value) || value instanceof Set) return undefined;
  if (value instanceof Map) return [...(value as ReadonlyMap<TlaValue, TlaValue>)];
  if (Array.isArray(value))
    return (value as readonly TlaValue[]).map((each, i) => [i + 1, each] as const);
  return Object.entries(value as Readonly<Record<string, TlaValue>>);
}
