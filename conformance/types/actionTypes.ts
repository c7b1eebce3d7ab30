/**
 * The actions of Next and the types of their arguments: what the quantifiers around them range over.
 */
import type { Definition } from '../spec/syntax.ts';
import type { XmlElement } from '../spec/xml.ts';
import { emptyScope, type ExpressionTypes, type Scope } from './expressionType.ts';
import { join, type TlaType } from './tlaType.ts';

export interface ActionType {
  readonly name: string;
  readonly args: Readonly<Record<string, TlaType>>;
}

const through = new Set(['$DisjList', '\\lor']);

export function actionTypes(types: ExpressionTypes, next: Definition): ActionType[] {
  const found = new Map<string, Record<string, TlaType>>();
  if (next.body) walk(types, next.body, emptyScope, found);
  return [...found].map(([name, args]) => ({ name, args }));
}

function walk(
  types: ExpressionTypes,
  expression: XmlElement,
  scope: Scope,
  found: Map<string, Record<string, TlaType>>,
): void {
  const { syntax } = types;
  const operator = syntax.operator(expression);
  if (!operator) return;
  if (through.has(operator.name)) {
    for (const each of syntax.operands(expression)) walk(types, each, scope, found);
  } else if (operator.name === '$BoundedExists') {
    walk(types, types.first(expression), types.bind(expression, scope), found);
  } else if (operator.kind === 'operator') {
    if (operator.body && operator.arity === 0 && isGroup(types, operator.body)) {
      walk(types, operator.body, scope, found);
    } else add(types, expression, operator, scope, found);
  }
}

/** An operator that only groups named actions is none itself, as in the flattened Next. */
function isGroup(types: ExpressionTypes, body: XmlElement): boolean {
  const operator = types.syntax.operator(body);
  if (!operator || !through.has(operator.name)) return false;
  return types.syntax.operands(body).every((each) => isNamed(types, each));
}

function isNamed(types: ExpressionTypes, expression: XmlElement): boolean {
  const operator = types.syntax.operator(expression);
  if (!operator) return false;
  if (operator.kind === 'operator') return operator.level === 2;
  const looks = through.has(operator.name) || operator.name === '$BoundedExists';
  return looks && types.syntax.operands(expression).every((each) => isNamed(types, each));
}

function add(
  types: ExpressionTypes,
  expression: XmlElement,
  operator: Definition,
  scope: Scope,
  found: Map<string, Record<string, TlaType>>,
): void {
  const args = found.get(operator.name) ?? {};
  const operands = types.syntax.operands(expression);
  for (const [at, name] of types.syntax.parameters(operator).entries()) {
    const operand = operands[at];
    if (!operand) continue;
    const type = types.of(operand, scope);
    args[name] = name in args ? join(args[name]!, type) : type;
  }
  found.set(operator.name, args);
}
