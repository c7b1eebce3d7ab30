/**
 * The types of a spec's variables: as its type invariant says, else as Init and the actions assign
 * them. What must hold: a variable whose type is not known says why.
 */
import type { Definition, SpecSyntax } from '../spec/syntax.ts';
import type { XmlElement } from '../spec/xml.ts';
import { assignments, type Assignments } from './assignments.ts';
import { emptyScope, type ExpressionTypes, type Scope } from './expressionType.ts';
import { areEqual, join, noType, type TlaType, unknownType, whyUnknown } from './tlaType.ts';

export interface VariableType {
  readonly name: string;
  readonly type: TlaType;
  /** Where it comes from: the invariant's name, or how else it was found. */
  readonly from: string;
}

const typeNames = /^Type(s?OK|Ok|Inv|Invariant|Correct|Correctness)$/;
const conjunctions = new Set(['$ConjList', '\\land']);

/** The type invariants: by their usual name, and what the cfg checks besides. */
function typeInvariants(syntax: SpecSyntax, invariants: readonly string[]): Definition[] {
  const named = syntax.visible.filter(
    ({ kind, name, arity }) => kind === 'operator' && arity === 0 && typeNames.test(name),
  );
  const checked = invariants.flatMap((name) => syntax.named(name) ?? []);
  return [...new Set([...named, ...checked])];
}

/** By variable: what `v \in S` and `v \subseteq S` in these conjuncts say. */
function declaredTypes(
  types: ExpressionTypes,
  expression: XmlElement,
  scope: Scope,
  found: Map<string, TlaType>,
): void {
  const { syntax } = types;
  const operator = syntax.operator(expression);
  if (!operator) return;
  if (conjunctions.has(operator.name)) {
    for (const each of syntax.operands(expression)) declaredTypes(types, each, scope, found);
  } else if (operator.kind === 'operator' && operator.level === 1 && operator.body) {
    declaredTypes(types, operator.body, types.inside(expression, operator, scope), found);
  } else if (operator.name === '\\in' || operator.name === '\\subseteq') {
    const variable = syntax.operator(types.first(expression));
    if (variable?.kind !== 'variable' || found.has(variable.name)) return;
    const of = types.set(types.second(expression), scope);
    found.set(variable.name, operator.name === '\\in' ? of.of : { ...of, part: true });
  }
}

const roundsMax = 30;

/** Joins what is assigned to each variable until nothing changes. */
function assignedTypes(
  types: ExpressionTypes,
  names: readonly string[],
  { found, opaque }: Assignments,
): void {
  for (const name of names) types.variables.set(name, noType);
  const mine = found.filter(({ variable }) => names.includes(variable));
  let isSettled = false;
  for (let round = 0; round < roundsMax && !isSettled; round += 1) {
    isSettled = true;
    for (const { variable, expression, isMember, scope } of mine) {
      const old = types.variables.get(variable) ?? noType;
      const inner = scope();
      const type = isMember ? types.elements(expression, inner) : types.of(expression, inner);
      const joined = join(old, type);
      if (areEqual(joined, old)) continue;
      types.variables.set(variable, joined);
      isSettled = false;
    }
  }
  const why = opaque ?? (isSettled ? undefined : 'its assignments nest ever deeper');
  if (why === undefined) return;
  for (const name of names) types.variables.set(name, unknownType(why));
}

export interface Behaviour {
  readonly init: Definition | undefined;
  readonly next: Definition | undefined;
  readonly invariants: readonly string[];
}

export function variableTypes(
  types: ExpressionTypes,
  variables: readonly string[],
  { init, next, invariants }: Behaviour,
): VariableType[] {
  const from = new Map<string, string>();
  for (const invariant of typeInvariants(types.syntax, invariants)) {
    const found = new Map<string, TlaType>();
    if (invariant.body) declaredTypes(types, invariant.body, emptyScope, found);
    for (const [name, type] of found) {
      if (types.variables.has(name) || whyUnknown(type) !== undefined) continue;
      types.variables.set(name, type);
      from.set(name, invariant.name);
    }
  }
  const open = variables.filter((name) => !types.variables.has(name));
  if (open.length > 0) assignedTypes(types, open, assignments(types, { init, next }));
  return variables.map((name) => {
    const type = types.variables.get(name) ?? unknownType(`nothing assigns ${name}`);
    const known = type.kind === 'none' ? unknownType(`nothing assigns ${name}`) : type;
    return { name, type: known, from: from.get(name) ?? 'Init and the actions' };
  });
}
