// The working directory of one run. TLC loads and runs any .class file beside a spec (measured), so only .tla and
// .cfg files are copied, into a fresh directory that has its own tmpdir and metadir and is removed afterwards.

import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { EnvironmentError } from './environmentError.ts';

export interface GeneratedModule {
  /** Without .tla. */
  readonly name: string;
  readonly text: string;
}

export interface Stage {
  readonly folder: string;
  /** Where specs stand and TLC runs. */
  readonly specs: string;
  readonly tmp: string;
  readonly meta: string;
  /** Java code beside the spec that may run; empty unless overrides are allowed. */
  readonly jars: readonly string[];
  remove(): Promise<void>;
}

/** No module that TLC can parse comes near; what is larger is something else under that name. */
export const specBytesMax = 16 * 1024 * 1024;
const specTypes = ['.tla', '.cfg'];
const codeTypes = ['.class', '.jar'];

async function copySpecs(from: string, to: string, types: readonly string[]): Promise<void> {
  for (const { name } of await readdir(from, { withFileTypes: true })) {
    const type = extname(name);
    if (!types.includes(type)) continue;
    // A link may lead to anything, or nowhere: what it leads to counts.
    const found = await stat(join(from, name)).catch(() => undefined);
    if (!found?.isFile()) continue;
    if (specTypes.includes(type) && found.size > specBytesMax) continue;
    await copyFile(join(from, name), join(to, name));
  }
}

/** The folders a spec's modules come from, the spec's own first: it wins where names repeat. */
function foldersOf(module: string, libraryPaths: readonly string[]): string[] {
  return [...new Set([dirname(resolve(module)), ...libraryPaths.map((path) => resolve(path))])];
}

export async function makeStage(o: {
  /** Absent: nothing is staged. */
  module?: string;
  libraryPaths?: readonly string[];
  modules?: readonly GeneratedModule[];
  folder?: string;
  allowOverrides?: boolean;
}): Promise<Stage> {
  const folder = join(o.folder ?? tmpdir(), `bisim-tlc-${process.pid}-${randomUUID()}`);
  const specs = join(folder, 'specs');
  const tmp = join(folder, 'tmp');
  const meta = join(folder, 'meta');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const types = o.allowOverrides ? [...specTypes, ...codeTypes] : specTypes;
  const jars: string[] = [];
  try {
    for (const made of [specs, tmp, meta]) await mkdir(made, { recursive: true });
    const sources = o.module === undefined ? [] : foldersOf(o.module, o.libraryPaths ?? []);
    for (const from of sources.reverse()) {
      await copySpecs(from, specs, types);
    }
    for (const { name, text } of o.modules ?? []) await writeFile(join(specs, `${name}.tla`), text);
    if (o.allowOverrides) {
      const names = (await readdir(specs)).filter((name) => extname(name) === '.jar');
      jars.push(specs, ...names.sort().map((name) => join(specs, name)));
    }
  } catch (cause) {
    await remove();
    throw stagingError(o.module ?? 'the worker', cause);
  }
  return { folder, specs, tmp, meta, jars, remove };
}

function stagingError(module: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC') {
    return new EnvironmentError(
      'disk',
      `No space left to stage ${basename(module)}.`,
      'Free some space in the temporary folder, or point TMPDIR to another one.',
      cause,
    );
  }
  return new Error(`${basename(module)} could not be staged: ${message}`, { cause });
}
