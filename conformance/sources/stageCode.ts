/**
 * A copy of a binding's import closure in a folder of its own, some files replaced: how a
 * code mutant is run without touching the project. Packages resolve through a link to the
 * project's node_modules.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { CodeClosure } from './codeClosure.ts';
import { UsageError } from './usageError.ts';

export interface StagedCode {
  /** The copy of the closure's entry. */
  readonly entry: string;
  readonly folder: string;
  dispose(): void;
}

export interface StageCodeOptions {
  readonly root: string;
  readonly closure: CodeClosure;
  /** Absolute path of a file of the closure to the text it has in the copy. */
  readonly replaced: ReadonlyMap<string, string>;
  /** Temporary folders are made here. */
  readonly temporary: string;
}

export function stageCode({ root, closure, replaced, temporary }: StageCodeOptions): StagedCode {
  for (const path of replaced.keys()) {
    if (closure.files.includes(path)) continue;
    throw new UsageError(
      'not-imported',
      `${relative(root, path)} is not imported by ${relative(root, closure.entry)}`,
      'Name a model whose binding imports the mutated file.',
    );
  }
  const slot = freeSlot();
  const folder = join(temporary, `code-${threadId}-${slot}`);
  const dispose = (): void => {
    rmSync(folder, { recursive: true, force: true });
    used.delete(slot);
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const path of closure.files) copyInto(folder, root, path, replaced.get(path));
    linkPackages(folder, root);
    for (const inner of foldersBelow(root, closure.files)) linkInner(folder, root, inner);
  } catch (error) {
    dispose();
    throw error;
  }
  return { entry: join(folder, relative(root, closure.entry)), folder, dispose };
}

const used = new Set<number>();

// Paths come back from mutant to mutant, so that unchanged files are transpiled once.
function freeSlot(): number {
  let slot = 0;
  while (used.has(slot)) slot += 1;
  used.add(slot);
  return slot;
}

function copyInto(folder: string, root: string, path: string, text: string | undefined): void {
  const inside = relative(root, path);
  if (inside.startsWith('..')) {
    throw new UsageError(
      'outside-project',
      `${path} lies outside of ${root}`,
      'Put the config file at the root of all the code that a binding imports.',
    );
  }
  const target = join(folder, inside);
  mkdirSync(dirname(target), { recursive: true });
  if (text === undefined) copyFileSync(path, target);
  else writeFileSync(target, text);
}

function linkPackages(folder: string, root: string): void {
  const manifest = join(root, 'package.json');
  if (existsSync(manifest)) copyFileSync(manifest, join(folder, 'package.json'));
  else writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (let at = resolve(root); ; at = dirname(at)) {
    const packages = join(at, 'node_modules');
    if (existsSync(packages))
      return symlinkSync(packages, join(folder, 'node_modules'), 'junction');
    if (at === dirname(at)) return;
  }
}

/** Folders between the root and the files: a workspace has packages of its own in them. */
function foldersBelow(root: string, files: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const file of files) {
    for (let at = dirname(file); at.startsWith(`${root}${sep}`); at = dirname(at)) found.add(at);
  }
  return found;
}

function linkInner(folder: string, root: string, inner: string): void {
  const target = join(folder, relative(root, inner));
  const manifest = join(inner, 'package.json');
  if (existsSync(manifest)) copyFileSync(manifest, join(target, 'package.json'));
  const packages = join(inner, 'node_modules');
  if (existsSync(packages)) symlinkSync(packages, join(target, 'node_modules'), 'junction');
}

/** The nearest folder that holds all of the code: a workspace's, where a binding reaches beyond its project. */
export function codeRoot(root: string, files: readonly string[]): string {
  let at = resolve(root);
  while (!files.every((file) => file.startsWith(`${at}${sep}`)) && at !== dirname(at)) {
    at = dirname(at);
  }
  return at;
}
