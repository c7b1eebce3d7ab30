/**
 * From JavaScript values to numbers of a ValueStore: the hot path of replay's comparison.
 * Values handed out by the table, and results of `memo`, are known by identity; everything else is
 * walked, record shapes through a trie, with no garbage made.
 */
import { isMarkedFrozen } from './frozen.ts';
import { isModelValue, type TlaValue } from './value.ts';
import { ValueError } from './valueError.ts';
import { depthMax, type ValueStore } from './valueStore.ts';

export class Interner {
  private readonly store: ValueStore;
  private readonly known = new WeakMap<object, number>();

  constructor(store: ValueStore) {
    this.store = store;
  }

  /** Says that `form` is and stays the value `id`. */
  remember(form: object, id: number): void {
    this.known.set(form, id);
  }

  intern(value: TlaValue): number {
    try {
      return this.any(value, 0);
    } catch (error) {
      this.store.stackTop = 0;
      throw error;
    }
  }

  private any(value: unknown, depth: number): number {
    if (typeof value === 'object' && value !== null) return this.object(value, depth);
    if (typeof value === 'string') return this.store.string(value);
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value))
        refuse(`the number ${value}`, 'integers only; a bigint where it is not safe');
      return this.store.integer(value);
    }
    if (typeof value === 'boolean') return value ? this.store.trueId : this.store.falseId;
    if (typeof value === 'bigint') {
      const number = Number(value);
      return this.store.integer(Number.isSafeInteger(number) ? number : value);
    }
    return refuse(value === null ? 'null' : `a value of type ${typeof value}`);
  }

  private object(value: object, depth: number): number {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    if (depth > depthMax) {
      throw new ValueError(
        'depth',
        `the value is cyclic or nested deeper than ${depthMax}`,
        'TLA+ values are trees: remove the cycle',
      );
    }
    const id = this.structure(value, depth);
    if (isMarkedFrozen(value)) this.known.set(value, id);
    return id;
  }

  private structure(value: object, depth: number): number {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.record(value as Record<string, unknown>, depth);
    }
    if (Array.isArray(value)) return this.sequence(value, depth);
    if (value instanceof Set) return this.set(value, depth);
    if (value instanceof Map) return this.map(value, depth);
    if (isModelValue(value)) {
      const id = this.store.model(value);
      this.known.set(value, id);
      return id;
    }
    // A plain object of another realm has a prototype too, and that one has none.
    if (Object.getPrototypeOf(prototype) !== null) {
      refuse(`an object of class ${value.constructor?.name ?? 'unknown'}`);
    }
    return this.record(value as Record<string, unknown>, depth);
  }

  private sequence(value: readonly unknown[], depth: number): number {
    const base = this.store.stackTop;
    for (let i = 0; i < value.length; i++) this.store.push(this.any(value[i], depth + 1));
    return this.store.finishSequence(base);
  }

  private set(value: ReadonlySet<unknown>, depth: number): number {
    const base = this.store.stackTop;
    for (const element of value) this.store.push(this.any(element, depth + 1));
    return this.store.finishSet(base);
  }

  private map(value: ReadonlyMap<unknown, unknown>, depth: number): number {
    const base = this.store.stackTop;
    for (const [key, result] of value) {
      this.store.push(this.any(key, depth + 1));
      this.store.push(this.any(result, depth + 1));
    }
    return this.store.finishFunction(base);
  }

  private record(value: Record<string, unknown>, depth: number): number {
    const base = this.store.stackTop;
    let node = this.store.shapes.root;
    for (const name in value) {
      const field = value[name];
      if (field === undefined) refuse(`undefined, in field ${JSON.stringify(name)}`);
      node = node.step(name);
      this.store.push(this.any(field, depth + 1));
    }
    return this.store.finishRecord(base, node.shape ?? this.store.shapes.shapeOf(node));
  }
}

function refuse(
  what: string,
  next = 'use booleans, integers, strings, arrays, plain objects, Map, Set, modelValue()',
): never {
  throw new ValueError('not-a-value', `${what} is no TLA+ value`, next);
}
