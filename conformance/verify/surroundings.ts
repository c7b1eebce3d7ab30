/**
 * What a result of code depends on beside the binding and the spec: the toolkit's own sources,
 * the lockfile (and so every package), and Node. A change of any makes a cached result void.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow, hashFiles, hashParts } from '../sources/contentHash.ts';

const toolkitFolder = fileURLToPath(new URL('..', import.meta.url));
const isCode = (path: string): boolean => /\.(js|ts)$/.test(path) && !path.endsWith('.d.ts');

/** Rooms that decide what a graph is; TLC's results depend on no other part of the toolkit. */
const graphRooms = ['tlc', 'spec', 'value', 'behaviour'];

export function surroundings(root: string): string {
  const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml'];
  const lockfile = nearest(root, lockfiles);
  return hashParts([
    hashFiles(toolkitFolder, filesBelow(toolkitFolder, isCode)),
    lockfile === undefined ? '' : readFileSync(lockfile),
    process.version,
    process.arch,
  ]);
}

/** Of the part of the toolkit that turns TLC's output into results and graphs. */
export function graphReader(): string {
  const folders = graphRooms.map((room) => join(toolkitFolder, room));
  return hashFiles(
    toolkitFolder,
    folders.filter((folder) => existsSync(folder)).flatMap((folder) => filesBelow(folder, isCode)),
  );
}

/** Without a lockfile nobody knows which packages a binding runs on. */
export function hasLockfile(root: string): boolean {
  return (
    nearest(root, ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml']) !==
    undefined
  );
}

function nearest(from: string, names: readonly string[]): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}
