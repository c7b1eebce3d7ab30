/**
 * Hash-consed TLA+ values: each value stands once, under one number, its parts by their numbers.
 *
 * What must hold: two values are equal in TLA+ if and only if their numbers are equal. Hence every
 * function with domain 1..n is stored as a sequence, every function over strings as a record, every
 * function with an empty domain as <<>>, sets and function domains sorted by number, without repeats.
 * Only this room uses it; others use `ValueTable`.
 */
import { Int32List } from './int32List.ts';
import { assertWellFormed, ShapeTrie, type Shape } from './shape.ts';
import type { ModelValue, TlaValue } from './value.ts';
import { ValueError } from './valueError.ts';

export const BOOLEAN = 0;
export const INTEGER = 1;
export const STRING = 2;
export const MODEL = 3;
export const SEQUENCE = 4;
export const RECORD = 5;
export const FUNCTION = 6;
export const SET = 7;

/** No value of a model nests deeper; it keeps every recursion of this room off the stack's end. */
export const depthMax = 1000;
const smallMin = -1024;
const smallMax = 4096;

export class ValueStore {
  /** Per value: its kind, its JavaScript form once made, and where its parts stand. */
  kinds: Uint8Array = new Uint8Array(1024);
  readonly forms: (TlaValue | undefined)[] = [];
  readonly starts = new Int32List();
  readonly counts = new Int32List();
  /** For a record the number of its shape. */
  readonly extras = new Int32List();
  readonly parts = new Int32List(4096);
  readonly shapes = new ShapeTrie();
  /** Parts of the value under construction; `stackTop` is its end. */
  stack: Int32Array = new Int32Array(1024);
  stackTop = 0;
  size = 0;

  readonly falseId: number;
  readonly trueId: number;
  readonly emptySequence: number;
  private hashes: Int32Array = new Int32Array(1024);
  private slots: Int32Array = new Int32Array(2048);
  private readonly small: Int32Array = new Int32Array(smallMax - smallMin + 1).fill(-1);
  private readonly integers = new Map<number | bigint, number>();
  private readonly strings = new Map<string, number>();
  private readonly models = new Map<string, number>();

  constructor() {
    this.falseId = this.append(BOOLEAN, 0, 0, 0, 0, false);
    this.trueId = this.append(BOOLEAN, 0, 0, 0, 0, true);
    this.emptySequence = this.finishSequence(0);
  }

  push(id: number): void {
    if (this.stackTop === this.stack.length) {
      const grown = new Int32Array(this.stack.length * 2);
      grown.set(this.stack);
      this.stack = grown;
    }
    this.stack[this.stackTop++] = id;
  }

  /** `value` must be an integer; a bigint only where it is not safe as a number. */
  integer(value: number | bigint): number {
    if (typeof value === 'number' && value >= smallMin && value <= smallMax) {
      const known = this.small[value - smallMin]!;
      if (known >= 0) return known;
      return (this.small[value - smallMin] = this.append(INTEGER, 0, 0, 0, 0, value + 0));
    }
    const known = this.integers.get(value);
    if (known !== undefined) return known;
    const id = this.append(INTEGER, 0, 0, 0, 0, value);
    this.integers.set(value, id);
    return id;
  }

  string(value: string): number {
    const known = this.strings.get(value);
    if (known !== undefined) return known;
    assertWellFormed(value);
    const id = this.append(STRING, 0, 0, 0, 0, value);
    this.strings.set(value, id);
    return id;
  }

  model(value: ModelValue): number {
    const known = this.models.get(value.name);
    if (known !== undefined) return known;
    const id = this.append(MODEL, 0, 0, 0, 0, value);
    this.models.set(value.name, id);
    return id;
  }

  /** The sequence of the parts pushed since `base`. */
  finishSequence(base: number): number {
    return this.find(SEQUENCE, base, 0);
  }

  /** The record whose fields were pushed since `base` in the order `shape` was walked. */
  finishRecord(base: number, shape: Shape): number {
    const count = shape.names.length;
    if (count === 0) return this.emptySequence;
    if (shape.order !== undefined) {
      const order = shape.order;
      for (let i = 0; i < count; i++) this.push(this.stack[base + order[i]!]!);
      this.stack.copyWithin(base, base + count, base + 2 * count);
      this.stackTop = base + count;
    }
    return this.find(RECORD, base, shape.id);
  }

  /** The set of the parts pushed since `base`, in any order, repeats allowed. */
  finishSet(base: number): number {
    const count = this.stackTop - base;
    const stack = this.stack;
    if (count <= 24) {
      for (let i = base + 1; i < base + count; i++) {
        const moving = stack[i]!;
        let at = i - 1;
        for (; at >= base && stack[at]! > moving; at--) stack[at + 1] = stack[at]!;
        stack[at + 1] = moving;
      }
    } else {
      stack.subarray(base, this.stackTop).sort();
    }
    let kept = base;
    for (let i = base; i < base + count; i++) {
      if (i === base || stack[i] !== stack[kept - 1]) stack[kept++] = stack[i]!;
    }
    this.stackTop = kept;
    return this.find(SET, base, 0);
  }

  /** The function of the pairs (key, value) pushed since `base`, in any order. */
  finishFunction(base: number): number {
    const pairs: [number, number][] = [];
    for (let i = base; i < this.stackTop; i += 2) pairs.push([this.stack[i]!, this.stack[i + 1]!]);
    this.stackTop = base;
    pairs.sort((a, b) => a[0] - b[0]);
    for (let i = 1; i < pairs.length; i++) {
      if (pairs[i]![0] === pairs[i - 1]![0]) {
        throw new ValueError(
          'duplicate-key',
          'a function has the same argument twice',
          'give each argument one value; equal TLA+ values are one argument, whatever their object',
        );
      }
    }
    if (pairs.length === 0) return this.emptySequence;
    const kinds = this.kinds;
    if (pairs.every(([key]) => kinds[key] === STRING)) return this.recordOfPairs(base, pairs);
    if (pairs.every(([key]) => kinds[key] === INTEGER) && this.isDomainOfSequence(pairs)) {
      pairs.sort((a, b) => Number(this.forms[a[0]]) - Number(this.forms[b[0]]));
      for (const [, value] of pairs) this.push(value);
      return this.find(SEQUENCE, base, 0);
    }
    for (const [key, value] of pairs) {
      this.push(key);
      this.push(value);
    }
    return this.find(FUNCTION, base, 0);
  }

  private isDomainOfSequence(pairs: readonly (readonly [number, number])[]): boolean {
    return pairs.every(([key]) => {
      const position = this.forms[key] as number | bigint;
      return typeof position === 'number' && position >= 1 && position <= pairs.length;
    });
  }

  private recordOfPairs(base: number, pairs: readonly (readonly [number, number])[]): number {
    let node = this.shapes.root;
    for (const [key, value] of pairs) {
      node = node.step(this.forms[key] as string);
      this.push(value);
    }
    return this.finishRecord(base, this.shapes.shapeOf(node));
  }

  /** The number of the composite value whose parts stand on the stack since `base`; pops them. */
  private find(kind: number, base: number, extra: number): number {
    const count = this.stackTop - base;
    const stack = this.stack;
    let hash = Math.imul(kind * 31 + extra, 0x9e3779b1) ^ count;
    for (let i = base; i < this.stackTop; i++) {
      hash = Math.imul(hash ^ stack[i]!, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    this.stackTop = base;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let id = this.slots[slot]!; id !== 0; id = this.slots[slot]!) {
      if (this.hashes[id - 1] === hash && this.same(id - 1, kind, count, extra, base))
        return id - 1;
      slot = (slot + 1) & mask;
    }
    return this.add(kind, base, count, extra, hash, slot);
  }

  private same(id: number, kind: number, count: number, extra: number, base: number): boolean {
    if (this.kinds[id] !== kind || this.counts.items[id] !== count) return false;
    if (this.extras.items[id] !== extra) return false;
    const start = this.starts.items[id]!;
    const parts = this.parts.items;
    for (let i = 0; i < count; i++) if (parts[start + i] !== this.stack[base + i]) return false;
    return true;
  }

  private add(
    kind: number,
    base: number,
    count: number,
    extra: number,
    hash: number,
    slot: number,
  ) {
    const start = this.parts.length;
    this.parts.reserve(count);
    this.parts.items.set(this.stack.subarray(base, base + count), start);
    this.parts.length += count;
    this.slots[slot] = this.size + 1;
    const id = this.append(kind, start, count, extra, hash, undefined);
    if (this.size * 2 > this.slots.length) this.rehash();
    return id;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      if (this.kinds[id]! < SEQUENCE) continue;
      let slot = this.hashes[id]! & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = id + 1;
    }
  }

  private append(
    kind: number,
    start: number,
    count: number,
    extra: number,
    hash: number,
    form: TlaValue | undefined,
  ): number {
    const id = this.size++;
    if (id === this.kinds.length) {
      const kinds = new Uint8Array(id * 2);
      kinds.set(this.kinds);
      this.kinds = kinds;
      const hashes = new Int32Array(id * 2);
      hashes.set(this.hashes);
      this.hashes = hashes;
    }
    this.kinds[id] = kind;
    this.hashes[id] = hash;
    this.starts.push(start);
    this.counts.push(count);
    this.extras.push(extra);
    this.forms.push(form);
    return id;
  }
}
