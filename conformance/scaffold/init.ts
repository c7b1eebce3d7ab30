/**
 * `bisim init`: a project that works, in a folder that may have one already. What must hold: no file
 * that is there is changed; either all files are written or, where any is in the way, none.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Outcome } from '../report/outcome.ts';
import type { InitReport } from '../report/initReport.ts';
import { exitCodes } from '../report/exitCodes.ts';
import { UsageError } from '../sources/usageError.ts';
import { exampleFiles } from './exampleFiles.ts';

export interface InitOptions {
  readonly folder: string;
  readonly cwd: string;
  /** The version of bisim that the project is to have. */
  readonly version: string;
}

const vitestRange = '^4.0.0';

export function init({ folder: given, cwd, version }: InitOptions): Outcome {
  const folder = resolve(cwd, given);
  requireFolder(folder);
  const inTheWay = Object.keys(exampleFiles).filter((path) => exists(join(folder, path)));
  if (inTheWay.length > 0) {
    throw new UsageError(
      'exists',
      `${folder} has ${inTheWay.join(', ')}: nothing was written`,
      'Give another folder (bisim init DIR), or move these files away.',
    );
  }
  const manifest = join(folder, 'package.json');
  const fresh = !exists(manifest);
  const files = fresh
    ? { 'package.json': newManifest(folder, version), ...exampleFiles }
    : exampleFiles;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: 'wx' });
  }
  const written = Object.keys(files);
  const next = [...entering(folder, cwd), ...(fresh ? ['npm install'] : missingParts(manifest))];
  next.push('npm test', 'npx bisim verify');
  return outcomeOf(folder, written, next);
}

function outcomeOf(folder: string, written: readonly string[], next: readonly string[]): Outcome {
  const text = [
    `wrote to ${folder}:`,
    ...written.map((path) => `  ${path}`),
    '',
    'next:',
    ...next.map((command) => `  ${command}`),
    '',
  ].join('\n');
  const report: InitReport = {
    schema: 'bisim.init.1',
    verdict: 'ok',
    folder,
    written: [...written],
    next: [...next],
  };
  return { exitCode: exitCodes.ok, report, text, cases: [] };
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The nearest thing on the way that exists must be a folder: the others are made. */
function requireFolder(folder: string): void {
  let at = folder;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  if (statSync(at).isDirectory()) return;
  throw new UsageError(
    'no-folder',
    `${at} is no folder`,
    'Give a folder, or one that can be made.',
  );
}

function newManifest(folder: string, version: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const manifest = {
    name: name === '' ? 'protocol' : name,
    private: true,
    type: 'module',
    scripts: { test: 'vitest run', verify: 'bisim verify' },
    devDependencies: { bisim: `^${version}`, vitest: vitestRange },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function entering(folder: string, cwd: string): string[] {
  const path = relative(cwd, folder);
  return path === '' ? [] : [`cd ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}`];
}

/** What a package.json that was there lacks, as commands that add it. */
function missingParts(manifest: string): string[] {
  const { scripts = {}, ...packages } = readManifest(manifest);
  const known = { ...packages.dependencies, ...packages.devDependencies };
  const lacks = ['bisim', 'vitest'].filter((name) => !Object.hasOwn(known, name));
  const placeholder = /no test specified/.test(scripts['test'] ?? 'no test specified');
  return [
    ...(lacks.length > 0 ? [`npm install --save-dev ${lacks.join(' ')}`] : []),
    ...(placeholder ? ['npm pkg set scripts.test="vitest run"'] : []),
    ...(scripts['verify'] === undefined ? ['npm pkg set scripts.verify="bisim verify"'] : []),
  ];
}

type Named = Readonly<Record<string, string>>;

function readManifest(path: string): {
  scripts?: Named;
  dependencies?: Named;
  devDependencies?: Named;
} {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) ?? {}) as ReturnType<typeof readManifest>;
  } catch {
    return {};
  }
}
