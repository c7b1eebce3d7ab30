/**
 * The JSON of a recording back to TLA+ values. What must hold: whatever the JSON is, the answer is
 * a value or a `BadValueError` that says where; nothing is rounded; what TLC cannot hold, integers
 * beyond 32 bits, is refused here.
 */
import { modelValue, type TlaValue } from '../value/value.ts';

/** A value of a recording that TLA+, or TLC, does not have. */
export class BadValueError extends Error {
  override readonly name = 'BadValueError';
}

export const integerMax = 2 ** 31 - 1;
const depthMax = 200;

export interface Decoding {
  /** Strings that are names of these are model values: recordings do not tell them apart. */
  readonly modelValues: ReadonlySet<string>;
}

type Json = Readonly<Record<string, unknown>>;

function refuse(at: string, what: string): never {
  throw new BadValueError(`${at} is ${what}`);
}

const shown = (json: unknown): string => {
  const text = JSON.stringify(json);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

/** `at` is where the value stands, for the error. */
export function decodeValue(json: unknown, at: string, o: Decoding, depth = 0): TlaValue {
  if (depth > depthMax) return refuse(at.slice(0, 200), 'nested too deep');
  switch (typeof json) {
    case 'boolean':
      return json;
    case 'number':
      return integer(Number.isSafeInteger(json) ? json : NaN, at, shown(json));
    case 'string':
      if (o.modelValues.has(json)) return modelValue(json);
      return /\p{Surrogate}/u.test(json) ? refuse(at, 'no well-formed Unicode string') : json;
    case 'object':
      if (json === null) return refuse(at, 'null, which is no TLA+ value');
      if (Array.isArray(json)) {
        return json.map((each, i) => decodeValue(each, `${at}[${i}]`, o, depth + 1));
      }
      return decodeObject(json as Json, at, o, depth + 1);
    default:
      return refuse(at, `${typeof json}, which is no TLA+ value`);
  }
}

function integer(value: number, at: string, text: string): number {
  if (Number.isNaN(value)) return refuse(at, `${text}, which is no whole number`);
  if (Math.abs(value) <= integerMax) return value;
  return refuse(at, `${text}: TLC's integers end at ±${integerMax}; record what is relative`);
}

function list(json: unknown, at: string): readonly unknown[] {
  return Array.isArray(json) ? (json as unknown[]) : refuse(at, `${shown(json)}, not a list`);
}

function decodeObject(json: Json, at: string, o: Decoding, depth: number): TlaValue {
  const names = Object.keys(json);
  const [first = ''] = names;
  const inner = json[first];
  if (!names.some((name) => name.startsWith('#'))) {
    const record: Record<string, TlaValue> = {};
    // Defined, not assigned: a field may be called __proto__.
    for (const name of names) {
      const value = decodeValue(json[name], `${at}.${name}`, o, depth);
      Object.defineProperty(record, name, { value, enumerable: true });
    }
    return record;
  }
  if (names.length > 1) return refuse(at, `${shown(json)}, which is no value of ITF`);
  switch (first) {
    case '#bigint':
      return bigInteger(inner, at);
    case '#tup':
      return list(inner, at).map((each, i) => decodeValue(each, `${at}[${i}]`, o, depth));
    case '#set':
      return new Set(
        list(inner, at).map((each) => decodeValue(each, `an element of ${at}`, o, depth)),
      );
    case '#map':
      return new Map(list(inner, at).map((pair) => decodePair(pair, at, o, depth)));
    default:
      return refuse(at, `${shown(json)}, which is no value of ITF`);
  }
}

function bigInteger(json: unknown, at: string): number {
  if (typeof json !== 'string' || !/^-?\d{1,40}$/.test(json)) {
    return refuse(at, `${shown(json)}, which is no whole number`);
  }
  return integer(Number(json), at, json);
}

function decodePair(
  json: unknown,
  at: string,
  o: Decoding,
  depth: number,
): readonly [TlaValue, TlaValue] {
  const pair = list(json, at);
  if (pair.length !== 2) refuse(at, `a function with ${shown(json)} for a pair`);
  return [
    decodeValue(pair[0], `a key of ${at}`, o, depth),
    decodeValue(pair[1], `a value of ${at}`, o, depth),
  ];
}
