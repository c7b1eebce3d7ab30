/**
 * The table of TLA+ values: equal values have equal numbers, whatever the order of record fields, of
 * set elements, or the JavaScript form they came in. Numbers of one table mean nothing in another.
 */
import { formatValue } from './format.ts';
import { FrozenMap, FrozenSet } from './frozen.ts';
import { Interner } from './interning.ts';
import { ValueParser } from './parser.ts';
import type { TlaValue } from './value.ts';
import { FUNCTION, RECORD, SEQUENCE, SET, ValueStore } from './valueStore.ts';

export type ValueId = number;

const encoder = new TextEncoder();

export class ValueTable {
  /** For this room and the graph readers and writers of behaviour/ alone. */
  readonly store = new ValueStore();
  private readonly interner = new Interner(this.store);
  private readonly parser = new ValueParser(this.store);

  /** One TLA+ value as TLC prints it; it may wrap over lines. Throws ValueError. */
  parse(text: string): ValueId {
    const bytes = encoder.encode(text);
    return this.parser.parse(bytes, 0, bytes.length);
  }

  /** The same, from UTF-8 bytes [start, end). */
  parseBytes(bytes: Uint8Array, start: number, end: number): ValueId {
    return this.parser.parse(bytes, start, end);
  }

  /**
   * The number of a JavaScript value. Throws ValueError on what is no TLA+ value: fractions, unsafe
   * numbers, undefined, null, functions, symbols, class instances, cycles.
   * Takes constant time for what `value` returned and for results of `memo`.
   */
  intern(value: TlaValue): ValueId {
    return this.interner.intern(value);
  }

  /** The value, frozen all the way down; the same object each time. */
  value(id: ValueId): TlaValue {
    const made = this.store.forms[id];
    if (made !== undefined) return made;
    this.assertKnown(id);
    const form = this.build(id);
    this.store.forms[id] = form;
    if (typeof form === 'object') this.interner.remember(form, id);
    return form;
  }

  /** Canonical TLA+ text: equal values have equal texts, in this table and in every other. */
  format(id: ValueId): string {
    this.assertKnown(id);
    return formatValue(this.store, id);
  }

  /** How many different values the table holds, parts of values included. */
  get size(): number {
    return this.store.size;
  }

  private assertKnown(id: number): void {
    if (Number.isInteger(id) && id >= 0 && id < this.store.size) return;
    throw new RangeError(`no value has the number ${id}`);
  }

  private build(id: number): TlaValue {
    const store = this.store;
    const kind = store.kinds[id];
    const start = store.starts.items[id]!;
    const parts = Array.from(store.parts.items.subarray(start, start + store.counts.items[id]!));
    const forms = parts.map((part) => this.value(part));
    if (kind === SEQUENCE) return Object.freeze(forms);
    if (kind === SET) return FrozenSet.of(forms);
    if (kind === RECORD) return this.record(store.extras.items[id]!, forms);
    if (kind !== FUNCTION) throw new RangeError(`the value ${id} has no parts`);
    const entries: [TlaValue, TlaValue][] = [];
    for (let i = 0; i < forms.length; i += 2) entries.push([forms[i]!, forms[i + 1]!]);
    return FrozenMap.of(entries);
  }

  private record(shape: number, forms: readonly TlaValue[]): TlaValue {
    const { names } = this.store.shapes.shapes[shape]!;
    const made: Record<string, TlaValue> = {};
    Object.setPrototypeOf(made, null);
    for (let i = 0; i < names.length; i++) made[names[i]!] = forms[i]!;
    return Object.freeze(made);
  }
}
