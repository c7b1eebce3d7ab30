/**
 * TLA+ values in the JSON of the Informal Trace Format (Apalache's ADR-015): lists, records, `#tup`,
 * `#set`, `#map`, `#bigint`, `#unserializable`.
 *
 * What must hold: what is written reads back as the equal value, whatever it is; equal values have
 * equal texts. ITF has no model values: they are strings whose names the file lists, or
 * `{"#unserializable": "a1"}` where the trace holds the string "a1" too.
 */
import { compareValues } from '../value/format.ts';
import { digitsMax } from '../value/parser.ts';
import type { ValueTable } from '../value/table.ts';
import { modelValue, type ModelValue } from '../value/value.ts';
import { ValueError } from '../value/valueError.ts';
import {
  BOOLEAN,
  depthMax,
  FUNCTION,
  INTEGER,
  MODEL,
  RECORD,
  SEQUENCE,
  STRING,
  type ValueStore,
} from '../value/valueStore.ts';
import type { Json } from './exactJson.ts';

/** A part of a JSON value that is no TLA+ value; `at` is the way to it. */
export class ItfValueError extends Error {
  override readonly name = 'ItfValueError';
  readonly at: string;

  constructor(at: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.at = at;
  }
}

/** Writes the values of one table. */
export class ItfValueWriter {
  /** The model values that are written as strings. */
  readonly modelValues: readonly string[];
  private readonly store: ValueStore;
  private readonly texts = new Map<number, string>();
  private readonly asStrings: ReadonlySet<string>;

  /** `ids`: all values that will be written. */
  constructor(values: ValueTable, ids: Iterable<number>) {
    this.store = values.store;
    const { strings, models } = namesIn(this.store, ids);
    this.modelValues = [...models].filter((name) => !strings.has(name)).sort();
    this.asStrings = new Set(this.modelValues);
  }

  text(id: number): string {
    let text = this.texts.get(id);
    if (text === undefined) {
      text = this.write(id);
      this.texts.set(id, text);
    }
    return text;
  }

  private write(id: number): string {
    const { store } = this;
    const kind = store.kinds[id];
    const form = store.forms[id];
    if (kind === BOOLEAN) return id === store.trueId ? 'true' : 'false';
    if (kind === INTEGER) return typeof form === 'bigint' ? `{"#bigint":"${form}"}` : String(form);
    if (kind === STRING) return JSON.stringify(form);
    if (kind === MODEL) {
      const { name } = form as ModelValue;
      return this.asStrings.has(name) ? JSON.stringify(name) : `{"#unserializable":"${name}"}`;
    }
    const parts = partsOf(store, id);
    if (kind === SEQUENCE) return `[${this.list(parts)}]`;
    if (kind === RECORD) return this.record(id, parts);
    if (kind === FUNCTION) return this.map(pairsOf(parts));
    parts.sort((a, b) => compareValues(store, a, b));
    return `{"#set":[${this.list(parts)}]}`;
  }

  private list(parts: readonly number[]): string {
    return parts.map((part) => this.text(part)).join(',');
  }

  private map(pairs: [number, number][]): string {
    pairs.sort((a, b) => compareValues(this.store, a[0], b[0]));
    return `{"#map":[${pairs.map((pair) => `[${this.list(pair)}]`).join(',')}]}`;
  }

  private record(id: number, parts: readonly number[]): string {
    const { names } = this.store.shapes.shapes[this.store.extras.items[id]!]!;
    const fields = names.map((name, i) => [JSON.stringify(name), this.text(parts[i]!)] as const);
    // A field such as "#set" would be taken for a form of ITF.
    return names.some((name) => name.startsWith('#'))
      ? `{"#map":[${fields.map(([name, text]) => `[${name},${text}]`).join(',')}]}`
      : `{${fields.map(([name, text]) => `${name}:${text}`).join(',')}}`;
  }
}

function partsOf(store: ValueStore, id: number): number[] {
  const start = store.starts.items[id]!;
  return Array.from(store.parts.items.subarray(start, start + store.counts.items[id]!));
}

function pairsOf(parts: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < parts.length; i += 2) pairs.push([parts[i]!, parts[i + 1]!]);
  return pairs;
}

/** All strings and model values inside the values. */
function namesIn(
  store: ValueStore,
  ids: Iterable<number>,
): { strings: ReadonlySet<string>; models: ReadonlySet<string> } {
  const strings = new Set<string>();
  const models = new Set<string>();
  const seen = new Set<number>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const kind = store.kinds[id]!;
    if (kind === STRING) strings.add(store.forms[id] as string);
    else if (kind === MODEL) models.add((store.forms[id] as ModelValue).name);
    else if (kind >= SEQUENCE) for (const part of partsOf(store, id)) waiting.push(part);
  }
  return { strings, models };
}

/** Reads values, of other tools too, into one table. */
export class ItfValueReader {
  private readonly values: ValueTable;
  private readonly store: ValueStore;
  private readonly modelValues: ReadonlySet<string>;
  /** Where in the value the reader stands. */
  private readonly way: (string | number)[] = [];

  /** `modelValues`: strings that mean model values. */
  constructor(values: ValueTable, modelValues: ReadonlySet<string>) {
    this.values = values;
    this.store = values.store;
    this.modelValues = modelValues;
  }

  /** The number of the value. Throws ItfValueError where the JSON is no value. */
  id(json: Json | undefined): number {
    this.way.length = 0;
    try {
      return this.value(json, 0);
    } catch (error) {
      this.store.stackTop = 0;
      if (!(error instanceof ValueError)) throw error;
      throw new ItfValueError(this.place(), error.message, error);
    }
  }

  private place(): string {
    const steps = this.way.map((step) => `[${JSON.stringify(step)}]`);
    return (steps.length <= 12 ? steps : [...steps.slice(0, 11), '…']).join('');
  }

  private fail(message: string): never {
    throw new ItfValueError(this.place(), message);
  }

  private value(json: Json | undefined, depth: number): number {
    if (depth > depthMax) this.fail(`the value is nested deeper than ${depthMax}`);
    if (typeof json === 'boolean') return json ? this.store.trueId : this.store.falseId;
    if (typeof json === 'string') return this.text(json);
    if (typeof json === 'number') {
      return Number.isSafeInteger(json)
        ? this.store.integer(json + 0)
        : this.fail(`${json} is no integer`);
    }
    if (json === null || json === undefined) return this.fail('null is no TLA+ value');
    if (Array.isArray(json)) return this.sequence(json, depth);
    const names = Object.keys(json);
    const [only = ''] = names;
    if (names.length !== 1 || !only.startsWith('#')) return this.record(json, names, depth);
    this.way.push(only);
    const id = this.form(only, json[only], depth);
    this.way.pop();
    return id;
  }

  private text(text: string): number {
    if (this.modelValues.has(text)) return this.store.model(modelValue(text));
    // Apalache marks its uninterpreted constants by their type.
    const name = /^(\w+)_OF_\w+$/.exec(text)?.[1];
    return name !== undefined && this.modelValues.has(name)
      ? this.store.model(modelValue(name))
      : this.store.string(text);
  }

  private form(name: string, content: Json | undefined, depth: number): number {
    if (name === '#bigint') return this.integer(content);
    if (name === '#unserializable') return this.printed(content);
    if (name !== '#tup' && name !== '#set' && name !== '#map') {
      this.fail(`ITF knows no form ${JSON.stringify(name)}`);
    }
    if (!Array.isArray(content)) this.fail('expected a list');
    if (name === '#tup') return this.sequence(content, depth);
    if (name === '#map') return this.map(content, depth);
    const base = this.store.stackTop;
    this.parts(content, depth);
    return this.store.finishSet(base);
  }

  private sequence(json: readonly Json[], depth: number): number {
    const base = this.store.stackTop;
    this.parts(json, depth);
    return this.store.finishSequence(base);
  }

  private parts(json: readonly Json[], depth: number): void {
    for (let i = 0; i < json.length; i++) {
      this.way.push(i);
      this.store.push(this.value(json[i], depth + 1));
      this.way.pop();
    }
  }

  private map(pairs: readonly Json[], depth: number): number {
    const base = this.store.stackTop;
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i];
      this.way.push(i);
      if (!Array.isArray(pair) || pair.length !== 2) this.fail('expected [argument, result]');
      this.parts(pair, depth);
      this.way.pop();
    }
    return this.store.finishFunction(base);
  }

  private record(
    json: { readonly [name: string]: Json },
    names: readonly string[],
    depth: number,
  ): number {
    const base = this.store.stackTop;
    let node = this.store.shapes.root;
    for (const name of names) {
      if (name.startsWith('#')) this.fail(`ITF knows no form ${JSON.stringify(name)} there`);
      node = node.step(name);
      this.way.push(name);
      this.store.push(this.value(json[name], depth + 1));
      this.way.pop();
    }
    return this.store.finishRecord(base, node.shape ?? this.store.shapes.shapeOf(node));
  }

  private integer(content: Json | undefined): number {
    const text = typeof content === 'number' ? String(content) : content;
    if (typeof text !== 'string' || !/^-?\d+$/.test(text)) return this.fail('expected digits');
    if (text.length > digitsMax) return this.fail(`an integer has more than ${digitsMax} digits`);
    const number = Number(text);
    return this.store.integer(Number.isSafeInteger(number) ? number + 0 : BigInt(text));
  }

  /** What another tool could only print: a model value, or TLA+ text. */
  private printed(content: Json | undefined): number {
    if (typeof content !== 'string') return this.fail('expected text');
    const { stackTop } = this.store;
    try {
      return this.values.parse(content);
    } finally {
      this.store.stackTop = stackTop;
    }
  }
}
