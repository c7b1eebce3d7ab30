/**
 * The canonical text of values: the same for equal values in any table, readable by TLC and by
 * `parse`. Fields, elements and arguments are sorted by `compareValues`, a total order of TLA+ values
 * that does not depend on numbering.
 */
import {
  BOOLEAN,
  FUNCTION,
  INTEGER,
  MODEL,
  RECORD,
  SEQUENCE,
  STRING,
  type ValueStore,
} from './valueStore.ts';
import type { ModelValue } from './value.ts';

const identifier = /^(?=.*[A-Za-z])[A-Za-z0-9_]+$/;
const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\f': '\\f',
  '\r': '\\r',
};

export function formatString(text: string): string {
  return `"${text.replace(/["\\\n\t\f\r]/g, (c) => escapes[c]!)}"`;
}

function partsOf(store: ValueStore, id: number): number[] {
  const start = store.starts.items[id]!;
  return Array.from(store.parts.items.subarray(start, start + store.counts.items[id]!));
}

export function formatValue(store: ValueStore, id: number): string {
  const kind = store.kinds[id];
  if (kind === BOOLEAN) return id === store.trueId ? 'TRUE' : 'FALSE';
  if (kind === INTEGER) return String(store.forms[id]);
  if (kind === STRING) return formatString(store.forms[id] as string);
  if (kind === MODEL) return (store.forms[id] as ModelValue).name;
  const parts = partsOf(store, id);
  if (kind === SEQUENCE) return `<<${parts.map((part) => formatValue(store, part)).join(', ')}>>`;
  if (kind === RECORD) return formatRecord(store, id, parts);
  if (kind === FUNCTION) return formatFunction(store, parts);
  parts.sort((a, b) => compareValues(store, a, b));
  return `{${parts.map((part) => formatValue(store, part)).join(', ')}}`;
}

function formatRecord(store: ValueStore, id: number, parts: readonly number[]): string {
  const { names } = store.shapes.shapes[store.extras.items[id]!]!;
  if (names.every((name) => identifier.test(name))) {
    return `[${names.map((name, i) => `${name} |-> ${formatValue(store, parts[i]!)}`).join(', ')}]`;
  }
  const pairs = names.map((name, i) => `${formatString(name)} :> ${formatValue(store, parts[i]!)}`);
  return `(${pairs.join(' @@ ')})`;
}

function formatFunction(store: ValueStore, parts: readonly number[]): string {
  const pairs: [number, number][] = [];
  for (let i = 0; i < parts.length; i += 2) pairs.push([parts[i]!, parts[i + 1]!]);
  pairs.sort((a, b) => compareValues(store, a[0], b[0]));
  const texts = pairs.map(([k, v]) => `${formatValue(store, k)} :> ${formatValue(store, v)}`);
  return `(${texts.join(' @@ ')})`;
}

/** A total order: by kind, then numbers by size, strings by code unit, composites by size and parts. */
export function compareValues(store: ValueStore, a: number, b: number): number {
  if (a === b) return 0;
  const kind = store.kinds[a]!;
  if (kind !== store.kinds[b]) return kind - store.kinds[b]!;
  if (kind === BOOLEAN) return a - b;
  if (kind === INTEGER) {
    return (store.forms[a] as number) < (store.forms[b] as number) ? -1 : 1;
  }
  if (kind === STRING || kind === MODEL) {
    return String(store.forms[a]) < String(store.forms[b]) ? -1 : 1;
  }
  return compareComposites(store, kind, a, b);
}

function compareComposites(store: ValueStore, kind: number, a: number, b: number): number {
  const left = partsOf(store, a);
  const right = partsOf(store, b);
  if (left.length !== right.length) return left.length - right.length;
  if (kind === RECORD && store.extras.items[a] !== store.extras.items[b]) {
    const name = (id: number) =>
      JSON.stringify(store.shapes.shapes[store.extras.items[id]!]!.names);
    return name(a) < name(b) ? -1 : 1;
  }
  if (kind !== SEQUENCE && kind !== RECORD) {
    if (kind === FUNCTION) return compareFunctions(store, left, right);
    left.sort((x, y) => compareValues(store, x, y));
    right.sort((x, y) => compareValues(store, x, y));
  }
  return compareLists(store, left, right);
}

function compareFunctions(store: ValueStore, left: number[], right: number[]): number {
  const sorted = (parts: number[]): number[] => {
    const pairs: [number, number][] = [];
    for (let i = 0; i < parts.length; i += 2) pairs.push([parts[i]!, parts[i + 1]!]);
    return pairs.sort((x, y) => compareValues(store, x[0], y[0])).flat();
  };
  return compareLists(store, sorted(left), sorted(right));
}

function compareLists(
  store: ValueStore,
  left: readonly number[],
  right: readonly number[],
): number {
  for (let i = 0; i < left.length; i++) {
    const order = compareValues(store, left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
