/**
 * Mutated code beside the real code: each function that the binding imports is called in both, and
 * the first one whose results differ is noted. A binding may drop part of a result, messages say; what
 * it drops is a difference all the same.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { CodeClosure } from '../sources/codeClosure.ts';
import { sameResult } from './sameResult.ts';
import { isToolkit } from './toolkitFiles.ts';

const key = 'bisim.mutants.differs';

/** Where the staged wrappers note what they saw; one a thread. */
export function twinDifference(): Twins {
  const shared = globalThis as { [name: symbol]: Twins | undefined };
  return (shared[Symbol.for(key)] ??= { differs: '', quiet: false, same: sameResult });
}

export interface Twins {
  /** The function whose results differ; empty where none has. */
  differs: string;
  /** Nothing is noted while the initial states are made. */
  quiet: boolean;
  readonly same: typeof sameResult;
}

export interface TwinGiven {
  /** The mutated file, by its real path, and its mutated text. */
  readonly file: string;
  readonly mutated: string;
  readonly closure: CodeClosure;
  readonly root: string;
  /** The folder of a staged copy of the real code. */
  readonly real: string;
}

export interface Twin {
  readonly closure: CodeClosure;
  readonly replaced: ReadonlyMap<string, string>;
}

export function twinOf({ file, mutated, closure, root, real }: TwinGiven): Twin {
  const replaced = new Map([[file, mutated]]);
  const files = [...closure.files];
  for (const path of importedByEntry(closure)) {
    const text = replaced.get(path) ?? readFileSync(path, 'utf8');
    const names = exportedFunctions(text);
    if (names.length === 0) continue;
    const extension = extname(path);
    const moved = join(dirname(path), `${basename(path, extension)}.bisimMutated${extension}`);
    files.push(moved);
    replaced.set(moved, text);
    replaced.set(path, wrapper(basename(moved), join(real, relative(root, path)), names));
  }
  return { closure: { ...closure, files: files.sort() }, replaced };
}

const fromClause = /\bfrom\s*['"](\.[^'"\n]+)['"]/g;

/** Files of the closure that the binding itself imports. */
function importedByEntry({ entry, files }: CodeClosure): string[] {
  const text = readFileSync(entry, 'utf8');
  const named = [...text.matchAll(fromClause)].map(([, name = '']) => {
    const base = resolve(dirname(entry), name);
    const tried = [base, base.replace(/\.([cm]?)js$/, '.$1ts'), `${base}.ts`, `${base}.js`];
    return tried.find((path) => files.includes(path));
  });
  return [
    ...new Set(named.filter((path): path is string => path !== undefined && !isToolkit(path))),
  ];
}

const exported = /^export\s+(?:async\s+)?(?:function\s*\*?|const)\s+([A-Za-z_$][\w$]*)/gm;

function exportedFunctions(text: string): string[] {
  return [...new Set([...text.matchAll(exported)].map(([, name = '']) => name))];
}

/** Classes and values pass as they are in the mutated code. */
function wrapper(mutated: string, real: string, names: readonly string[]): string {
  return [
    `import * as real from ${JSON.stringify(real)};`,
    `import * as mutated from ${JSON.stringify(`./${mutated}`)};`,
    `export * from ${JSON.stringify(`./${mutated}`)};`,
    `const seen = globalThis[Symbol.for('${key}')];`,
    'let depth = 0;',
    'function both(name) {',
    '  const ours = mutated[name];',
    "  if (typeof ours !== 'function' || /^class\\b/.test(String(ours))) return ours;",
    '  return function (...given) {',
    '    const result = ours.apply(this, given);',
    "    if (seen.differs !== '' || seen.quiet || depth > 0) return result;",
    '    depth += 1;',
    '    try {',
    '      if (!seen.same(result, real[name].apply(this, given))) seen.differs = name;',
    '    } catch {',
    '      seen.differs = name;',
    '    } finally {',
    '      depth -= 1;',
    '    }',
    '    return result;',
    '  };',
    '}',
    ...names.map((name) => `export const ${name} = both(${JSON.stringify(name)});`),
    '',
  ].join('\n');
}
