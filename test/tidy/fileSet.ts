/**
 * The repository as the tidy rules see it: paths and texts, nothing else, so that a
 * test can plant a violation in a set that exists only in memory.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';

/** Path from the repository's root (forward slashes) to text. */
export type FileSet = ReadonlyMap<string, string>;

/** One broken rule, in the words shown to whoever broke it. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

export type Rule = (files: FileSet) => Violation[];

/** Every tracked or new text file that git does not ignore. */
export function readRepository(root: string): FileSet {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = new Map<string, string>();
  for (const path of listed.toString('utf8').split('\0').sort()) {
    if (!/\.(ts|js|tla|cfg|json|md|txt)$/.test(path)) continue;
    const text = readOrNothing(join(root, path));
    if (text !== undefined) files.set(path, text);
  }
  return files;
}

// A file that git still lists but that is deleted in the working tree.
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function isCode(path: string): boolean {
  return /\.(ts|js)$/.test(path) && !path.endsWith('.d.ts');
}

const parsed = new Map<string, ts.SourceFile>();

export function parse(path: string, text: string): ts.SourceFile {
  const key = `${path}\0${text}`;
  let source = parsed.get(key);
  if (!source) {
    source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
    parsed.set(key, source);
  }
  return source;
}

/** What a file imports, types included: repository paths for relative ones, names as written else. */
export function importsOf(path: string, text: string): { target: string; relative: boolean }[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.')
        ? { target: normalize(join(dirname(path), fileName)), relative: true }
        : { target: fileName, relative: false },
    );
}

/** Names of what a file exports; `kind` tells values from types. */
export function exportsOf(
  path: string,
  text: string,
): { name: string; kind: 'value' | 'type'; reExport: boolean }[] {
  const found: { name: string; kind: 'value' | 'type'; reExport: boolean }[] = [];
  for (const statement of parse(path, text).statements) {
    if (ts.isExportDeclaration(statement)) {
      const reExport = statement.moduleSpecifier !== undefined;
      if (!statement.exportClause) found.push({ name: '*', kind: 'value', reExport });
      else if (ts.isNamedExports(statement.exportClause)) {
        for (const one of statement.exportClause.elements) {
          const kind = statement.isTypeOnly || one.isTypeOnly ? 'type' : 'value';
          found.push({ name: one.name.text, kind, reExport });
        }
      }
    } else if (ts.isExportAssignment(statement)) {
      found.push({ name: 'default', kind: 'value', reExport: false });
    } else found.push(...declaredExports(statement));
  }
  return found;
}

function declaredExports(
  statement: ts.Statement,
): { name: string; kind: 'value' | 'type'; reExport: boolean }[] {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some((one) => one.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (modifiers.some((one) => one.kind === ts.SyntaxKind.DefaultKeyword)) {
    return [{ name: 'default', kind: 'value', reExport: false }];
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((one) => ({
      name: one.name.getText(),
      kind: 'value' as const,
      reExport: false,
    }));
  }
  const kind =
    ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ? 'type' : 'value';
  const name = (statement as ts.DeclarationStatement).name?.getText() ?? '';
  return [{ name, kind, reExport: false }];
}
