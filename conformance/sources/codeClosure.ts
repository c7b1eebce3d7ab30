/**
 * What a piece of TypeScript or JavaScript is made of: the file and all it imports by
 * relative path. What must hold: no file that can change a result is left out, or `opaque`
 * says why nobody can know; a result of opaque code is never taken from a cache.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface CodeClosure {
  readonly entry: string;
  /** Absolute paths, the entry among them, sorted. */
  readonly files: readonly string[];
  /** Packages imported by name, `node:` ones included, sorted. */
  readonly packages: readonly string[];
  /** Why the files and packages may not be all that the code reads. */
  readonly opaque?: string;
}

const literalImport =
  /\bfrom\s*(?:'([^'\n]+)'|"([^"\n]+)")|\bimport\s*\(?\s*(?:'([^'\n]+)'|"([^"\n]+)")/g;
const computedImport = /\bimport\s*\(\s*[^'"\s)]|\brequire\s*\(|\bcreateRequire\b/;
/** Built-in modules through which code can read what no import names. */
const readers = /^(node:)?(fs|fs\/promises|child_process|worker_threads|net|http|https|module|vm)$/;

/** Follows every relative import from the entry. Matches inside comments only widen the set. */
export function codeClosure(entry: string): CodeClosure {
  const files = new Set<string>();
  const packages = new Set<string>();
  let opaque: string | undefined;
  const open = [resolve(entry)];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    if (!/\.[cm]?[jt]sx?$/.test(path)) continue;
    const text = readFileSync(path, 'utf8');
    if (computedImport.test(text)) opaque ??= `${path} imports by a computed name`;
    for (const [, ...quoted] of text.matchAll(literalImport)) {
      const name = quoted.find((one) => one !== undefined) ?? '';
      if (!name.startsWith('.')) packages.add(name);
      else {
        const found = resolveImport(path, name);
        if (found !== undefined) open.push(found);
      }
      if (readers.test(name)) opaque ??= `${path} imports ${name}`;
    }
  }
  return {
    entry: resolve(entry),
    files: [...files].sort(),
    packages: [...packages].sort(),
    ...(opaque === undefined ? {} : { opaque }),
  };
}

function resolveImport(from: string, name: string): string | undefined {
  const base = resolve(dirname(from), name);
  const source = base.replace(/\.([cm]?)js$/, '.$1ts');
  const tried = [base, source, `${base}.ts`, `${base}.js`, `${base}/index.ts`, `${base}/index.js`];
  return tried.find((path) => existsSync(path) && statSync(path).isFile());
}
