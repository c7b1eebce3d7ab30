// What a cfg says the behaviours are: the initial predicate, the next-state relation, and the fairness beside them.

import type { Cfg } from './cfg.ts';
import { SpecError } from './specError.ts';
import type { TextAt } from './sourceText.ts';
import { levelOf, placeOf, spanOf, type Definition, type SpecSyntax } from './syntax.ts';
import type { XmlElement } from './xml.ts';

export interface BehaviourSpec {
  readonly init: string;
  readonly next: Definition;
  /** The subscript of [][Next]_vars, as TLA+ text; absent where the cfg names INIT and NEXT. */
  readonly subscript?: string;
  /** The other conjuncts of the specification, as TLA+ text. */
  readonly fairness: readonly string[];
}

const oneForm =
  'Write it as Spec == Init /\\ [][Next]_vars /\\ fairness, Init and Next being operators.';

function operatorNamed(syntax: SpecSyntax, name: string, section: string): Definition {
  const found = syntax.named(name);
  if (found) return found;
  const message = `the cfg's ${section} names ${name}, which ${syntax.root} does not define`;
  throw new SpecError('unknown-operator', message, 'Correct the name in the cfg.');
}

interface Parts {
  init: string | undefined;
  next: Definition | undefined;
  subscript: string | undefined;
  fairness: string[];
}

function conjuncts(syntax: SpecSyntax, expression: XmlElement): XmlElement[] {
  const operator = syntax.operator(expression);
  if (operator?.name === '$ConjList' || operator?.name === '\\land') {
    return syntax.operands(expression).flatMap((each) => conjuncts(syntax, each));
  }
  // `FairSpec == Spec /\ Fairness`: look into a temporal operator that holds a [][Next]_vars.
  const isTemporal = operator?.kind === 'operator' && operator.level === 3 && operator.arity === 0;
  if (isTemporal && operator.body && holdsBox(syntax, operator.body)) {
    return conjuncts(syntax, operator.body);
  }
  return [expression];
}

/** The `[Next]_vars` of a `[][Next]_vars`. */
function boxOf(syntax: SpecSyntax, expression: XmlElement): XmlElement | undefined {
  if (syntax.operator(expression)?.name !== '[]') return undefined;
  const inner = syntax.operands(expression)[0];
  return inner && syntax.operator(inner)?.name === '$SquareAct' ? inner : undefined;
}

function holdsBox(syntax: SpecSyntax, expression: XmlElement): boolean {
  return conjuncts(syntax, expression).some((each) => boxOf(syntax, each) !== undefined);
}

function takeConjunct(syntax: SpecSyntax, text: TextAt, each: XmlElement, parts: Parts): boolean {
  const box = boxOf(syntax, each);
  if (box) {
    const [action, subscript] = syntax.operands(box);
    parts.next ??= action && syntax.operator(action);
    parts.subscript ??= subscript && text(spanOf(subscript));
    return parts.next?.kind === 'operator';
  }
  if (levelOf(each) >= 2) {
    parts.fairness.push(text(spanOf(each)));
    return true;
  }
  const operator = syntax.operator(each);
  if (operator?.kind !== 'operator' || parts.init !== undefined) return false;
  parts.init = operator.name;
  return true;
}

export function behaviourSpec(syntax: SpecSyntax, text: TextAt, cfg: Cfg): BehaviourSpec {
  if (cfg.specification === undefined) {
    if (cfg.init === undefined || cfg.next === undefined) {
      const message = 'the cfg names neither a SPECIFICATION nor INIT and NEXT';
      throw new SpecError('config', message, 'Add a SPECIFICATION line.');
    }
    const init = operatorNamed(syntax, cfg.init, 'INIT').name;
    return { init, next: operatorNamed(syntax, cfg.next, 'NEXT'), fairness: [] };
  }
  const spec = operatorNamed(syntax, cfg.specification, 'SPECIFICATION');
  const parts: Parts = { init: undefined, next: undefined, subscript: undefined, fairness: [] };
  const whole = spec.body ? conjuncts(syntax, spec.body) : [];
  for (const each of whole) {
    if (takeConjunct(syntax, text, each, parts)) continue;
    const message = `this conjunct of ${spec.name} is not understood`;
    throw new SpecError('config', message, oneForm, placeOf(spanOf(each)));
  }
  const { init, next, subscript, fairness } = parts;
  if (init === undefined || next === undefined) {
    const message = `${spec.name} has no ${init === undefined ? 'initial predicate' : '[][Next]_vars'}`;
    throw new SpecError('config', message, oneForm, placeOf(spec.span));
  }
  return { init, next, fairness, ...(subscript === undefined ? {} : { subscript }) };
}
