/**
 * Infers the type of a TLA+ expression from SANY's tree. Definitions are followed to a depth; what
 * cannot be told is `unknown`, with the place and the reason. What must hold: a type that is given
 * allows every value that the expression can have.
 */
import { childText, child, type XmlElement } from '../spec/xml.ts';
import { placeOf, spanOf, type Definition, type SpecSyntax } from '../spec/syntax.ts';
import { atType } from './exceptType.ts';
import { builtinType, standardModules, standardType } from './operatorTypes.ts';
import { join, noType, setOf, type SetType, type TlaType, unknownType } from './tlaType.ts';

/** Parameters and bound names, by SANY's numbers. */
export type Scope = ReadonlyMap<string, TlaType>;

export const emptyScope: Scope = new Map();
const depthMax = 40;

export interface Bound {
  readonly ids: readonly string[];
  readonly isTuple: boolean;
  readonly domain: XmlElement;
}

/** The names a quantifier binds, by number; unlike `binders` of the syntax, those without bounds are left out. */
export function boundsOf(expression: XmlElement): Bound[] {
  const all = child(expression, 'boundSymbols')?.children ?? [];
  return all.flatMap((bound) => {
    const ids = bound.children
      .filter((each) => each.name === 'FormalParamNodeRef')
      .map((each) => childText(each, 'UID'));
    const domain = bound.children.at(-1);
    if (bound.name !== 'bound' || !domain) return [];
    return [{ ids, isTuple: child(bound, 'tuple') !== undefined, domain }];
  });
}

export class ExpressionTypes {
  readonly syntax: SpecSyntax;
  /** What the cfg puts in the place of constants and operators. */
  readonly #given: (name: string) => TlaType | undefined;
  /** The types of variables as far as they are known. */
  readonly variables = new Map<string, TlaType>();
  readonly #values = new Map<string, TlaType>();
  #depth = 0;

  constructor(syntax: SpecSyntax, given: (name: string) => TlaType | undefined) {
    this.syntax = syntax;
    this.#given = given;
  }

  /** A reason with the place it speaks of. */
  unknown(expression: XmlElement, why: string): TlaType {
    const { file, line } = placeOf(spanOf(expression));
    return unknownType(`${file} line ${line}: ${why}`);
  }

  of(expression: XmlElement, scope: Scope): TlaType {
    if (this.#depth >= depthMax) return this.unknown(expression, 'definitions nest too deeply');
    this.#depth += 1;
    try {
      return this.#of(expression, scope);
    } finally {
      this.#depth -= 1;
    }
  }

  #of(expression: XmlElement, scope: Scope): TlaType {
    switch (expression.name) {
      case 'NumeralNode': {
        const value = Number(childText(expression, 'IntValue'));
        return { kind: 'integer', min: value, max: value };
      }
      case 'StringNode':
        return { kind: 'literals', values: [childText(expression, 'StringValue')] };
      case 'AtNode':
        return atType(this, expression, scope);
      case 'LetInNode': {
        const body = child(expression, 'body')?.children[0];
        return body ? this.of(body, scope) : this.unknown(expression, 'an empty LET');
      }
      case 'LabelNode': {
        const body = child(expression, 'body')?.children[0];
        return body ? this.of(body, scope) : this.unknown(expression, 'an empty label');
      }
      case 'OpApplNode':
        return this.#application(expression, scope);
      default:
        return this.unknown(expression, `${expression.name} is not followed`);
    }
  }

  #application(expression: XmlElement, scope: Scope): TlaType {
    const operator = this.syntax.operator(expression);
    if (!operator) return this.unknown(expression, 'an operator that is not known');
    const { name } = operator;
    switch (operator.kind) {
      case 'parameter':
        return scope.get(operator.id) ?? this.unknown(expression, `${name} is bound without a set`);
      case 'variable':
        return (
          this.variables.get(name) ?? this.unknown(expression, `the type of ${name} is not known`)
        );
      case 'constant':
        return this.#given(name) ?? this.unknown(expression, `the cfg says nothing of ${name}`);
      case 'operator':
        return this.#given(name) ?? this.#defined(expression, operator, scope);
      default:
        return builtinType(this, expression, operator, scope);
    }
  }

  #defined(expression: XmlElement, operator: Definition, scope: Scope): TlaType {
    if (standardModules.has(operator.span.module)) {
      return standardType(this, expression, operator, scope);
    }
    if (!operator.body) return this.unknown(expression, `${operator.name} has no definition`);
    const inner = this.inside(expression, operator, scope);
    // A constant without parameters has one type wherever it stands.
    const isFixed = operator.arity === 0 && operator.level === 0 && scope.size === 0;
    const known = isFixed ? this.#values.get(operator.id) : undefined;
    if (known) return known;
    const type = this.of(operator.body, inner);
    if (isFixed) this.#values.set(operator.id, type);
    return type;
  }

  /** The scope of an operator's body: what is around a LET, and the parameters of this application. */
  inside(expression: XmlElement, operator: Definition, scope: Scope): Scope {
    if (operator.params.length === 0) return scope;
    const operands = this.syntax.operands(expression);
    const inner = new Map(scope);
    for (const [at, id] of operator.params.entries()) {
      const operand = operands[at];
      if (operand) inner.set(id, this.of(operand, scope));
    }
    return inner;
  }

  /** The scope under the bound names of a quantifier, a CHOOSE, a function. */
  bind(expression: XmlElement, scope: Scope): Scope {
    const inner = new Map(scope);
    for (const { ids, isTuple, domain } of boundsOf(expression)) {
      const element = this.elements(domain, scope);
      for (const [at, id] of ids.entries()) {
        inner.set(id, isTuple ? partOf(element, at) : element);
      }
    }
    return inner;
  }

  /** The type of the elements of a set. */
  elements(expression: XmlElement, scope: Scope): TlaType {
    const set = this.set(expression, scope);
    return set.of;
  }

  /** A set; of unknown elements where the expression is none that can be read. */
  set(expression: XmlElement, scope: Scope): SetType {
    const type = this.of(expression, scope);
    if (type.kind === 'set') return type;
    if (type.kind === 'none') return setOf(noType);
    if (type.kind === 'unknown') return setOf(type);
    return setOf(this.unknown(expression, `a set is needed here, not a ${type.kind}`));
  }

  first(expression: XmlElement): XmlElement {
    return this.syntax.operands(expression)[0] ?? expression;
  }

  second(expression: XmlElement): XmlElement {
    return this.syntax.operands(expression)[1] ?? expression;
  }
}

/** The component of a tuple, or what any element of a sequence is. */
export function partOf(type: TlaType, at: number): TlaType {
  switch (type.kind) {
    case 'tuple':
      return type.parts[at] ?? noType;
    case 'sequence':
      return type.of;
    case 'function':
      return type.range;
    case 'union':
      return type.parts.map((each) => partOf(each, at)).reduce(join, noType);
    case 'unknown':
      return type;
    case 'none':
      return type;
    default:
      return unknownType(`a ${type.kind} is no tuple`);
  }
}
