/**
 * `bisim init`: a project that works, in a folder that may have one already. What must hold: no file
 * that is there is changed; either the whole example is written or, where any of it is in the way, none.
 * What a project has of its own (package.json, tsconfig.json, …) is kept, and what it lacks is told.
 */
import { existsSync, lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Outcome } from '../report/outcome.ts';
import type { InitReport } from '../report/initReport.ts';
import { exitCodes } from '../report/exitCodes.ts';
import { UsageError } from '../sources/usageError.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import { exampleFiles, surroundingFiles } from './exampleFiles.ts';
import { missingParts, newManifest, toolkitRange } from './manifest.ts';

export interface InitOptions {
  readonly folder: string;
  readonly cwd: string;
  /** The version of bisim that the project is to have. */
  readonly version: string;
}

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
  const toolkit = toolkitRange(folder, version);
  const kept = surroundingFiles.filter(({ instead }) =>
    instead.some((path) => exists(join(folder, path))),
  );
  const files = {
    ...(fresh && { 'package.json': newManifest(folder, toolkit) }),
    ...exampleFiles,
    ...Object.fromEntries(
      surroundingFiles.filter((each) => !kept.includes(each)).map(({ path, text }) => [path, text]),
    ),
  };
  writeAll(folder, files);
  const next = [
    ...entering(folder, cwd),
    ...(fresh ? ['npm install'] : missingParts(manifest, toolkit)),
    ...['npm test', 'npx bisim verify'],
  ];
  const notes = kept.map(({ instead, note }) => {
    const there = instead.find((path) => exists(join(folder, path))) ?? '';
    return `${there} is kept: ${note}`;
  });
  return outcomeOf({ folder, written: Object.keys(files), notes, next });
}

/** Of a folder that cannot be written or fills up nothing is left half done. */
function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  const made: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    try {
      const first = mkdirSync(dirname(path), { recursive: true });
      made.push(...(first === undefined ? [] : [first]), path);
      writeFileSync(path, text, { flag: 'wx' });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST') {
        const next = 'Let one run of bisim init end before the next begins.';
        throw new UsageError('exists', `${path} came to be in the meantime`, next, cause);
      }
      for (const each of made) rmSync(each, { recursive: true, force: true });
      const next =
        'Give a folder that can be written, on a disk with room. Nothing was left there.';
      throw new EnvironmentError('disk', `${path} cannot be written: ${message}`, next, cause);
    }
  }
}

interface Written {
  readonly folder: string;
  readonly written: readonly string[];
  readonly notes: readonly string[];
  readonly next: readonly string[];
}

function outcomeOf({ folder, written, notes, next }: Written): Outcome {
  const text = [
    `wrote to ${folder}:`,
    ...written.map((path) => `  ${path}`),
    ...(notes.length > 0 ? ['', ...notes] : []),
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
    notes: [...notes],
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

function entering(folder: string, cwd: string): string[] {
  const path = relative(cwd, folder);
  return path === '' ? [] : [`cd ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}`];
}
