/**
 * Mutants of a spec: what can be changed in the actions of Next and in the operators they are made
 * of, by SANY's tree and its places. What must hold: only text that SANY names is touched, and every
 * edit changes what the piece says.
 */
import { boundsOf } from '../types/expressionType.ts';
import { levelOf, spanOf, type Definition, type SpecSyntax } from '../spec/syntax.ts';
import { child, childText, type XmlElement } from '../spec/xml.ts';
import type { Edit } from './edit.ts';

export const specOperators = [
  'drop-conjunct',
  'negate-guard',
  'drop-update',
  'comparison',
  'membership',
  'junction',
  'set-operand',
  'off-by-one',
  'swap-arguments',
] as const;

/** A module's text and the offsets at which its lines begin. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  readonly #starts: number[] = [0];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** Of a place that SANY names; undefined where there is none, or a tab makes columns unsure. */
  range(element: XmlElement): { start: number; end: number } | undefined {
    const { line, column, endLine, endColumn } = spanOf(element);
    const [first, last] = [this.#starts[line - 1], this.#starts[endLine - 1]];
    if (first === undefined || last === undefined || column < 1) return undefined;
    const [start, end] = [first + column - 1, last + endColumn];
    const lines = this.text.slice(first, end);
    return lines.includes('\t') || start >= end ? undefined : { start, end };
  }
}

interface Walk {
  readonly syntax: SpecSyntax;
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly edits: Edit[];
  readonly seen: Set<string>;
}

interface Place {
  readonly source: SourceText;
  readonly inside: string;
}

/** In an expression of TLC's that must not be evaluated: it fails there, in any module. */
const failing = '(CHOOSE bisimProbe \\in {} : TRUE)';

export function specEdits(
  syntax: SpecSyntax,
  sources: ReadonlyMap<string, SourceText>,
  next: Definition,
): Edit[] {
  const walk: Walk = { syntax, sources, edits: [], seen: new Set() };
  // Next itself only names actions.
  if (next.body) visitCalls(walk, next.body);
  return walk.edits;
}

function definition(walk: Walk, operator: Definition): void {
  if (walk.seen.has(operator.id)) return;
  walk.seen.add(operator.id);
  const source = walk.sources.get(operator.span.module);
  if (!source || !operator.body) return;
  expression(walk, operator.body, { source, inside: operator.name });
}

/** Follows names out of an expression that is itself left alone. */
function visitCalls(walk: Walk, element: XmlElement): void {
  if (element.name === 'OpApplNode') {
    const operator = walk.syntax.operator(element);
    if (operator?.kind === 'operator') definition(walk, operator);
    for (const { domain } of boundsOf(element)) visitCalls(walk, domain);
    for (const each of walk.syntax.operands(element)) visitCalls(walk, each);
    return;
  }
  for (const each of bodiesOf(walk.syntax, element)) visitCalls(walk, each);
}

/** The body of a LET; its definitions are reached by name. */
function bodiesOf(_syntax: SpecSyntax, element: XmlElement): readonly XmlElement[] {
  const isBlock = element.name === 'LetInNode' || element.name === 'LabelNode';
  return isBlock ? (child(element, 'body')?.children ?? []) : [];
}

function expression(walk: Walk, element: XmlElement, place: Place): void {
  const { syntax } = walk;
  if (element.name === 'NumeralNode') numeral(walk, element, place);
  if (element.name !== 'OpApplNode') {
    for (const each of bodiesOf(syntax, element)) expression(walk, each, place);
    return;
  }
  const operator = syntax.operator(element);
  const operands = syntax.operands(element);
  if (!operator) return;
  if (operator.kind === 'operator') definition(walk, operator);
  mutate(walk, element, operator, place);
  for (const { domain } of boundsOf(element)) expression(walk, domain, place);
  if (operator.name === 'UNCHANGED' || operator.name === '$Pair') {
    const [, value] = operands;
    if (operator.name === '$Pair' && value) pair(walk, operands, place);
    return;
  }
  for (const each of operands) expression(walk, each, place);
}

/** A field or a path is no expression; the guard of a CASE is. */
function pair(walk: Walk, [key, value]: readonly XmlElement[], place: Place): void {
  if (key && key.name !== 'StringNode') expression(walk, key, place);
  if (value) expression(walk, value, place);
}

function mutate(walk: Walk, element: XmlElement, { name, kind }: Definition, place: Place): void {
  switch (name) {
    case '$ConjList':
      return conjuncts(walk, element, place);
    case '\\land':
      conjuncts(walk, element, place);
      return between(walk, element, place, 'junction', /\/\\|\\land/, '\\/');
    case '\\lor':
      return between(walk, element, place, 'junction', /\\\/|\\lor/, '/\\');
    case '\\in':
      return between(walk, element, place, 'membership', /\\in\b/, '\\notin');
    case '\\notin':
      return between(walk, element, place, 'membership', /\\notin\b/, '\\in');
    case '<':
      return between(walk, element, place, 'comparison', /</, '<=');
    case '>':
      return between(walk, element, place, 'comparison', />/, '>=');
    case '\\leq':
      return between(walk, element, place, 'comparison', /<=|=<|\\leq/, '<');
    case '\\geq':
      return between(walk, element, place, 'comparison', />=|\\geq/, '>');
    case '/=':
      return between(walk, element, place, 'comparison', /#|\/=/, '=');
    case '=':
      if (!isUpdate(walk.syntax, element)) {
        return between(walk, element, place, 'comparison', /=/, '#');
      }
      return;
    case '\\union':
    case '\\intersect':
    case '\\':
      return firstOperand(walk, element, place);
    default:
      if (kind === 'operator') swapArguments(walk, element, place);
  }
}

const isPrimed = (syntax: SpecSyntax, element: XmlElement | undefined): boolean =>
  element !== undefined && syntax.operator(element)?.name === "'";

/** `v' = e`, and not a comparison. */
function isUpdate(syntax: SpecSyntax, element: XmlElement): boolean {
  return isPrimed(syntax, syntax.operands(element)[0]);
}

function add(
  { edits }: Walk,
  { source, inside }: Place,
  operator: string,
  piece: { start: number; end: number; replacement: string },
  probe?: { start: number; end: number; replacement: string },
): void {
  const { start, end } = piece;
  const failingHere = { start, end, replacement: failing };
  edits.push({ operator, file: source.path, inside, ...piece, probe: probe ?? failingHere });
}

/** Their own mutant is their negation. */
const oppositeKnown = new Set(['=', '/=', '\\in', '\\notin']);

function conjuncts(walk: Walk, element: XmlElement, place: Place): void {
  const { syntax } = walk;
  for (const each of syntax.operands(element)) {
    const range = place.source.range(each);
    const operator = syntax.operator(each);
    if (!range || operator?.name === 'TRUE') continue;
    if (levelOf(each) < 2) {
      add(walk, place, 'drop-conjunct', { ...range, replacement: 'TRUE' });
      if (oppositeKnown.has(operator?.name ?? '')) continue;
      const text = place.source.text.slice(range.start, range.end);
      add(walk, place, 'negate-guard', { ...range, replacement: `~(${shifted(text, 2)})` });
    } else if (operator?.name === '=' && isUpdate(syntax, each)) {
      dropUpdate(walk, each, place);
    }
  }
}

/** Columns matter in TLA+: what stood below a junction's first bullet must go on doing so. */
function shifted(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`);
}

function dropUpdate(walk: Walk, element: XmlElement, place: Place): void {
  const [target, value] = walk.syntax.operands(element);
  const variable = target && walk.syntax.operands(target)[0];
  const [at, of] = [value && place.source.range(value), variable && place.source.range(variable)];
  if (!at || !of) return;
  const name = place.source.text.slice(of.start, of.end);
  add(walk, place, 'drop-update', { ...at, replacement: name });
}

/** Replaces the symbol that stands between two operands. */
function between(
  walk: Walk,
  element: XmlElement,
  place: Place,
  operator: string,
  symbol: RegExp,
  replacement: string,
): void {
  const [a, b] = walk.syntax.operands(element).map((each) => place.source.range(each));
  const whole = place.source.range(element);
  if (!a || !b || !whole || a.end > b.start) return;
  const gap = place.source.text.slice(a.end, b.start);
  const found = symbol.exec(gap);
  if (!found || gap.includes('\\*') || gap.includes('(*')) return;
  const start = a.end + found.index;
  const piece = { start, end: start + found[0].length, replacement };
  add(walk, place, operator, piece, { ...whole, replacement: failing });
}

function firstOperand(walk: Walk, element: XmlElement, place: Place): void {
  const [a] = walk.syntax.operands(element).map((each) => place.source.range(each));
  const whole = place.source.range(element);
  if (!a || !whole || a.end >= whole.end) return;
  const piece = { start: a.end, end: whole.end, replacement: '' };
  add(walk, place, 'set-operand', piece, { ...whole, replacement: failing });
}

function numeral(walk: Walk, element: XmlElement, place: Place): void {
  const range = place.source.range(element);
  const value = Number(childText(element, 'IntValue'));
  if (range) add(walk, place, 'off-by-one', { ...range, replacement: String(value + 1) });
}

function swapArguments(walk: Walk, element: XmlElement, place: Place): void {
  const ranges = walk.syntax.operands(element).map((each) => place.source.range(each));
  const whole = place.source.range(element);
  for (const [at, a] of ranges.entries()) {
    const b = ranges[at + 1];
    if (!a || !b || !whole || a.end > b.start) continue;
    const { text } = place.source;
    const [left, gap, right] = [
      text.slice(a.start, a.end),
      text.slice(a.end, b.start),
      text.slice(b.start, b.end),
    ];
    // Names alone: other expressions seldom are of one kind, and then fail at once.
    if (!/^\w+$/.test(left) || !/^\w+$/.test(right) || !/^\s*,\s*$/.test(gap)) continue;
    const piece = { start: a.start, end: b.end, replacement: right + gap + left };
    add(walk, place, 'swap-arguments', piece, { ...whole, replacement: failing });
  }
}
