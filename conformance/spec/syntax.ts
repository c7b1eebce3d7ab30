// The semantic graph SANY exports, as far as this toolkit needs it: definitions by number, expressions, places.

import type { TlcLocation } from '../tlc/result.ts';
import { child, childText, type XmlElement } from './xml.ts';

export interface Span {
  readonly module: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** 0 constant, 1 state, 2 action, 3 temporal. */
export type Level = 0 | 1 | 2 | 3;

export interface Definition {
  readonly id: string;
  readonly kind: 'operator' | 'builtin' | 'constant' | 'variable' | 'parameter' | 'other';
  readonly name: string;
  readonly arity: number;
  readonly level: Level;
  readonly span: Span;
  readonly params: readonly string[];
  readonly isLocal: boolean;
  readonly body: XmlElement | undefined;
}

export interface Binder {
  readonly names: readonly string[];
  /** `<<a, b>> \in S` rather than `a, b \in S`. */
  readonly isTuple: boolean;
  readonly domain: XmlElement;
}

const noSpan: Span = { module: '', line: 0, column: 0, endLine: 0, endColumn: 0 };

export function spanOf(element: XmlElement): Span {
  const location = child(element, 'location');
  const column = location && child(location, 'column');
  const line = location && child(location, 'line');
  if (!location || !column || !line) return noSpan;
  return {
    module: childText(location, 'filename'),
    line: Number(childText(line, 'begin')),
    column: Number(childText(column, 'begin')),
    endLine: Number(childText(line, 'end')),
    endColumn: Number(childText(column, 'end')),
  };
}

export function placeOf(span: Span): TlcLocation {
  return { file: `${span.module}.tla`, line: span.line, column: span.column };
}

export function levelOf(element: XmlElement): Level {
  return Number(childText(element, 'level') || '0') as Level;
}

function kindOf(element: XmlElement): Definition['kind'] {
  switch (element.name) {
    case 'UserDefinedOpKind':
      return 'operator';
    case 'BuiltInKind':
      return 'builtin';
    case 'FormalParamNode':
      return 'parameter';
    case 'OpDeclNode':
      // SANY's numbers of kinds: 2 a constant, 3 a variable.
      return childText(element, 'kind') === '3' ? 'variable' : 'constant';
    default:
      return 'other';
  }
}

export class SpecSyntax {
  readonly root: string;
  readonly #definitions = new Map<string, Definition>();
  /** What is visible in the root module, in the order SANY gives. */
  readonly visible: readonly Definition[];
  readonly modules: readonly string[];

  constructor(xml: XmlElement) {
    this.root = childText(xml, 'RootModule');
    const context = child(xml, 'context');
    const modules = new Map<string, XmlElement>();
    for (const entry of context?.children ?? []) {
      const id = childText(entry, 'UID');
      const element = entry.children.find((each) => each.name !== 'UID');
      if (!element) continue;
      if (element.name === 'ModuleNode') modules.set(childText(element, 'uniquename'), element);
      else this.#definitions.set(id, this.#define(id, element));
    }
    this.modules = [...modules.keys()];
    this.visible = (modules.get(this.root)?.children ?? [])
      .filter((each) => each.name === 'OpDeclNodeRef' || each.name === 'UserDefinedOpKindRef')
      .map((each) => this.#definitions.get(childText(each, 'UID')))
      .filter((each) => each !== undefined);
  }

  #define(id: string, element: XmlElement): Definition {
    const params = (child(element, 'params')?.children ?? []).map((each) => {
      const reference = child(each, 'FormalParamNodeRef');
      return reference ? childText(reference, 'UID') : '';
    });
    return {
      id,
      kind: kindOf(element),
      name: childText(element, 'uniquename'),
      arity: Number(childText(element, 'arity') || '0'),
      level: levelOf(element),
      span: spanOf(element),
      params,
      isLocal: child(element, 'local') !== undefined,
      body: child(element, 'body')?.children[0],
    };
  }

  definition(id: string): Definition | undefined {
    return this.#definitions.get(id);
  }

  /** The names of an operator's parameters, in order. */
  parameters(definition: Definition): string[] {
    return definition.params.map((id) => this.#definitions.get(id)?.name ?? '');
  }

  named(name: string): Definition | undefined {
    return this.visible.find((each) => each.name === name);
  }

  /** What an application applies; undefined for numbers, strings, LET, labels. */
  operator(expression: XmlElement): Definition | undefined {
    const reference = child(expression, 'operator')?.children[0];
    return reference && this.#definitions.get(childText(reference, 'UID'));
  }

  operands(expression: XmlElement): readonly XmlElement[] {
    return child(expression, 'operands')?.children ?? [];
  }

  /** The bounds of a quantifier; undefined where it has none. */
  binders(expression: XmlElement): Binder[] | undefined {
    const bounds = (child(expression, 'boundSymbols')?.children ?? []).filter(
      (each) => each.name === 'bound',
    );
    const binders = bounds.map((bound): Binder | undefined => {
      const names = bound.children
        .filter((each) => each.name === 'FormalParamNodeRef')
        .map((each) => this.#definitions.get(childText(each, 'UID'))?.name ?? '');
      const domain = bound.children.at(-1);
      const isTuple = child(bound, 'tuple') !== undefined;
      return domain && names.length > 0 ? { names, isTuple, domain } : undefined;
    });
    const whole = binders.filter((each) => each !== undefined);
    return whole.length > 0 && whole.length === bounds.length ? whole : undefined;
  }
}
