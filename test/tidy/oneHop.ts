/**
 * One hop: from a spec's action to its function, its tests and its key in the binding by
 * name alone. What the spec declares comes from the SANY parser; the rest from the files.
 */
import ts from 'typescript';
import type { FileSet, Violation } from './fileSet.ts';
import { exportsOf, importsOf, isCode, parse } from './fileSet.ts';

/** What SANY says of one module that has code. */
export interface SpecNames {
  readonly module: string;
  readonly actions: readonly string[];
  readonly operators: readonly string[];
}

const isEnvironment = (path: string): boolean =>
  /^test\/conformance\/(\w+\/)?environment\.ts$/.test(path);

export function lowerFirst(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** The files of a code unit: `src/protocol/x.ts`, or a folder of the same stem, or both. */
export function unitFiles(files: FileSet, stem: string): string[] {
  return [...files.keys()].filter(
    (path) => path === `${stem}.ts` || (path.startsWith(`${stem}/`) && isCode(path)),
  );
}

/** Modules of the table in specs/README.md that have code: spec path to the stem of the code. */
export function modulesWithCode(files: FileSet): { spec: string; stem: string }[] {
  const found: { spec: string; stem: string }[] = [];
  for (const line of (files.get('specs/README.md') ?? '').split('\n')) {
    const code = /src\/protocol\/(\w+)/.exec(line)?.[0];
    const spec = /\(([\w/]+\.tla)\)/.exec(line)?.[1];
    if (line.startsWith('|') && code && spec) found.push({ spec: `specs/${spec}`, stem: code });
  }
  return found;
}

/**
 * What TLA+ has built in and the code must make itself: a ballot is a number there, a log a
 * sequence. Whoever reads states from a disk or a wire needs them too.
 */
const valueFiles: readonly string[] = [
  'src/protocol/replication/ballot.ts',
  'src/protocol/replication/commandLog.ts',
];

/** Exports of the code are `init`, `invariants`, the actions, and operators of the spec. */
export function codeNamesFollowSpec(files: FileSet, stem: string, spec: SpecNames): Violation[] {
  const unit = unitFiles(files, stem);
  if (unit.length === 0) return [{ path: stem, message: `has no code for ${spec.module}` }];
  const exported = new Map<string, string>();
  for (const path of unit) {
    for (const { name, kind } of exportsOf(path, files.get(path) ?? '')) {
      if (kind === 'value') exported.set(name, path);
    }
  }
  const environment = environmentNames(files);
  const required = ['init', 'invariants', ...spec.actions.map(lowerFirst)];
  const violations: Violation[] = [];
  for (const name of required) {
    if (exported.has(name) || environment.has(name)) continue;
    violations.push({ path: stem, message: `${spec.module} needs an export ${name}` });
  }
  const allowed = new Set([...required, ...spec.operators.flatMap((o) => [o, lowerFirst(o)])]);
  for (const [name, path] of exported) {
    if (valueFiles.includes(path)) continue;
    if (allowed.has(name) || isInternal(files, unit, { path, name })) continue;
    violations.push({ path, message: `exports ${name}, which ${spec.module} does not define` });
  }
  return violations;
}

// What a folder's files export to each other, or to a unit of the same room that builds on it, and
// no other room of src takes, is the folder's own.
function isInternal(
  files: FileSet,
  unit: readonly string[],
  { path, name }: { readonly path: string; readonly name: string },
): boolean {
  if (unit.length === 1) return false;
  const room = path.split('/').slice(0, 2).join('/') + '/';
  for (const [other, text] of files) {
    if (other.startsWith(room) || !isCode(other) || !other.startsWith('src/')) continue;
    const imports = importsOf(other, text).some(({ target }) => target === path);
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (imports && new RegExp(`\\b${name}\\b`).test(code)) return false;
  }
  return true;
}

function environmentNames(files: FileSet): Set<string> {
  const paths = [...files.keys()].filter(isEnvironment);
  return new Set(
    paths.flatMap((path) => exportsOf(path, files.get(path) ?? '').map(({ name }) => name)),
  );
}

/** Every action has a `describe` of its name in the test of its file. */
export function actionsAreDescribed(files: FileSet, stem: string, spec: SpecNames): Violation[] {
  const testStem = stem.replace(/^src\//, 'test/');
  const tests = unitFiles(files, testStem).concat(
    [...files.keys()].filter((path) => path === `${testStem}.test.ts`),
  );
  const described = new Set<string>();
  for (const path of tests) {
    for (const [, title] of (files.get(path) ?? '').matchAll(/describe\(\s*['"`](\w+)/g)) {
      described.add(title ?? '');
    }
  }
  const environment = environmentNames(files);
  return spec.actions
    .filter((action) => !described.has(action) && !environment.has(lowerFirst(action)))
    .map((action) => ({
      path: `${testStem}.test.ts`,
      message: `has no describe('${action}')`,
    }));
}

/** The keys of a binding's `actions` are the spec's actions, all of them and no other. */
export function bindingKeysFollowSpec(files: FileSet, stem: string, spec: SpecNames): Violation[] {
  const path = stem.replace('src/protocol/', 'test/conformance/') + '.ts';
  const text = files.get(path);
  if (text === undefined) return [{ path, message: `has no binding of ${spec.module}` }];
  const keys = actionKeys(parse(path, text));
  if (keys === undefined) return [{ path, message: 'has no literal table `actions`' }];
  const violations: Violation[] = [];
  for (const action of spec.actions) {
    if (!keys.includes(action)) violations.push({ path, message: `lacks the action ${action}` });
  }
  for (const key of keys) {
    if (!spec.actions.includes(key)) {
      violations.push({ path, message: `names ${key}, which ${spec.module} has not` });
    }
  }
  return violations;
}

// The object literal of `actions: {…}` or `const actions = {…}`; spreads are not followed.
function actionKeys(source: ts.SourceFile): string[] | undefined {
  let keys: string[] | undefined;
  const visit = (node: ts.Node): void => {
    const named =
      (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) &&
      node.name.getText() === 'actions' &&
      node.initializer;
    const table = named ? unwrapped(named) : undefined;
    if (table && ts.isObjectLiteralExpression(table)) {
      keys = table.properties.map((one) => one.name?.getText() ?? '...');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return keys;
}

function unwrapped(node: ts.Expression): ts.Expression {
  return ts.isSatisfiesExpression(node) || ts.isAsExpression(node) ? node.expression : node;
}
