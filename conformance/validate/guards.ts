/**
 * An action's definition as growing beginnings of itself: `A1`, `A1 /\ A2`, …, also inside its
 * quantifiers and LETs. The first beginning that is not ENABLED ends in the guard that is false.
 * What must hold: each beginning is made of the spec's own text, so it means what the spec means,
 * and no conjunct is evaluated unless those before it are true.
 */
import { loadSyntax, contentKey } from '../spec/loadSpec.ts';
import type { SpecSource } from '../spec/sany.ts';
import { readSources, type TextAt } from '../spec/sourceText.ts';
import { placeOf, spanOf, type SpecSyntax } from '../spec/syntax.ts';
import { child, type XmlElement } from '../spec/xml.ts';
import type { TlcLocation } from '../tlc/result.ts';

export interface Guard {
  /** What stands last in it, as the spec writes it, on one line. */
  readonly text: string;
  readonly location: TlcLocation;
  /** The beginning up to it, as TLA+ text over the action's parameters. */
  readonly formula: string;
}

/** An action of hundreds of conjuncts would make a module too large to be worth it. */
const guardsMax = 80;
const textCharsMax = 200;

export class GuardReader {
  readonly #syntax: SpecSyntax;
  readonly #text: TextAt;

  constructor(syntax: SpecSyntax, text: TextAt) {
    this.#syntax = syntax;
    this.#text = text;
  }

  static async of(o: SpecSource): Promise<GuardReader> {
    const syntax = await loadSyntax(o, await contentKey(o));
    return new GuardReader(syntax, await readSources({ ...o, names: syntax.modules }));
  }

  /** In the order of the definition; empty where it cannot be taken apart. */
  guardsOf(action: string): readonly Guard[] {
    const body = this.#syntax.named(action)?.body;
    return body === undefined ? [] : this.#beginnings(body).slice(0, guardsMax);
  }

  #whole(expression: XmlElement): string {
    return `(${this.#text(spanOf(expression))})`;
  }

  #shown(expression: XmlElement): string {
    const text = this.#text(spanOf(expression)).replace(/\s+/g, ' ').trim();
    return text.length > textCharsMax ? `${text.slice(0, textCharsMax - 1)}…` : text;
  }

  #beginnings(expression: XmlElement): Guard[] {
    if (expression.name === 'LetInNode') return this.#let(expression);
    const operator = this.#syntax.operator(expression)?.name;
    if (operator === '$ConjList' || operator === '\\land') return this.#conjuncts(expression);
    if (operator === '$BoundedExists') return this.#exists(expression);
    const location = placeOf(spanOf(expression));
    return [{ text: this.#shown(expression), location, formula: this.#whole(expression) }];
  }

  #conjuncts(expression: XmlElement): Guard[] {
    const found: Guard[] = [];
    let before = '';
    for (const each of this.#syntax.operands(expression)) {
      for (const guard of this.#beginnings(each)) {
        found.push({ ...guard, formula: `${before}${guard.formula}` });
      }
      before += `${this.#whole(each)}\n/\\ `;
    }
    return found;
  }

  #exists(expression: XmlElement): Guard[] {
    const [body] = this.#syntax.operands(expression);
    const binders = this.#syntax.binders(expression);
    const location = placeOf(spanOf(expression));
    if (body === undefined || binders === undefined) {
      return [{ text: this.#shown(expression), location, formula: this.#whole(expression) }];
    }
    const quantifiers = binders.map(({ names, isTuple, domain }) => {
      const bound = isTuple ? `<<${names.join(', ')}>>` : names.join(', ');
      return `\\E ${bound} \\in ${this.#whole(domain)} :\n`;
    });
    const opening = quantifiers.join('');
    const text = `${this.#shown(expression).split(' :')[0] ?? ''} : TRUE`;
    return [
      { text, location, formula: `(${opening} TRUE)` },
      ...this.#beginnings(body).map((guard) => ({
        ...guard,
        formula: `(${opening} (${guard.formula}))`,
      })),
    ];
  }

  #let(expression: XmlElement): Guard[] {
    const body = child(expression, 'body')?.children[0];
    if (body === undefined) return [];
    const [outer, inner] = [spanOf(expression), spanOf(body)];
    const opening = this.#text({ ...outer, endLine: inner.line, endColumn: inner.column - 1 });
    return this.#beginnings(body).map((guard) => ({
      ...guard,
      formula: `(${opening}\n (${guard.formula}))`,
    }));
  }
}
