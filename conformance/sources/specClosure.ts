/**
 * What a TLA+ module is made of: the module and every module it may extend or instantiate
 * from its own folder and the library folders. Any word that is the name of a module there
 * counts, so that no clause can be overlooked; too many files only make a cache miss.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './usageError.ts';

export interface SpecClosure {
  readonly module: string;
  /** Absolute paths of .tla files, sorted. */
  readonly files: readonly string[];
}

export function specClosure(module: string, libraries: readonly string[]): SpecClosure {
  const root = resolve(module);
  if (!existsSync(root)) {
    throw new UsageError('no-spec', `there is no spec ${module}`, 'Correct the path of the model.');
  }
  const known = new Map<string, string>();
  for (const folder of [...libraries].reverse().concat(dirname(root))) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.tla')) known.set(name.slice(0, -4), resolve(folder, name));
    }
  }
  const files = new Set<string>();
  const open = [root];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    for (const [word] of readFileSync(path, 'utf8').matchAll(/\w+/g)) {
      const found = known.get(word);
      if (found !== undefined) open.push(found);
    }
  }
  return { module: root, files: [...files].sort() };
}

/** Is this module file part of the closure, by name? */
export function includesModule(closure: SpecClosure, spec: string): boolean {
  return closure.files.includes(resolve(spec));
}

export function moduleFile(folder: string, module: string): string {
  return join(folder, `${module}.tla`);
}
