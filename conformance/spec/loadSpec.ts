// Reads a spec through SANY once per content: several cfgs of one module share the reading, and what was prepared for
// a cfg is kept in the cache. What must hold: the key covers every .tla file TLC could load, the constants, the jar.

import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { cacheKey } from '../behaviour/cache.ts';
import { getJar } from '../tlc/jar.ts';
import { specBytesMax } from '../tlc/stage.ts';
import { assertSpecExists, exportXml, type SpecSource } from './sany.ts';
import { SpecSyntax } from './syntax.ts';
import { parseXml } from './xml.ts';

/** Changes with the form of what is cached. */
const form = 'spec-1';
const syntaxesMax = 8;
const syntaxes = new Map<string, Promise<SpecSyntax>>();

/** A name for all that SANY can read from here: content, not paths or times. */
export async function contentKey(o: SpecSource): Promise<string> {
  await assertSpecExists(o.module);
  const parts: string[] = [
    form,
    o.module.split(/[\\/]/).at(-1) ?? '',
    (await getJar(o.jar)).sha256,
  ];
  for (const folder of [dirname(o.module), ...(o.libraryPaths ?? [])]) {
    const names = (await readdir(resolve(folder))).filter((name) => extname(name) === '.tla');
    for (const name of names.sort()) {
      // What is never staged decides nothing, and may be a gigabyte of noise.
      const { size } = await stat(join(folder, name)).catch(() => ({ size: 0 }));
      if (size > specBytesMax) continue;
      parts.push(name, await readFile(join(folder, name), 'utf8'));
    }
  }
  for (const { name, text } of o.modules ?? []) parts.push(name, text);
  return cacheKey(parts);
}

/** The spec as SANY sees it. A refused spec is asked again the next time. */
export function loadSyntax(o: SpecSource, key: string): Promise<SpecSyntax> {
  let syntax = syntaxes.get(key);
  if (!syntax) {
    syntax = exportXml(o).then((xml) => new SpecSyntax(parseXml(xml)));
    syntax.catch(() => syntaxes.delete(key));
    syntaxes.set(key, syntax);
    const oldest = syntaxes.keys().next().value;
    if (syntaxes.size > syntaxesMax && oldest !== undefined) syntaxes.delete(oldest);
  }
  return syntax;
}
