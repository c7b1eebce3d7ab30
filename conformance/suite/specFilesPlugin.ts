/**
 * A plugin of Vite, so that vitest in watch mode runs again what a changed spec or cfg concerns: the
 * module that names them in a binding is made to depend on them. Nothing is added to what it does.
 */
import { existsSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { projectRoot } from '../project/specFiles.ts';
import { specClosure } from '../sources/specClosure.ts';

/** As much of Vite's plugins as this one is. */
export interface SpecFilesPlugin {
  readonly name: string;
  transform(code: string, id: string): { readonly code: string; readonly map: null } | undefined;
}

const binds = /\bdefine(?:Running)?Binding\b|\bconformanceSuite\b|\btoConform\b/;
const named = /(['"`])((?:(?!\1)[^\\\n])+\.(?:tla|cfg))\1/g;

/** Add it to `plugins` in vitest.config.ts. */
export function bisimPlugin(): SpecFilesPlugin {
  return {
    name: 'bisim:spec-files',
    transform(code, id) {
      const [path = ''] = id.split('?');
      if (path.includes('/node_modules/') || !binds.test(code)) return undefined;
      const files = filesNamed(code, path);
      if (files.length === 0) return undefined;
      // At the end: no line of the module moves, so its map stays as it is.
      const imports = files.map((file) => `import ${JSON.stringify(`${file}?raw`)};`);
      return { code: `${code}\n${imports.join('\n')}\n`, map: null };
    },
  };
}

/** The specs and cfgs that stand in the code, with the modules that those are made of. */
export function filesNamed(code: string, path: string): string[] {
  const folder = dirname(path);
  const root = projectRoot(folder);
  const files = new Set<string>();
  for (const [, , name = ''] of code.matchAll(named)) {
    for (const file of [resolve(root, name), resolve(folder, name)]) {
      if (!existsSync(file)) continue;
      files.add(file);
      for (const module of modulesOf(file)) files.add(module);
    }
  }
  return [...files].sort();
}

/** Of a cfg: the module of its name, where there is one. */
function modulesOf(file: string): readonly string[] {
  const module = extname(file) === '.cfg' ? file.replace(/\.cfg$/, '.tla') : file;
  return existsSync(module) ? specClosure(module, []).files : [];
}
