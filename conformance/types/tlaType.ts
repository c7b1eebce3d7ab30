/**
 * Types of TLA+ values as this toolkit represents them in JavaScript, and how two of them join.
 * What must hold: `join` never loses a value: what either type allows, the joined one allows.
 */

export type TlaType =
  | { readonly kind: 'boolean' | 'string' | 'model' | 'none' }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  /** Strings that the spec itself spells out. */
  | { readonly kind: 'literals'; readonly values: readonly string[] }
  | SetType
  | { readonly kind: 'sequence'; readonly of: TlaType }
  | { readonly kind: 'tuple'; readonly parts: readonly TlaType[] }
  | RecordType
  | FunctionType
  | { readonly kind: 'union'; readonly parts: readonly TlaType[] }
  | { readonly kind: 'unknown'; readonly why: string };

export interface SetType {
  readonly kind: 'set';
  readonly of: TlaType;
  /** Of a set of integers that is known whole: is it 1..n? A function over it is then an array. */
  readonly oneTo?: boolean;
  /** What stands in it is not known: a subset, a bound variable. A function over it may be empty. */
  readonly part?: boolean;
}

export interface RecordType {
  readonly kind: 'record';
  readonly fields: Readonly<Record<string, TlaType>>;
  /** There may be other fields. */
  readonly open?: boolean;
}

export interface FunctionType {
  readonly kind: 'function';
  readonly domain: SetType;
  readonly range: TlaType;
}

export const booleanType: TlaType = { kind: 'boolean' };
export const integerType: TlaType = { kind: 'integer' };
export const stringType: TlaType = { kind: 'string' };
export const modelType: TlaType = { kind: 'model' };
/** The elements of the empty set. */
export const noType: TlaType = { kind: 'none' };

export function unknownType(why: string): TlaType {
  return { kind: 'unknown', why };
}

export function setOf(of: TlaType): SetType {
  return { kind: 'set', of };
}

/** The first reason why something inside is unknown. */
export function whyUnknown(type: TlaType): string | undefined {
  switch (type.kind) {
    case 'unknown':
      return type.why;
    case 'set':
    case 'sequence':
      return whyUnknown(type.of);
    case 'tuple':
    case 'union':
      return firstWhy(type.parts);
    case 'record':
      return firstWhy(Object.values(type.fields));
    case 'function':
      return whyUnknown(type.domain) ?? whyUnknown(type.range);
    default:
      return undefined;
  }
}

function firstWhy(types: readonly TlaType[]): string | undefined {
  for (const each of types) {
    const why = whyUnknown(each);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The type with every string of the spec taken as one of many: constants differ from cfg to cfg. */
export function generalised(type: TlaType): TlaType {
  switch (type.kind) {
    case 'literals':
      return stringType;
    case 'integer':
      return integerType;
    case 'set':
      return { ...type, of: generalised(type.of) };
    case 'sequence':
      return { ...type, of: generalised(type.of) };
    case 'tuple':
      return { ...type, parts: type.parts.map(generalised) };
    case 'union':
      return joinAll(type.parts.map(generalised));
    case 'record': {
      const fields = Object.entries(type.fields).map(([k, each]) => [k, generalised(each)]);
      return { ...type, fields: Object.fromEntries(fields) as RecordType['fields'] };
    }
    case 'function':
      return {
        kind: 'function',
        domain: generalised(type.domain) as SetType,
        range: generalised(type.range),
      };
    default:
      return type;
  }
}

export function joinAll(types: readonly TlaType[]): TlaType {
  return types.reduce(join, noType);
}

/** The least type that allows what either allows. */
export function join(a: TlaType, b: TlaType): TlaType {
  if (a.kind === 'none') return b;
  if (b.kind === 'none') return a;
  if (a.kind === 'unknown') return a;
  if (b.kind === 'unknown') return b;
  let parts = partsOf(a);
  for (const each of partsOf(b)) parts = withPart(parts, each);
  return parts.length === 1 ? parts[0]! : { kind: 'union', parts };
}

const partsOf = (type: TlaType): readonly TlaType[] =>
  type.kind === 'union' ? type.parts : [type];

function withPart(parts: readonly TlaType[], added: TlaType): readonly TlaType[] {
  for (const [at, each] of parts.entries()) {
    const merged = merge(each, added);
    if (merged === undefined) continue;
    const rest = parts.filter((_, index) => index !== at);
    return rest.some((other) => merge(other, merged))
      ? withPart(rest, merged)
      : put(parts, at, merged);
  }
  return [...parts, added];
}

function put(parts: readonly TlaType[], at: number, part: TlaType): readonly TlaType[] {
  return parts.map((each, index) => (index === at ? part : each));
}

/** Both as one type where that loses little; undefined where a union says more. */
function merge(a: TlaType, b: TlaType): TlaType | undefined {
  if (isString(a) && isString(b)) return mergeStrings(a, b);
  if (a.kind === 'integer' && b.kind === 'integer') return mergeIntegers(a, b);
  if (a.kind === 'set' && b.kind === 'set') return mergeSets(a, b);
  if (isEmptyTuple(a) && b.kind === 'sequence') return b;
  if (isEmptyTuple(b) && a.kind === 'sequence') return a;
  if (a.kind === 'tuple' && b.kind === 'sequence') return sequenceOf([...a.parts, b.of]);
  if (a.kind === 'sequence' && b.kind === 'tuple') return sequenceOf([a.of, ...b.parts]);
  if (a.kind === 'sequence' && b.kind === 'sequence') return sequenceOf([a.of, b.of]);
  if (a.kind === 'tuple' && b.kind === 'tuple') return mergeTuples(a.parts, b.parts);
  if (a.kind === 'record' && b.kind === 'record') return mergeRecords(a, b);
  if (a.kind === 'function' && b.kind === 'function') {
    const domain = mergeSets(a.domain, b.domain);
    return { kind: 'function', domain, range: join(a.range, b.range) };
  }
  return a.kind === b.kind ? a : undefined;
}

const isString = (type: TlaType): boolean => type.kind === 'string' || type.kind === 'literals';
const isEmptyTuple = (type: TlaType): boolean => type.kind === 'tuple' && type.parts.length === 0;
const sequenceOf = (types: readonly TlaType[]): TlaType => ({
  kind: 'sequence',
  of: joinAll(types),
});

function mergeStrings(a: TlaType, b: TlaType): TlaType {
  if (a.kind !== 'literals' || b.kind !== 'literals') return stringType;
  return { kind: 'literals', values: [...new Set([...a.values, ...b.values])] };
}

function mergeIntegers(
  a: { readonly min?: number; readonly max?: number },
  b: { readonly min?: number; readonly max?: number },
): TlaType {
  const min = a.min === undefined || b.min === undefined ? undefined : Math.min(a.min, b.min);
  const max = a.max === undefined || b.max === undefined ? undefined : Math.max(a.max, b.max);
  return {
    kind: 'integer',
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
}

function mergeSets(a: SetType, b: SetType): SetType {
  const part = a.part === true || b.part === true;
  const same = a.oneTo === b.oneTo ? a.oneTo : undefined;
  return {
    kind: 'set',
    of: join(a.of, b.of),
    ...(same !== undefined && { oneTo: same }),
    ...(part && { part }),
  };
}

function mergeTuples(a: readonly TlaType[], b: readonly TlaType[]): TlaType {
  if (a.length !== b.length) return sequenceOf([...a, ...b]);
  return { kind: 'tuple', parts: a.map((each, at) => join(each, b[at]!)) };
}

/** Records of the same fields that no literal field tells apart are one. */
function mergeRecords(a: RecordType, b: RecordType): TlaType | undefined {
  const names = Object.keys(a.fields);
  const same = names.length === Object.keys(b.fields).length && names.every((n) => n in b.fields);
  if (!same || a.open !== b.open) return undefined;
  const tells = names.some((name) => areDisjoint(a.fields[name]!, b.fields[name]!));
  const differs = names.filter((name) => !areEqual(a.fields[name]!, b.fields[name]!)).length;
  if (tells && differs > 1) return undefined;
  const fields = names.map((name) => [name, join(a.fields[name]!, b.fields[name]!)]);
  return { ...a, fields: Object.fromEntries(fields) as RecordType['fields'] };
}

export function areDisjoint(a: TlaType, b: TlaType): boolean {
  if (a.kind !== 'literals' || b.kind !== 'literals') return false;
  return a.values.every((value) => !b.values.includes(value));
}

export function areEqual(a: TlaType, b: TlaType): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
