/**
 * JavaScript values of TLA+ kind as JSON, in the encoding of ITF: arrays are sequences and tuples,
 * `{"#set": […]}`, `{"#map": [[key, value], …]}`, `{"#bigint": "…"}`, objects are records; a model
 * value is the string of its name. What must hold: what comes out reads back as an equal value,
 * and what is no TLA+ value is refused, never rounded or dropped.
 */
import { isModelValue, type TlaValue } from '../value/value.ts';

export type JsonValue =
  string | number | boolean | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** A value that TLA+ does not have was given to a recorder. */
export class NotRecordableError extends Error {
  override readonly name = 'NotRecordableError';
}

const depthMax = 200;

function refuse(what: string, at: string): never {
  throw new NotRecordableError(`${at} is ${what}, which is no TLA+ value`);
}

/** `at` is where the value stands, for the error. */
export function encodeValue(value: TlaValue, at: string, depth = 0): JsonValue {
  if (depth > depthMax) refuse('nested too deep, or in a cycle', at.slice(0, 200));
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return wholeString(value, at);
    case 'number':
      return Number.isSafeInteger(value) ? value : refuse(String(value), at);
    case 'bigint':
      return { '#bigint': String(value) };
    case 'object':
      return encodeObject(value, at, depth + 1);
    default:
      return refuse(typeof value, at);
  }
}

/** A lone surrogate would come back as another character. */
function wholeString(text: string, at: string): string {
  return /\p{Surrogate}/u.test(text)
    ? refuse('a string that is not well-formed Unicode', at)
    : text;
}

function encodeObject(value: TlaValue & object, at: string, depth: number): JsonValue {
  if (value === null) return refuse('null', at);
  if (isModelValue(value)) return value.name;
  if (Array.isArray(value)) {
    const all: JsonValue[] = [];
    // By index: a hole must be seen, and refused.
    for (let i = 0; i < value.length; i++) {
      all.push(encodeValue(value[i] as TlaValue, `${at}[${i}]`, depth));
    }
    return all;
  }
  if (value instanceof Set) {
    const elements = [...(value as ReadonlySet<TlaValue>)];
    return { '#set': elements.map((each) => encodeValue(each, `an element of ${at}`, depth)) };
  }
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<TlaValue, TlaValue>)];
    const encoded = pairs.map(([key, each]) => [
      encodeValue(key, `a key of ${at}`, depth),
      encodeValue(each, `a value of ${at}`, depth),
    ]);
    return { '#map': encoded };
  }
  return encodeRecord(value as Readonly<Record<string, TlaValue>>, at, depth);
}

function encodeRecord(
  value: Readonly<Record<string, TlaValue>>,
  at: string,
  depth: number,
): JsonValue {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    refuse(`an instance of ${String(value.constructor?.name)}`, at);
  }
  const names = Object.keys(value);
  // A record with such a field would read back as something else: it is written as a function.
  if (names.some((name) => name.startsWith('#') || name === '__proto__')) {
    return encodeObject(new Map(Object.entries(value)), at, depth);
  }
  const record: Record<string, JsonValue> = {};
  for (const name of names) {
    record[wholeString(name, at)] = encodeValue(value[name] as TlaValue, `${at}.${name}`, depth);
  }
  return record;
}
