/**
 * What a piece of TypeScript or JavaScript is made of: the file and all it imports by
 * relative path. What must hold: no file that can change a result is left out, or `opaque`
 * says why nobody can know; a result of opaque code is never taken from a cache.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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
/** An import of anything but one literal: the name may be put together from several. */
const computedImport =
  /\bimport\s*\(\s*(?!(?:'[^'\n]*'|"[^"\n]*")\s*[,)])|\brequire\s*\(|\bcreateRequire\b/;
/** What reaches other programs without any import. */
const globalReader = /(?<![.\w])fetch\s*\(|\bnew\s+(WebSocket|EventSource)\b|\bgetBuiltinModule\b/;
/** Built-in modules through which code can read what no import names. */
const readers =
  /^(node:)?(fs|fs\/promises|child_process|cluster|worker_threads|net|tls|dgram|dns|http|https|http2|module|vm|sqlite)$/;
const toolkitRoots = ['../../..', '../..'].map((way) =>
  fileURLToPath(new URL(way, import.meta.url)).replace(/[\\/]$/, ''),
);

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
    if (globalReader.test(text)) opaque ??= `${path} asks other programs`;
    for (const [, ...quoted] of text.matchAll(literalImport)) {
      const name = quoted.find((one) => one !== undefined) ?? '';
      if (!name.startsWith('.')) {
        packages.add(name);
        if (!isLocked(path, name)) opaque ??= `${path} imports ${name}, which no lockfile holds`;
      } else {
        const found = resolveImport(path, name);
        if (found === undefined) opaque ??= `${path} imports ${name}, which is not there`;
        else open.push(found);
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

/**
 * Whether a lockfile tells what the package is. A package that is linked from elsewhere, as the
 * members of a workspace are, changes without it; so does what stands behind an alias.
 */
function isLocked(from: string, name: string): boolean {
  if (isBuiltin(name)) return true;
  const [packageName = ''] = /^(@[^/]+\/)?[^/]+/.exec(name) ?? [];
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', packageName);
    if (existsSync(place)) {
      const real = realpathSync(place);
      return /[\\/]node_modules[\\/]/.test(real) || toolkitRoots.includes(real);
    }
    if (folder === dirname(folder)) return false;
  }
}

function resolveImport(from: string, name: string): string | undefined {
  const base = resolve(dirname(from), name);
  const source = base.replace(/\.([cm]?)js$/, '.$1ts');
  const tried = [base, source, `${base}.ts`, `${base}.js`, `${base}/index.ts`, `${base}/index.js`];
  return tried.find((path) => existsSync(path) && statSync(path).isFile());
}
