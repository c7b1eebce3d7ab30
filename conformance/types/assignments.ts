/**
 * Every place where Init or an action says what a variable is: `v = e`, `v \in S`, `v' = e`.
 * Operators are followed, with their parameters, as deeply as they nest.
 */
import { levelOf, placeOf, spanOf, type Definition } from '../spec/syntax.ts';
import { child, type XmlElement } from '../spec/xml.ts';
import { emptyScope, type ExpressionTypes, type Scope } from './expressionType.ts';

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
  /** Why there may be others. */
  opaque?: string;
}

export interface Assignments {
  readonly found: readonly Assignment[];
  /** Why these may not be all. */
  readonly opaque?: string;
}

export function assignments(
  types: ExpressionTypes,
  { init, next }: { init: Definition | undefined; next: Definition | undefined },
): Assignments {
  const found: Assignment[] = [];
  const begin = (): Scope => emptyScope;
  const first: Walk = { types, primed: false, found };
  const second: Walk = { types, primed: true, found };
  if (init?.body) walk(first, init.body, begin, 0);
  if (next?.body) walk(second, next.body, begin, 0);
  const opaque = first.opaque ?? second.opaque;
  return { found, ...(opaque !== undefined && { opaque }) };
}

function giveUp(w: Walk, expression: XmlElement, why: string): void {
  const { file, line } = placeOf(spanOf(expression));
  w.opaque ??= `${file} line ${line}: ${why}`;
}

function walk(w: Walk, expression: XmlElement, scope: () => Scope, depth: number): void {
  if (depth > depthMax) return giveUp(w, expression, 'definitions nest too deeply');
  if (expression.name === 'LetInNode' || expression.name === 'LabelNode') {
    const body = child(expression, 'body')?.children[0];
    if (body) walk(w, body, scope, depth + 1);
    return;
  }
  const { types } = w;
  const { syntax } = types;
  const operator = syntax.operator(expression);
  if (!operator) {
    const isPlain = levelOf(expression) < (w.primed ? 2 : 1);
    return isPlain ? undefined : giveUp(w, expression, `${expression.name} is not followed`);
  }
  if (assigns(w, expression, operator.name, scope)) return;
  if (operator.kind === 'operator') {
    const needed = w.primed ? operator.level === 2 : operator.level === 1;
    if (!needed) return;
    if (!operator.body) return giveUp(w, expression, `${operator.name} has no definition`);
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
