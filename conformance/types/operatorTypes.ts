/**
 * What TLA+'s own operators and those of the standard modules make of the types of their operands.
 */
import type { Definition } from '../spec/syntax.ts';
import { childText, type XmlElement } from '../spec/xml.ts';
import { exceptType } from './exceptType.ts';
import { boundsOf, type ExpressionTypes, type Scope } from './expressionType.ts';
import {
  booleanType,
  type FunctionType,
  integerType,
  join,
  joinAll,
  noType,
  type RecordType,
  setOf,
  type SetType,
  stringType,
  type TlaType,
} from './tlaType.ts';

export const standardModules = new Set(
  ['Naturals', 'Integers', 'Reals', 'Sequences', 'FiniteSets', 'TLC', 'Bags'].concat('TLCExt'),
);

const naturals: TlaType = { kind: 'integer', min: 0 };

type Rule = (types: ExpressionTypes, expression: XmlElement, scope: Scope) => TlaType;

const isBoolean: Rule = () => booleanType;
const isInteger: Rule = () => integerType;
const isNatural: Rule = () => naturals;
const first: Rule = (types, expression, scope) => types.of(types.first(expression), scope);

const builtins: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ['$ConjList', '$DisjList', '\\land', '\\lor', '\\lnot', '=>', '\\equiv', '=', '/=', '\\in']
      .concat(['\\notin', '\\subseteq', '$BoundedForall', '$BoundedExists', '$UnboundedForall'])
      .concat(['$UnboundedExists', 'TRUE', 'FALSE', 'ENABLED', 'UNCHANGED', '$SquareAct'])
      .map((name) => [name, isBoolean]),
  ),
  BOOLEAN: () => setOf(booleanType),
  STRING: () => setOf(stringType),
  "'": first,
  SUBSET: (types, e, scope) => setOf({ ...types.set(types.first(e), scope), part: true }),
  UNION: unionOfSets,
  '\\union': union,
  '\\intersect': (types, e, scope) => ({ ...types.set(types.first(e), scope), part: true }),
  '\\': difference,
  $SetEnumerate: enumeration,
  $SubsetOf: subset,
  $SetOfAll: (types, e, scope) => ({
    ...setOf(types.of(types.first(e), types.bind(e, scope))),
    part: true,
  }),
  $SetOfFcns: (types, e, scope) =>
    setOf(functionOf(types.set(types.first(e), scope), types.elements(types.second(e), scope))),
  $FcnConstructor: functionValue,
  $NonRecursiveFcnSpec: functionValue,
  $RecursiveFcnSpec: functionValue,
  $FcnApply: apply,
  $Except: exceptType,
  $Tuple: (types, e, scope) => ({
    kind: 'tuple',
    parts: types.syntax.operands(e).map((each) => types.of(each, scope)),
  }),
  $CartesianProd: (types, e, scope) =>
    setOf({
      kind: 'tuple',
      parts: types.syntax.operands(e).map((each) => types.elements(each, scope)),
    }),
  $RcdConstructor: (types, e, scope) => record(types, e, (value) => types.of(value, scope)),
  $SetOfRcds: (types, e, scope) => setOf(record(types, e, (value) => types.elements(value, scope))),
  $RcdSelect: select,
  $IfThenElse: (types, e, scope) => {
    const [, ...branches] = types.syntax.operands(e);
    return joinAll(branches.map((each) => types.of(each, scope)));
  },
  $Case: (types, e, scope) =>
    joinAll(types.syntax.operands(e).map((pair) => types.of(types.second(pair), scope))),
  $BoundedChoose: (types, e, scope) => {
    const [bound] = boundsOf(e);
    return bound ? types.elements(bound.domain, scope) : types.unknown(e, 'CHOOSE over no set');
  },
  $UnboundedChoose: (types, e) =>
    types.unknown(e, 'CHOOSE without a set: give the operator a model value in the cfg'),
  DOMAIN: (types, e, scope) => domainOf(types, e, types.of(types.first(e), scope)),
};

export function builtinType(
  types: ExpressionTypes,
  expression: XmlElement,
  { name }: Definition,
  scope: Scope,
): TlaType {
  const rule = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  return rule?.(types, expression, scope) ?? types.unknown(expression, `${name} is not followed`);
}

const standard: Readonly<Record<string, Rule>> = {
  Nat: () => setOf(naturals),
  Int: () => setOf(integerType),
  '..': interval,
  Seq: (types, e, scope) => setOf({ kind: 'sequence', of: types.elements(types.first(e), scope) }),
  Len: isNatural,
  Cardinality: isNatural,
  Append: (types, e, scope) => sequence(types, e, scope, types.of(types.second(e), scope)),
  '\\o': (types, e, scope) =>
    join(sequence(types, e, scope, noType), asSequence(types.of(types.second(e), scope))),
  Head: (types, e, scope) => itemOf(types.of(types.first(e), scope)),
  Tail: (types, e, scope) => sequence(types, e, scope, noType),
  SubSeq: (types, e, scope) => sequence(types, e, scope, noType),
  SelectSeq: (types, e, scope) => sequence(types, e, scope, noType),
  ':>': (types, e, scope) => {
    const key = types.of(types.first(e), scope);
    return functionOf({ kind: 'set', of: key }, types.of(types.second(e), scope));
  },
  '@@': (types, e, scope) =>
    join(types.of(types.first(e), scope), types.of(types.second(e), scope)),
  ToString: () => stringType,
  ...Object.fromEntries(['+', '-', '-.', '*', '\\div', '%', '^'].map((n) => [n, isInteger])),
  ...Object.fromEntries(
    ['<', '>', '\\leq', '\\geq', 'IsFiniteSet', 'Assert', 'Print', 'PrintT'].map((n) => [
      n,
      isBoolean,
    ]),
  ),
};

export function standardType(
  types: ExpressionTypes,
  expression: XmlElement,
  { name }: Definition,
  scope: Scope,
): TlaType {
  const rule = Object.hasOwn(standard, name) ? standard[name] : undefined;
  return rule?.(types, expression, scope) ?? types.unknown(expression, `${name} is not followed`);
}

function functionOf(domain: SetType, range: TlaType): FunctionType {
  return { kind: 'function', domain, range };
}

function functionValue(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const [domain, ...more] = domainsOf(types, expression, scope);
  if (!domain) return types.unknown(expression, 'a function over no set');
  const range = types.of(types.first(expression), types.bind(expression, scope));
  if (more.length === 0) return functionOf(domain, range);
  const parts = [domain, ...more].map(({ of }) => of);
  return functionOf(setOf({ kind: 'tuple', parts }), range);
}

/** The sets that the bound names of a function range over. */
function domainsOf(types: ExpressionTypes, expression: XmlElement, scope: Scope): SetType[] {
  return boundsOf(expression).flatMap(({ ids, isTuple, domain }) => {
    const set = types.set(domain, scope);
    return isTuple ? [set] : ids.map(() => set);
  });
}

function unionOfSets(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const inner = types.elements(types.first(expression), scope);
  if (inner.kind === 'set') return { ...setOf(inner.of), part: true };
  if (inner.kind === 'none' || inner.kind === 'unknown') return setOf(inner);
  return types.unknown(expression, 'UNION of no sets');
}

function union(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const [a, b] = [types.first(expression), types.second(expression)].map((e) =>
    types.set(e, scope),
  );
  const part = a!.part === true || b!.part === true;
  return { kind: 'set', of: join(a!.of, b!.of), ...(part && { part }) };
}

/** S \\ {"a"} leaves no "a": where the strings are spelt out, so is what is left. */
function difference(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const whole = types.set(types.first(expression), scope);
  const less = types.set(types.second(expression), scope).of;
  const { of } = whole;
  if (of.kind !== 'literals' || less.kind !== 'literals') return setOf(of);
  return setOf({ kind: 'literals', values: of.values.filter((v) => !less.values.includes(v)) });
}

function enumeration(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const elements = types.syntax.operands(expression);
  const of = joinAll(elements.map((each) => types.of(each, scope)));
  if (of.kind !== 'integer') return setOf(of);
  const numbers = elements.map((each) => childText(each, 'IntValue'));
  if (numbers.includes('')) return setOf(of);
  const values = new Set(numbers.map(Number));
  const oneTo = [...values].every((value) => value >= 1 && value <= values.size);
  return { kind: 'set', of, oneTo };
}

function subset(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const [bound] = boundsOf(expression);
  if (!bound) return types.unknown(expression, 'a subset of no set');
  return { ...setOf(types.elements(bound.domain, scope)), part: true };
}

function apply(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const applied = types.of(types.first(expression), scope);
  const at = childText(types.second(expression), 'IntValue');
  return applied.kind === 'tuple' && at !== ''
    ? (applied.parts[Number(at) - 1] ?? noType)
    : resultOf(types, expression, applied);
}

function resultOf(types: ExpressionTypes, expression: XmlElement, applied: TlaType): TlaType {
  switch (applied.kind) {
    case 'function':
      return applied.range;
    case 'sequence':
      return applied.of;
    case 'tuple':
      return joinAll(applied.parts);
    case 'record':
      return joinAll(Object.values(applied.fields));
    case 'union':
      return joinAll(applied.parts.map((each) => resultOf(types, expression, each)));
    case 'none':
    case 'unknown':
      return applied;
    default:
      return types.unknown(expression, `a ${applied.kind} is applied`);
  }
}

function record(
  types: ExpressionTypes,
  expression: XmlElement,
  of: (value: XmlElement) => TlaType,
): RecordType {
  const fields = types.syntax.operands(expression).map((pair) => {
    return [childText(types.first(pair), 'StringValue'), of(types.second(pair))] as const;
  });
  return { kind: 'record', fields: Object.fromEntries(fields) };
}

function select(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const name = childText(types.second(expression), 'StringValue');
  return fieldOf(types, expression, types.of(types.first(expression), scope), name);
}

/** Of a union, the field of those records that have it: TLC evaluates no other. */
function fieldOf(
  types: ExpressionTypes,
  expression: XmlElement,
  type: TlaType,
  name: string,
): TlaType {
  if (type.kind === 'union') {
    const having = type.parts.filter((each) => each.kind !== 'record' || name in each.fields);
    return joinAll(having.map((each) => fieldOf(types, expression, each, name)));
  }
  if (type.kind === 'unknown' || type.kind === 'none') return type;
  if (type.kind === 'function') return type.range;
  const field = type.kind === 'record' ? type.fields[name] : undefined;
  return field ?? types.unknown(expression, `no field ${name} is known`);
}

function domainOf(types: ExpressionTypes, expression: XmlElement, type: TlaType): TlaType {
  switch (type.kind) {
    case 'function':
      return type.domain;
    case 'sequence':
      return { kind: 'set', of: { kind: 'integer', min: 1 }, part: true };
    case 'tuple':
      return { kind: 'set', of: { kind: 'integer', min: 1, max: type.parts.length }, oneTo: true };
    case 'record':
      return setOf({ kind: 'literals', values: Object.keys(type.fields) });
    case 'unknown':
    case 'none':
      return setOf(type);
    default:
      return types.unknown(expression, `DOMAIN of a ${type.kind}`);
  }
}

/** Bounds that are spelt out are kept; those by constants differ from cfg to cfg. */
function interval(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const low = types.of(types.first(expression), scope);
  const high = types.of(types.second(expression), scope);
  const min = low.kind === 'integer' ? low.min : undefined;
  const max = high.kind === 'integer' ? high.max : undefined;
  const isFixed = low.kind === 'integer' && low.min !== undefined && low.min === low.max;
  return {
    kind: 'set',
    of: {
      kind: 'integer',
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
    },
    ...(isFixed && { oneTo: low.min === 1 }),
  };
}

function itemOf(type: TlaType): TlaType {
  if (type.kind === 'sequence') return type.of;
  if (type.kind === 'tuple') return type.parts[0] ?? noType;
  if (type.kind === 'union') return joinAll(type.parts.map(itemOf));
  return type;
}

function sequence(
  types: ExpressionTypes,
  expression: XmlElement,
  scope: Scope,
  added: TlaType,
): TlaType {
  const of = types.of(types.first(expression), scope);
  return join(asSequence(of), { kind: 'sequence', of: added });
}

function asSequence(type: TlaType): TlaType {
  if (type.kind === 'tuple') return { kind: 'sequence', of: joinAll(type.parts) };
  if (type.kind === 'union') return joinAll(type.parts.map(asSequence));
  return type;
}
