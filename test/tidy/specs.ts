/**
 * Rules on specs/: every module has a header, every cfg states what it must, every model
 * and mutant of the tables exists and applies.
 */
import { dirname, join } from 'node:path/posix';
import type { FileSet, Violation } from './fileSet.ts';

interface ModelRow {
  readonly model: string;
  readonly module?: string;
  readonly cfg: string;
}
interface MutantRow {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly killedBy: string;
  readonly property: string;
  readonly control: string;
}

const headerLettersMin = 40;

/** A module says what it is before its first declaration, in a boxed comment or lines. */
export function specModulesHaveHeaders(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    const name = /([^/]+)\.tla$/.exec(path)?.[1];
    if (name === undefined || !path.startsWith('specs/')) continue;
    const opening = /^-{4,} *MODULE +(\w+) *-{4,} *$/m.exec(text);
    if (opening?.[1] !== name) {
      violations.push({ path, message: `does not open with MODULE ${name}` });
      continue;
    }
    const prose = headerComment(text, opening.index, opening[0].length);
    if (prose.replace(/[^A-Za-z]/g, '').length < headerLettersMin) {
      violations.push({ path, message: 'has no header that says what it models' });
    }
  }
  return violations;
}

// The comments above the MODULE line and those between it and the first declaration.
function headerComment(text: string, start: number, length: number): string {
  const above = text.slice(0, start);
  const below = /^(\s*(\(\*[^]*?\*\)|\\\*[^\n]*|EXTENDS[^\n]*))*/.exec(text.slice(start + length));
  return above + (below?.[0] ?? '').replace(/EXTENDS[^\n]*/g, '');
}

/** A cfg always says which behaviours, which properties, and whether deadlock is an error. */
export function cfgsAreExplicit(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const [path, text] of files) {
    if (!path.startsWith('specs/') || !path.endsWith('.cfg')) continue;
    const needed = [/^\s*SPECIFICATION\b/m, /^\s*CHECK_DEADLOCK\b/m, /^\s*(INVARIANT|PROPERT)/m];
    for (const [index, pattern] of needed.entries()) {
      if (pattern.test(text)) continue;
      const what = ['SPECIFICATION', 'CHECK_DEADLOCK', 'INVARIANTS or PROPERTIES'][index] ?? '';
      violations.push({ path, message: `does not state ${what}` });
    }
  }
  return violations;
}

function table<T>(files: FileSet, path: string, violations: Violation[]): T | undefined {
  const text = files.get(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    violations.push({ path, message: `is not JSON: ${String(error)}` });
    return undefined;
  }
}

/** Every model of a room's table exists, and no cfg or MC module is left out of it. */
export function modelsAreComplete(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const path of files.keys()) {
    if (!/^specs\/.*\/models\.json$/.test(path)) continue;
    const models = table<{ models: ModelRow[] }>(files, path, violations)?.models ?? [];
    const room = dirname(path);
    const cfgs = new Set(models.map(({ cfg }) => join(room, cfg)));
    for (const row of models) {
      for (const needed of [join(room, row.cfg), moduleOf(files, room, row)]) {
        if (!files.has(needed)) violations.push({ path, message: `${needed} does not exist` });
      }
    }
    for (const file of files.keys()) {
      if (dirname(file) !== room || !file.endsWith('.cfg') || cfgs.has(file)) continue;
      violations.push({ path: file, message: `is in no row of ${path}` });
    }
  }
  return violations;
}

/** Several cfgs may share one module: `MCLock-Two` is then a model of MCLock.tla. */
export function moduleOf(files: FileSet, room: string, { module, model }: ModelRow): string {
  const own = join(room, `${module ?? model}.tla`);
  const shared = join(room, `${model.split('-')[0] ?? model}.tla`);
  return module === undefined && !files.has(own) && files.has(shared) ? shared : own;
}

/** A mutant's `find` stands exactly once in its file, and what it names exists. */
export function mutantsApply(files: FileSet): Violation[] {
  const violations: Violation[] = [];
  for (const path of files.keys()) {
    if (!/^specs\/.*\/mutants\.json$/.test(path)) continue;
    const mutants = table<MutantRow[]>(files, path, violations) ?? [];
    const modelsPath = join(dirname(path), 'models.json');
    const models = table<{ models: ModelRow[] }>(files, modelsPath, violations)?.models ?? [];
    const names = new Set(models.flatMap(({ model, cfg }) => [model, cfg.replace(/\.cfg$/, '')]));
    const seen = new Set<string>();
    for (const mutant of mutants) {
      for (const message of mutantProblems(files, mutant, names, seen)) {
        violations.push({ path, message: `${mutant.id} (${mutant.file}): ${message}` });
      }
    }
  }
  return violations;
}

function mutantProblems(
  files: FileSet,
  mutant: MutantRow,
  models: ReadonlySet<string>,
  seen: Set<string>,
): string[] {
  const problems: string[] = [];
  const key = `${mutant.id} ${mutant.file}`;
  if (seen.has(key)) problems.push('stands in the table twice');
  seen.add(key);
  for (const named of [mutant.killedBy, mutant.control]) {
    if (!models.has(named)) problems.push(`no model is called ${named}`);
  }
  const isCode = mutant.file.endsWith('.ts');
  if (isCode && mutant.property !== 'replay' && mutant.property !== 'history') {
    problems.push('a mutant of code is killed by replay or history');
  }
  const text = files.get(mutant.file);
  if (text === undefined) return [...problems, 'the file does not exist'];
  const count = text.split(mutant.find).length - 1;
  if (count !== 1) problems.push(`its find stands ${count} times in the file, not once`);
  if (mutant.find === mutant.replace) problems.push('changes nothing');
  return problems;
}
