/**
 * Values that cannot change: what `ValueTable.value` hands out, and what `memo` remembers.
 * Freezing a Set or Map does not stop `add` or `set`; these do.
 */
import { ValueError } from './valueError.ts';

const marksKey = Symbol.for('bisim.frozenValues');

function refuse(): never {
  throw new ValueError(
    'frozen',
    'a value of the model cannot be changed',
    'copy it first: new Set(value), new Map(value), [...value] or { ...value }',
  );
}

export class FrozenSet<T> extends Set<T> {
  static of<T>(elements: Iterable<T>): FrozenSet<T> {
    const made = new FrozenSet<T>();
    for (const element of elements) Set.prototype.add.call(made, element);
    return Object.freeze(made);
  }
  override add(): never {
    return refuse();
  }
  override delete(): never {
    return refuse();
  }
  override clear(): never {
    return refuse();
  }
}

export class FrozenMap<K, V> extends Map<K, V> {
  static of<K, V>(entries: Iterable<readonly [K, V]>): FrozenMap<K, V> {
    const made = new FrozenMap<K, V>();
    for (const [key, value] of entries) Map.prototype.set.call(made, key, value);
    return Object.freeze(made);
  }
  override set(): never {
    return refuse();
  }
  override delete(): never {
    return refuse();
  }
  override clear(): never {
    return refuse();
  }
}

// Test libraries compare constructors: to them a frozen Set is a Set.
Object.defineProperty(FrozenSet.prototype, 'constructor', { value: Set });
Object.defineProperty(FrozenMap.prototype, 'constructor', { value: Map });

/** Objects known to be frozen all the way down; shared by all copies of this module. */
function marks(): WeakSet<object> {
  const shared = globalThis as { [marksKey]?: WeakSet<object> };
  return (shared[marksKey] ??= new WeakSet());
}

const frozenValues = marks();

/** Says that `value` never changes again, so that its number may be kept by identity. */
function marked<T extends object>(value: T): T {
  frozenValues.add(value);
  return value;
}

export function isMarkedFrozen(value: object): boolean {
  return frozenValues.has(value);
}

/** Freezes and marks arrays and plain objects in place, and puts frozen copies for Sets and Maps. */
export function deepFreeze(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || frozenValues.has(value)) return value;
  if (depth > 1000) {
    throw new ValueError('depth', 'the value is cyclic or deeper than 1000', 'remove the cycle');
  }
  if (value instanceof FrozenSet || value instanceof FrozenMap) return value;
  if (value instanceof Set) {
    return marked(FrozenSet.of([...value].map((v) => deepFreeze(v, depth + 1))));
  }
  if (value instanceof Map) {
    const entries = [...value].map(([k, v]) => [
      deepFreeze(k, depth + 1),
      deepFreeze(v, depth + 1),
    ]) as [unknown, unknown][];
    return marked(FrozenMap.of(entries));
  }
  return Array.isArray(value) || isPlain(value) ? freezeFields(value, depth) : value;
}

/** A caller's own frozen object may hold a Set: then a copy takes its place. */
function freezeFields(value: object, depth: number): object {
  let fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    const before = fields[key];
    const after = deepFreeze(before, depth + 1);
    if (after === before) continue;
    if (Object.isFrozen(fields)) {
      fields = (Array.isArray(fields) ? [...fields] : { ...fields }) as Record<string, unknown>;
    }
    fields[key] = after;
  }
  return marked(Object.freeze(fields));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
