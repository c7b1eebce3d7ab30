// The actions of a next-state relation: its disjuncts, flattened. What must hold: each action is a named operator
// applied to constant arguments, and together they are Next; anything else is refused, because TLC would label its
// steps with another name (measured) and replay could not tell them apart.

import type { TlcLocation } from '../tlc/result.ts';
import { SpecError, type SpecErrorCode } from './specError.ts';
import type { TextAt } from './sourceText.ts';
import { levelOf, placeOf, spanOf, type Definition, type SpecSyntax } from './syntax.ts';
import type { XmlElement } from './xml.ts';

export interface SpecAction {
  readonly name: string;
  /** The operator's own parameter names. */
  readonly params: readonly string[];
  /** For each parameter the set its quantifier ranges over, as TLA+ text; '' where the argument is an expression. */
  readonly domains: readonly string[];
  readonly location: TlcLocation;
}

/** One disjunct of Next: quantifiers, then an action applied to expressions over the bound names. */
export interface Disjunct {
  readonly action: string;
  readonly params: readonly string[];
  /** `b \in Ballots`, in TLA+ text, outermost first. */
  readonly binders: readonly {
    readonly names: readonly string[];
    readonly text: string;
    readonly domain: string;
  }[];
  readonly args: readonly string[];
  readonly location: TlcLocation;
}

const flat =
  'Keep Next flat: each disjunct \\E p \\in <constant set> : Action(p). What depends on the state is quantified inside the action.';

export function refuse(
  code: SpecErrorCode,
  message: string,
  location: TlcLocation,
  next = flat,
): never {
  throw new SpecError(code, message, next, location);
}

type Binders = Disjunct['binders'];

export class NextReader {
  readonly #syntax: SpecSyntax;
  readonly #text: TextAt;
  readonly #replaced: ReadonlySet<string>;
  readonly #found: Disjunct[] = [];

  /** `replaced`: what the cfg overrides with `<-`. */
  constructor(syntax: SpecSyntax, text: TextAt, replaced: ReadonlySet<string>) {
    this.#syntax = syntax;
    this.#text = text;
    this.#replaced = replaced;
  }

  read(next: Definition): readonly Disjunct[] {
    this.#refuseReplaced(next);
    if (next.body) this.#expression(next.body, [], next.name);
    if (this.#found.length === 0) {
      refuse('no-actions', `${next.name} has no action at all`, placeOf(next.span));
    }
    return this.#found;
  }

  #refuseReplaced(definition: Definition): void {
    if (!this.#replaced.has(definition.name)) return;
    refuse(
      'overridden-action',
      `the cfg replaces ${definition.name}: TLC would label its steps by the other name`,
      placeOf(definition.span),
      'Replace constants only, or change the spec.',
    );
  }

  #expression(expression: XmlElement, binders: Binders, owner: string): void {
    const location = placeOf(spanOf(expression));
    const operator = this.#syntax.operator(expression);
    if (!operator) {
      refuse('unnamed-action', `a disjunct of ${owner} is no named action`, location);
    } else if (operator.name === '$DisjList' || operator.name === '\\lor') {
      for (const each of this.#syntax.operands(expression)) this.#expression(each, binders, owner);
    } else if (operator.name === '$BoundedExists') {
      this.#exists(expression, binders, owner);
    } else if (operator.kind !== 'operator') {
      const message = `a disjunct of ${owner} is no named action: TLC would label its steps ${owner}`;
      refuse('unnamed-action', message, location);
    } else if (operator.arity === 0 && operator.body && this.#isGroup(operator.body)) {
      this.#refuseReplaced(operator);
      this.#expression(operator.body, binders, operator.name);
    } else {
      this.#leaf(expression, operator, binders);
    }
  }

  /** An operator that only groups named actions, as in `ClientStep == Put \/ Get`. */
  #isGroup(body: XmlElement): boolean {
    const operator = this.#syntax.operator(body);
    if (operator?.name !== '$DisjList' && operator?.name !== '\\lor') return false;
    return this.#syntax.operands(body).every((each) => this.#isNamed(each));
  }

  #isNamed(expression: XmlElement): boolean {
    const operator = this.#syntax.operator(expression);
    if (!operator) return false;
    if (operator.kind === 'operator') return operator.level === 2;
    const through = ['$DisjList', '\\lor', '$BoundedExists'].includes(operator.name);
    return through && this.#syntax.operands(expression).every((each) => this.#isNamed(each));
  }

  #exists(expression: XmlElement, outer: Binders, owner: string): void {
    const binders = this.#syntax.binders(expression);
    const location = placeOf(spanOf(expression));
    if (!binders) {
      return refuse('unnamed-action', `${owner} quantifies without a set`, location);
    }
    const inner = binders.map(({ names, isTuple, domain }) => {
      const text = this.#text(spanOf(domain));
      if (levelOf(domain) > 0) {
        const message = `${owner} quantifies over ${text.trim()}, which depends on the state: TLC would label these steps ${owner}`;
        refuse('state-dependent', message, placeOf(spanOf(domain)));
      }
      const bound = isTuple ? `<<${names.join(', ')}>>` : names.join(', ');
      return { names, text: `${bound} \\in ${text}`, domain: text.trim() };
    });
    for (const each of this.#syntax.operands(expression)) {
      this.#expression(each, [...outer, ...inner], owner);
    }
  }

  #leaf(expression: XmlElement, operator: Definition, binders: Binders): void {
    const location = placeOf(spanOf(expression));
    this.#refuseReplaced(operator);
    if (operator.name.includes('!')) {
      const message = `${operator.name} comes from an INSTANCE: TLC labels its steps by the instance`;
      refuse('instanced-action', message, location, 'EXTEND the module instead.');
    }
    if (operator.isLocal) {
      const message = `${operator.name} is LOCAL to its module and cannot be called from another`;
      refuse('unnamed-action', message, location, 'Remove LOCAL.');
    }
    const args = this.#syntax.operands(expression).map((each) => {
      const text = this.#text(spanOf(each));
      if (levelOf(each) > 0) {
        const message = `${operator.name} is given ${text.trim()}, which depends on the state`;
        refuse('state-dependent', message, placeOf(spanOf(each)));
      }
      return text;
    });
    const params = this.#syntax.parameters(operator);
    this.#found.push({ action: operator.name, params, binders, args, location });
  }
}

/** The actions by name, in the order of Next, their parameters and domains. */
export function actionsOf(disjuncts: readonly Disjunct[]): SpecAction[] {
  const actions = new Map<string, SpecAction>();
  for (const { action, params, binders, args, location } of disjuncts) {
    const domains = args.map(
      (arg) => binders.findLast(({ names }) => names.includes(arg.trim()))?.domain ?? '',
    );
    if (!actions.has(action)) actions.set(action, { name: action, params, domains, location });
  }
  return [...actions.values()];
}
