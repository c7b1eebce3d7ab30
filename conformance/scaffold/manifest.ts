/**
 * The package.json that `bisim init` writes, and what one that was there lacks. What must hold: the
 * toolkit is asked for where this one came from; a registry may know another package by its name.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const vitestRange = '^4.0.0';
/** The last line of TypeScript whose parser can be called: `bisim mutate` needs it. */
const typescriptRange = '^6.0.0';

export function newManifest(folder: string, toolkit: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const manifest = {
    name: name === '' ? 'protocol' : name,
    private: true,
    type: 'module',
    scripts: { test: 'vitest run', verify: 'bisim verify' },
    devDependencies: { bisim: toolkit, typescript: typescriptRange, vitest: vitestRange },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** As a dependency of `folder`: the version, or the file from which npm installed this copy. */
export function toolkitRange(folder: string, version: string, from = import.meta.url): string {
  const installed = fileURLToPath(from).split(/(?<=node_modules)[\\/]bisim[\\/]/);
  const [modules] = installed;
  if (installed.length < 2 || modules === undefined) return `^${version}`;
  const file = resolvedFile(modules);
  if (file === undefined) return `^${version}`;
  const path = relative(folder, resolve(dirname(modules), file)).replaceAll('\\', '/');
  return `file:${path}`;
}

/** What npm noted of its last install, relative to the project. */
function resolvedFile(modules: string): string | undefined {
  try {
    const text = readFileSync(join(modules, '.package-lock.json'), 'utf8');
    const { packages } = JSON.parse(text) as {
      packages?: Readonly<Record<string, { resolved?: string }>>;
    };
    const resolved = packages?.['node_modules/bisim']?.resolved ?? '';
    return resolved.startsWith('file:') ? resolved.slice('file:'.length) : undefined;
  } catch {
    return undefined;
  }
}

/** What a package.json that was there lacks, as commands that add it. */
export function missingParts(manifest: string, toolkit: string): string[] {
  const { scripts = {}, ...packages } = readManifest(manifest);
  const known = { ...packages.dependencies, ...packages.devDependencies };
  const wanted = {
    bisim: toolkit.startsWith('file:') ? toolkit : 'bisim',
    vitest: 'vitest',
    typescript: `typescript@${typescriptRange}`,
  };
  const lacks = Object.entries(wanted).filter(([name]) => !Object.hasOwn(known, name));
  const named = lacks.map(([, asked]) => asked).join(' ');
  const placeholder = /no test specified/.test(scripts['test'] ?? 'no test specified');
  return [
    ...(lacks.length > 0 ? [`npm install --save-dev ${named}`] : []),
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
