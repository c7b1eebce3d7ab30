/**
 * Every place where Init or an action says what a variable is: `v = e`, `v \in S`, `v' = e`.
 * Operators are followed, with their parameters, as deeply as they nest.
 */
import type { Definition } from '../spec/syntax.ts';
import type { XmlElement } from '../spec/xml.ts';
import { emptyScope, type ExpressionTypes, type Scope } from './expressionType.ts';
import { child } from '../spec/xml.ts';

export interface Assignment {
  readonly variable: string;
  readonly expression: XmlElement;
  /** `v' \in S` rather than `v' = e`. */
  readonly isMember: boolean;
  /** Computed anew each time: it depends on the types of variables known so far. */
  readonly scope: () => Scope;
}

const depthMax = 40;

interface Walk {
  readonly types: ExpressionTypes;
  readonly primed: boolean;
  readonly found: Assignment[];
}

export function assignments(
  types: ExpressionTypes,
  { init, next }: { init: Definition | undefined; next: Definition | undefined },
): Assignment[] {
  const found: Assignment[] = [];
  const begin = (): Scope => emptyScope;
  if (init?.body) walk({ types, primed: false, found }, init.body, begin, 0);
  if (next?.body) walk({ types, primed: true, found }, next.body, begin, 0);
  return found;
}

function walk(w: Walk, expression: XmlElement, scope: () => Scope, depth: number): void {
  if (depth > depthMax) return;
  if (expression.name === 'LetInNode' || expression.name === 'LabelNode') {
    const body = child(expression, 'body')?.children[0];
    if (body) walk(w, body, scope, depth + 1);
    return;
  }
  const { types } = w;
  const { syntax } = types;
  const operator = syntax.operator(expression);
  if (!operator) return;
  if (assigns(w, expression, operator.name, scope)) return;
  if (operator.kind === 'operator') {
    const needed = w.primed ? operator.level === 2 : operator.level === 1;
    if (!needed || !operator.body) return;
    const inner = (): Scope => types.inside(expression, operator, scope());
    walk(w, operator.body, inner, depth + 1);
    return;
  }
  const inner = child(expression, 'boundSymbols')
    ? (): Scope => types.bind(expression, scope())
    : scope;
  for (const each of syntax.operands(expression)) walk(w, each, inner, depth + 1);
}

function assigns(
  { types, primed, found }: Walk,
  expression: XmlElement,
  operator: string,
  scope: () => Scope,
): boolean {
  if (operator !== '=' && operator !== '\\in') return false;
  const [left, right] = [types.first(expression), types.second(expression)];
  const target = primed ? primedOf(types, left) : left;
  const variable = target && types.syntax.operator(target);
  if (variable?.kind !== 'variable') return false;
  const isMember = operator === '\\in';
  found.push({ variable: variable.name, expression: right, isMember, scope });
  return true;
}

function primedOf(types: ExpressionTypes, expression: XmlElement): XmlElement | undefined {
  return types.syntax.operator(expression)?.name === "'" ? types.first(expression) : undefined;
}
