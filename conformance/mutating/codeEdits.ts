/**
 * Mutants of code, from the syntax tree of the user's own TypeScript. Types, imports, assertions and
 * what is thrown are left alone: they decide nothing that replay could see.
 */
import type { Edit } from './edit.ts';
import type { SyntaxNode, TypescriptParser } from './typescriptParser.ts';

export const codeOperators = [
  'negate-condition',
  'skip-guard',
  'comparison',
  'logic',
  'arithmetic',
  'off-by-one',
  'return-undefined',
  'drop-property',
  'drop-statement',
  'empty-array',
  'drop-else',
  'min-max',
] as const;

const failing = '(() => { throw new Error("bisim: reached"); })()';
const failingStatement = 'throw new Error("bisim: reached");';

interface Reading {
  readonly ts: TypescriptParser;
  readonly source: SyntaxNode;
  readonly file: string;
  readonly text: string;
  readonly edits: Edit[];
}

const symbols: Readonly<Record<string, readonly [operator: string, to: string]>> = {
  '<': ['comparison', '<='],
  '<=': ['comparison', '<'],
  '>': ['comparison', '>='],
  '>=': ['comparison', '>'],
  '===': ['comparison', '!=='],
  '!==': ['comparison', '==='],
  '==': ['comparison', '!='],
  '!=': ['comparison', '=='],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
  '??': ['logic', '&&'],
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '+'],
};

export function codeEdits(ts: TypescriptParser, file: string, text: string): Edit[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const reading: Reading = { ts, source, file, text, edits: [] };
  visit(reading, source, '');
  return reading.edits;
}

function visit(r: Reading, node: SyntaxNode, inside: string): void {
  const { SyntaxKind: kinds } = r.ts;
  const { kind } = node;
  const isType = kind >= kinds['FirstTypeNode']! && kind <= kinds['LastTypeNode']!;
  const passedOver = [
    kinds['InterfaceDeclaration'],
    kinds['TypeAliasDeclaration'],
    kinds['ImportDeclaration'],
    kinds['ExportDeclaration'],
    kinds['ThrowStatement'],
  ];
  if (isType || passedOver.includes(kind) || isAssertion(r, node)) return;
  const name = nameOf(r, node) ?? inside;
  mutate(r, node, name);
  r.ts.forEachChild(node, (each) => visit(r, each, name));
}

/** An assertion guards against callers' mistakes: the model makes none. */
function isAssertion(r: Reading, node: SyntaxNode): boolean {
  const call = node.kind === r.ts.SyntaxKind['ExpressionStatement'] && part(node, 'expression');
  const callee = call && part(call, 'expression');
  return callee ? /^(assert|console\b)/.test(textOf(r, callee)) : false;
}

/** The name of a function, or of the constant that holds one. */
function nameOf({ ts, text, source }: Reading, node: SyntaxNode): string | undefined {
  const kinds = ts.SyntaxKind;
  const named = [
    kinds['FunctionDeclaration'],
    kinds['VariableDeclaration'],
    kinds['MethodDeclaration'],
  ];
  const name = part(node, 'name');
  if (!name || !named.includes(node.kind) || name.kind !== kinds['Identifier']) return undefined;
  return text.slice(name.getStart(source), name.end);
}

function mutate(r: Reading, node: SyntaxNode, inside: string): void {
  const kinds = r.ts.SyntaxKind;
  switch (node.kind) {
    case kinds['IfStatement']:
      return ifStatement(r, node, inside);
    case kinds['ConditionalExpression']:
    case kinds['WhileStatement']:
      return condition(r, part(node, 'condition') ?? part(node, 'expression'), inside);
    case kinds['BinaryExpression']:
      return binary(r, node, inside);
    case kinds['NumericLiteral']:
      return numeral(r, node, inside);
    case kinds['ReturnStatement']:
      return returned(r, part(node, 'expression'), inside);
    case kinds['ArrowFunction']:
      return arrow(r, node, inside);
    case kinds['ObjectLiteralExpression']:
      return objectLiteral(r, node, inside);
    case kinds['ExpressionStatement']:
      return add(r, 'drop-statement', node, ';', inside, failingStatement);
    case kinds['ArrayLiteralExpression']:
      return (node['elements'] as readonly unknown[]).length > 0
        ? add(r, 'empty-array', node, '[]', inside)
        : undefined;
    case kinds['PropertyAccessExpression']:
      return minMax(r, node, inside);
  }
}

const part = (node: SyntaxNode, name: string): SyntaxNode | undefined =>
  node[name] as SyntaxNode | undefined;

const textOf = ({ text, source }: Reading, node: SyntaxNode): string =>
  text.slice(node.getStart(source), node.end);

function add(
  r: Reading,
  operator: string,
  node: SyntaxNode,
  replacement: string,
  inside: string,
  probe = failing,
): void {
  const [start, end] = [node.getStart(r.source), node.end];
  const { file } = r;
  const piece = { start, end, replacement };
  r.edits.push({ operator, file, inside, ...piece, probe: { start, end, replacement: probe } });
}

/** The mutant of an equality is its negation. */
function condition(r: Reading, test: SyntaxNode | undefined, inside: string): void {
  const token = test && part(test, 'operatorToken');
  if (token && /^[=!]==?$/.test(textOf(r, token))) return;
  if (test) add(r, 'negate-condition', test, `!(${textOf(r, test)})`, inside);
}

function ifStatement(r: Reading, node: SyntaxNode, inside: string): void {
  const test = part(node, 'expression');
  condition(r, test, inside);
  if (test) add(r, 'skip-guard', test, 'false', inside);
  const otherwise = part(node, 'elseStatement');
  if (otherwise) add(r, 'drop-else', otherwise, '{}', inside, failingStatement);
}

function binary(r: Reading, node: SyntaxNode, inside: string): void {
  const token = part(node, 'operatorToken');
  const found = token && symbols[textOf(r, token)];
  if (!token || !found) return;
  const [operator, to] = found;
  const { file } = r;
  const whole = { start: node.getStart(r.source), end: node.end, replacement: failing };
  const [start, end] = [token.getStart(r.source), token.end];
  r.edits.push({ operator, file, inside, start, end, replacement: to, probe: whole });
}

/** A bare name with a number is a key of an object, not a value. */
function numeral(r: Reading, node: SyntaxNode, inside: string): void {
  if (node.parent && part(node.parent, 'name') === node) return;
  const value = Number(textOf(r, node));
  if (Number.isSafeInteger(value)) add(r, 'off-by-one', node, String(value + 1), inside);
}

function returned(r: Reading, value: SyntaxNode | undefined, inside: string): void {
  if (value && textOf(r, value) !== 'undefined')
    add(r, 'return-undefined', value, 'undefined', inside);
}

function arrow(r: Reading, node: SyntaxNode, inside: string): void {
  const body = part(node, 'body');
  if (body && body.kind !== r.ts.SyntaxKind['Block']) returned(r, body, inside);
}

/** Without the property, what the spread before it holds stays as it was. */
function objectLiteral(r: Reading, node: SyntaxNode, inside: string): void {
  const kinds = r.ts.SyntaxKind;
  const properties = node['properties'] as readonly SyntaxNode[];
  const spread = properties.findIndex(({ kind }) => kind === kinds['SpreadAssignment']);
  if (spread < 0) return;
  for (const property of properties.slice(spread + 1)) {
    const isSet = property.kind === kinds['PropertyAssignment'];
    const isShort = property.kind === kinds['ShorthandPropertyAssignment'];
    if (!isSet && !isShort) continue;
    const probe = `...${failing}`;
    add(r, 'drop-property', property, '...{}', inside, probe);
  }
}

function minMax(r: Reading, node: SyntaxNode, inside: string): void {
  const text = textOf(r, node);
  const other = text === 'Math.min' ? 'Math.max' : text === 'Math.max' ? 'Math.min' : undefined;
  if (other) add(r, 'min-max', node, other, inside);
}
