/**
 * Rules on single files: length, names, exports, and the purity of the pure rooms
 * (what the compiler's library alone cannot refuse).
 */
import ts from 'typescript';
import type { FileSet, Violation } from './fileSet.ts';
import { exportsOf, isCode, parse } from './fileSet.ts';
import { roomOf } from './rooms.ts';

const linesMax = 400;
const emptyNames = ['util', 'utils', 'helper', 'helpers', 'common', 'core', 'manager', 'managers'];

export function filesAreShort(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    if (!isCode(path)) continue;
    const lines = text.trimEnd().split('\n').length;
    if (lines > linesMax) {
      violations.push({ path, message: `${lines} lines; past ${linesMax} it becomes a folder` });
    }
  }
  return violations;
}

/** A name that fits anything says nothing. */
export function namesSaySomething(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const path of files.keys()) {
    const words = path
      .replace(/\.[^/]*$/, '')
      .split(/[/\-_.]|(?<=[a-z0-9])(?=[A-Z])/)
      .map((word) => word.toLowerCase());
    const empty = words.find((word) => emptyNames.includes(word));
    if (empty) violations.push({ path, message: `the name "${empty}" says nothing` });
  }
  return violations;
}

/** Named exports only; tools that read a default export have their config at the root. */
export function noDefaultExports(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    if (!isCode(path) || /^[^/]+\.config\.[jt]s$/.test(path)) continue;
    if (exportsOf(path, text).some(({ name }) => name === 'default')) {
      violations.push({ path, message: 'has a default export' });
    }
  }
  return violations;
}

/** Only the published entries may do nothing but pass on what other files export. */
export function onlyEntriesAreBarrels(files: FileSet): Violation[] {
  const entries = publishedEntries(files);
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    if (!isCode(path) || entries.has(path)) continue;
    if (/(^|\/)index\.[jt]s$/.test(path)) {
      violations.push({ path, message: 'is an index file; only conformance/index.ts is one' });
      continue;
    }
    const exported = exportsOf(path, text);
    const passedOn = exported.filter(({ reExport }) => reExport);
    const everything = passedOn.some(({ name }) => name === '*');
    if (everything || (passedOn.length > 0 && passedOn.length === exported.length)) {
      violations.push({ path, message: "only passes on other files' exports" });
    }
  }
  return violations;
}

function publishedEntries(files: FileSet): Set<string> {
  const manifest = files.get('package.json') ?? '{}';
  const built = [...manifest.matchAll(/"\.\/dist\/(conformance\/\w+)\.js"/g)];
  return new Set(['conformance/index.ts', ...built.map(([, stem]) => `${stem ?? ''}.ts`)]);
}

const impureNames = new Set([
  'Date',
  'performance',
  'process',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'crypto',
  'console',
  'require',
]);

/** Time, randomness and effects come into a pure room as arguments, never from around it. */
export function pureRoomsArePure(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    const room = roomOf(path);
    if (!isCode(path) || !path.startsWith('src/') || !['protocol', 'item'].includes(room)) continue;
    const source = parse(path, text);
    const declared = declaredNames(source);
    const visit = (node: ts.Node): void => {
      const name = impurity(node);
      if (name && !declared.has(name)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        violations.push({ path, message: `line ${line} uses ${name} in a pure room` });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return violations;
}

// A parameter called `process` (a client's) is the file's own, not Node's.
function declaredNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const declares =
      ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node);
    if (declares && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function impurity(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node)) return 'await';
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return 'import()';
  }
  if (!ts.isIdentifier(node)) return undefined;
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return node.text === 'random' && parent.expression.getText() === 'Math'
      ? 'Math.random'
      : undefined;
  }
  if (ts.isQualifiedName(parent) || namesAMember(parent, node)) return undefined;
  return impureNames.has(node.text) ? node.text : undefined;
}

// `{ process: 1 }`, `interface Call { process: number }`, and members of classes.
function namesAMember(parent: ts.Node, node: ts.Identifier): boolean {
  const member =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent);
  return member && (parent as ts.NamedDeclaration).name === node;
}
