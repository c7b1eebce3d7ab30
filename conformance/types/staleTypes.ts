/**
 * Finds the files that `bisim types` made below a folder, and those of them that their specs no
 * longer make.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { readHeader, staleness } from './header.ts';

export interface StaleTypes {
  readonly path: string;
  readonly reason: string;
  /** The command that makes it anew, run from the folder that was searched. */
  readonly repeat: string;
}

const ending = '.types.ts';
const passedOver = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Every generated file below `root`, stale or not. */
export async function generatedTypes(root: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(root, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(root, entry.name);
    if (entry.isDirectory() && !passedOver.has(entry.name)) {
      found.push(...(await generatedTypes(path)));
    } else if (entry.isFile() && entry.name.endsWith(ending)) {
      if (readHeader(await readFile(path, 'utf8')) !== undefined) found.push(path);
    }
  }
  return found;
}

export async function staleTypes(root: string): Promise<readonly StaleTypes[]> {
  return staleOf(root, await generatedTypes(resolve(root)));
}

/** Those of the files that no longer are what their specs make. */
export async function staleOf(
  root: string,
  paths: readonly string[],
): Promise<readonly StaleTypes[]> {
  const stale: StaleTypes[] = [];
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    const reason = staleness(path, text);
    if (reason !== undefined) stale.push({ path, reason, repeat: repeatOf(root, path, text) });
  }
  return stale;
}

/** The generated files below `root` that were made of this spec, whatever the cfg. */
export async function typesOfSpec(root: string, module: string): Promise<string[]> {
  const ofSpec: string[] = [];
  for (const path of await generatedTypes(resolve(root))) {
    const header = readHeader(await readFile(path, 'utf8'));
    const spec = typeof header === 'object' ? resolve(dirname(path), header.spec) : undefined;
    if (spec === resolve(module)) ofSpec.push(path);
  }
  return ofSpec;
}

function repeatOf(root: string, path: string, text: string): string {
  const header = readHeader(text);
  if (header === undefined || typeof header === 'string') return 'bisim types SPEC';
  const near = (file: string): string =>
    quoted(relative(resolve(root), resolve(dirname(path), file)));
  const from = header.from === 'bisim' ? '' : ` --from ${quoted(header.from)}`;
  const out = quoted(relative(resolve(root), path));
  return `bisim types ${near(header.spec)} --config ${near(header.cfg)} --out ${out}${from}`;
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
