/**
 * Values as small integers: equal values have equal ids, so that the engine compares and indexes
 * integers only. Null (and undefined) is id 0. Equality is structural: field order does not
 * matter, and an object of a class of its own is equal to itself alone.
 */

import { HistoryError } from './operation.ts';

/** Values are taken apart by recursion; deeper ones are refused rather than overflow the stack. */
const depthMax = 500;

export class Interner {
  readonly #primitives = new Map<unknown, number>();
  readonly #structures = new Map<string, number>();
  readonly #byIdentity = new Map<object, number>();
  readonly #values: unknown[] = [null];
  #depth = 0;

  get size(): number {
    return this.#values.length;
  }

  intern(value: unknown): number {
    if (value === null || value === undefined) return 0;
    if (typeof value === 'object') return this.#object(value);
    const known = this.#primitives.get(value);
    if (known !== undefined) return known;
    const id = this.#add(value);
    this.#primitives.set(value, id);
    return id;
  }

  value(id: number): unknown {
    return this.#values[id];
  }

  #add(value: unknown): number {
    return this.#values.push(value) - 1;
  }

  #object(value: object): number {
    const seen = this.#byIdentity.get(value);
    if (seen !== undefined) return seen;
    if (this.#depth >= depthMax) {
      throw new HistoryError(`a value is nested more than ${depthMax} levels deep`);
    }
    this.#depth += 1;
    const text = this.#structure(value);
    this.#depth -= 1;
    if (text === undefined) {
      const id = this.#add(value);
      this.#byIdentity.set(value, id);
      return id;
    }
    const known = this.#structures.get(text);
    if (known !== undefined) return known;
    const id = this.#add(value);
    this.#structures.set(text, id);
    return id;
  }

  /** A text equal for equal structures: the ids of the parts. Undefined: identity decides. */
  #structure(value: object): string | undefined {
    if (Array.isArray(value)) return `[${value.map((part) => this.intern(part)).join()}]`;
    if (value instanceof Set) {
      return `{${[...value]
        .map((part) => this.intern(part))
        .sort(ascending)
        .join()}}`;
    }
    if (value instanceof Map) {
      const parts = [...value].map(([k, v]) => `${this.intern(k)}:${this.intern(v)}`);
      return `<${parts.sort().join()}>`;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) return undefined;
    const parts = Object.entries(value).map(([k, v]) => `${this.intern(k)}=${this.intern(v)}`);
    return `(${parts.sort().join()})`;
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Structural equality, as interning sees it. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' && typeof b !== 'object') return (a ?? null) === (b ?? null);
  const table = new Interner();
  return table.intern(a) === table.intern(b);
}

/** A short text for messages; long values are cut in the middle, as they mostly differ at the end. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'null';
  const text = typeof value === 'string' ? JSON.stringify(value) : plain(value);
  if (text.length <= 80) return text;
  return `${text.slice(0, 30)}…${text.slice(-30)} (${text.length} characters)`;
}

function plain(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Set) return `{${[...value].map(showValue).join(', ')}}`;
  if (value instanceof Map) {
    return `(${[...value].map(([k, v]) => `${showValue(k)} -> ${showValue(v)}`).join(', ')})`;
  }
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) {
      const name: unknown = (value as { name?: unknown }).name;
      return typeof name === 'string' ? name : String(value);
    }
    const whole: unknown = (value as { '#bigint'?: unknown })['#bigint'];
    if (typeof whole === 'string') return whole;
    const parts = Object.entries(value).map(([k, v]) => `${k}: ${showValue(v)}`);
    return `{${parts.join(', ')}}`;
  }
  return String(value);
}
