/**
 * Types as TypeScript and as zod schemas. What must hold: both say the same of every value, in the
 * form in which bindings are given it; `satisfies` in the generated file lets the compiler check it.
 */
import { areDisjoint, type FunctionType, type TlaType } from './tlaType.ts';
import { type Doc, list, type Lines } from './layout.ts';

/** How a function is represented: by its domain (see value/value.ts). */
type Form = 'object' | 'array' | 'map' | 'empty' | 'either';

function formOf({ domain }: FunctionType): Form {
  const { of } = domain;
  if (of.kind === 'none') return 'empty';
  if (of.kind === 'string' || of.kind === 'literals') return 'object';
  if (of.kind === 'integer') {
    if (domain.oneTo === undefined) return 'either';
    return domain.oneTo ? 'array' : 'map';
  }
  const open = of.kind === 'unknown' || of.kind === 'union';
  return open ? 'either' : 'map';
}

const isName = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);
export const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"')
    ? JSON.stringify(text)
    : `'${JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
export const key = (name: string): string => (isName(name) ? name : quoted(name));

export function typeDoc(type: TlaType): Doc {
  switch (type.kind) {
    case 'boolean':
      return 'boolean';
    case 'integer':
      return 'number';
    case 'string':
      return 'string';
    case 'model':
      return 'ModelValue';
    case 'none':
      return 'never';
    case 'unknown':
      return 'TlaValue';
    case 'literals':
      return union(type.values.map(quoted));
    case 'set':
      return list('ReadonlySet<', [typeDoc(type.of)], '>');
    case 'sequence':
      return arrayDoc(type.of);
    case 'tuple':
      return type.parts.length === 0
        ? 'readonly []'
        : list('readonly [', type.parts.map(typeDoc), ']');
    case 'record':
      return recordDoc(type.fields, type.open === true);
    case 'function':
      return functionDoc(type);
    case 'union':
      return union(type.parts.map(typeDoc));
  }
}

function union(parts: readonly Doc[]): Doc {
  return parts.length === 1 ? parts[0]! : { kind: 'union', parts };
}

const arrayDoc = (of: TlaType): Doc => list('ReadonlyArray<', [typeDoc(of)], '>');

function recordDoc(fields: Readonly<Record<string, TlaType>>, open: boolean): Doc {
  const all = Object.entries(fields).map(([name, type]): Doc => [
    'readonly ',
    key(name),
    ': ',
    typeDoc(type),
  ]);
  if (open) all.push('readonly [field: string]: TlaValue');
  return list('{', all, '}', { spaced: true, separator: ';' });
}

function functionDoc(type: FunctionType): Doc {
  const { domain, range } = type;
  const map: Doc = list('ReadonlyMap<', [typeDoc(domain.of), typeDoc(range)], '>');
  const whole = domain.part !== true;
  const form = formOf(type);
  if (form === 'empty') return 'readonly []';
  if (form === 'array') return arrayDoc(range);
  if (form === 'map') return whole ? map : union([map, 'readonly []']);
  if (form === 'object') {
    if (whole && domain.of.kind === 'literals') {
      return recordDoc(Object.fromEntries(domain.of.values.map((v) => [v, range])), false);
    }
    const object = readonlyRecord(typeDoc(domain.of), range);
    if (whole) return object;
    const partial = list('Partial<', [readonlyRecord(typeDoc(domain.of), range)], '>');
    return union([domain.of.kind === 'literals' ? partial : object, 'readonly []']);
  }
  const object: Doc[] = mayBeObject(domain.of) ? [readonlyRecord('string', range)] : [];
  return union([...object, arrayDoc(range), map]);
}

const readonlyRecord = (name: Doc, range: TlaType): Doc =>
  list('Readonly<', [list('Record<', [name, typeDoc(range)], '>')], '>');

const mayBeObject = (of: TlaType): boolean =>
  of.kind === 'unknown' ||
  (of.kind === 'union' && of.parts.some(({ kind }) => kind === 'string' || kind === 'literals'));

export function schemaDoc(type: TlaType): Doc {
  switch (type.kind) {
    case 'boolean':
      return 'z.boolean()';
    case 'integer':
      return `z.int()${bound('min', type.min)}${bound('max', type.max)}`;
    case 'string':
      return 'z.string()';
    case 'model':
      return 'z.custom<ModelValue>(isModelValue)';
    case 'none':
      return 'z.never()';
    case 'unknown':
      return 'anyValue';
    case 'literals':
      return type.values.length === 1
        ? `z.literal(${quoted(type.values[0]!)})`
        : call('z.enum', [list('[', type.values.map(quoted), ']')]);
    case 'set':
      return call('z.set', [schemaDoc(type.of)]);
    case 'sequence':
      return call('z.array', [schemaDoc(type.of)]);
    case 'tuple':
      return call('z.tuple', [list('[', type.parts.map(schemaDoc), ']')]);
    case 'record':
      return objectSchema(type.fields, type.open === true);
    case 'function':
      return functionSchema(type);
    case 'union':
      return unionSchema(type.parts);
  }
}

const call = (name: string, parts: readonly Doc[]): Doc => list(`${name}(`, parts, ')');
const bound = (name: string, value: number | undefined): string =>
  value === undefined ? '' : `.${name}(${value})`;

export function objectSchema(fields: Readonly<Record<string, TlaType>>, open: boolean): Doc {
  const all = Object.entries(fields).map(([n, each]): Doc => [key(n), ': ', schemaDoc(each)]);
  const body = list('{', all, '}', { spaced: true });
  return open ? ['z.object(', body, ').catchall(anyValue)'] : ['z.strictObject(', body, ')'];
}

function functionSchema(type: FunctionType): Doc {
  const { domain, range } = type;
  const value = schemaDoc(range);
  const map = call('z.map', [schemaDoc(domain.of), value]);
  const whole = domain.part !== true;
  const orEmpty = (doc: Doc): Doc => call('z.union', [list('[', [doc, 'z.tuple([])'], ']')]);
  switch (formOf(type)) {
    case 'empty':
      return 'z.tuple([])';
    case 'array':
      return call('z.array', [value]);
    case 'map':
      return whole ? map : orEmpty(map);
    case 'object': {
      if (domain.of.kind === 'literals') {
        const record = whole ? 'z.record' : 'z.partialRecord';
        const made = call(record, [schemaDoc(domain.of), value]);
        return whole ? made : orEmpty(made);
      }
      const made = call('z.record', ['z.string()', value]);
      return whole ? made : orEmpty(made);
    }
    case 'either': {
      const object = mayBeObject(domain.of) ? [call('z.record', ['z.string()', value])] : [];
      return call('z.union', [list('[', [...object, call('z.array', [value]), map], ']')]);
    }
  }
}

function unionSchema(parts: readonly TlaType[]): Doc {
  const tag = tagOf(parts);
  const all = list('[', parts.map(schemaDoc), ']');
  return tag === undefined
    ? call('z.union', [all])
    : call('z.discriminatedUnion', [quoted(tag), all]);
}

/** A field of literals that tells all records of a union apart. */
function tagOf(parts: readonly TlaType[]): string | undefined {
  const records = parts.flatMap((each) => (each.kind === 'record' ? [each] : []));
  const [first] = records;
  if (!first || records.length !== parts.length) return undefined;
  return Object.keys(first.fields).find((name) => {
    const types = records.map(({ fields }) => fields[name]);
    return types.every(
      (type, at) =>
        type?.kind === 'literals' &&
        types.every((other, i) => i === at || (other !== undefined && areDisjoint(type, other))),
    );
  });
}

/** Which of the names that a type's text speaks of must be imported. */
export function namesIn(lines: Lines): { model: boolean; any: boolean } {
  const text = lines.join('\n');
  return { model: /\bModelValue\b/.test(text), any: /\b(TlaValue|anyValue)\b/.test(text) };
}
