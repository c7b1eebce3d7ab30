/**
 * TLA+ values as JavaScript values, and what a binding needs to make them.
 *
 * A sequence or tuple is an array; a record (any function whose domain is strings) a plain object;
 * any other function a Map; a set a Set; an integer a number while it is safe, else a bigint.
 * Equality is TLA+'s, not JavaScript's: a Map over 1..n equals the array, a Map over strings the
 * object, and the empty Map, object and array are all <<>>. `ValueTable` decides it.
 */
import { deepFreeze } from './frozen.ts';
import { ValueError } from './valueError.ts';

const brand = Symbol.for('bisim.modelValue');
const registryKey = Symbol.for('bisim.modelValues');

/** An uninterpreted TLC constant (`a1 = a1` in a cfg). Made by `modelValue` alone, one per name. */
export class ModelValue {
  readonly name: string;
  readonly [brand] = true;

  constructor(name: string) {
    this.name = name;
    Object.freeze(this);
  }

  toString(): string {
    return this.name;
  }
}

export type TlaValue =
  | boolean
  | number
  | bigint
  | string
  | ModelValue
  | readonly TlaValue[]
  | { readonly [k: string]: TlaValue }
  | ReadonlyMap<TlaValue, TlaValue>
  | ReadonlySet<TlaValue>;

/** The registry is shared by all copies of this module in the process, so `===` holds across them. */
function registry(): Map<string, ModelValue> {
  const shared = globalThis as { [registryKey]?: Map<string, ModelValue> };
  return (shared[registryKey] ??= new Map());
}

const identifier = /^(?=.*[A-Za-z])[A-Za-z0-9_]+$/;
const reserved = new Set(['TRUE', 'FALSE', 'BOOLEAN', 'STRING', 'Int', 'Nat', 'Real', 'SUBSET']);

/** The model value of that name; the same object each time. Throws where TLA+ knows no such name. */
export function modelValue(name: string): ModelValue {
  const known = registry().get(name);
  if (known !== undefined) return known;
  if (!identifier.test(name) || reserved.has(name)) {
    throw new ValueError(
      'not-a-value',
      `${JSON.stringify(name)} cannot name a model value`,
      'use letters, digits and underscores, with at least one letter, and no word of TLA+',
    );
  }
  const made = new ModelValue(name);
  registry().set(name, made);
  return made;
}

/** True for model values of any copy of this module. */
export function isModelValue(value: unknown): value is ModelValue {
  return (
    typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
  );
}

/**
 * Remembers f's result for each argument object, for as long as that object lives.
 *
 * A binding wraps the parts of its view in it: code states share structure, so most parts of a view
 * are seen again. The result is frozen all the way down, which lets `intern` know it by identity.
 */
export function memo<A extends object, R extends TlaValue>(
  f: (argument: A) => R,
): (argument: A) => R {
  const results = new WeakMap<A, R>();
  return (argument) => {
    const seen = results.get(argument);
    if (seen !== undefined) return seen;
    const result = deepFreeze(f(argument)) as R;
    results.set(argument, result);
    return result;
  };
}
