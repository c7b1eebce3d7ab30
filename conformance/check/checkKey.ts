/**
 * The name under which a verdict is kept. What must hold: it covers all that can change the verdict
 * or what is shown with it: every module the spec may extend, the cfg, the jar, the options, and
 * the part of the toolkit that reads TLC.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheKey } from '../behaviour/cache.ts';
import { filesBelow, hashFiles } from '../sources/contentHash.ts';
import type { Jar } from '../tlc/jar.ts';
import type { CheckedSpec } from './checkedSpec.ts';

const readers = ['tlc', 'check'].map((room) =>
  fileURLToPath(new URL(`../${room}`, import.meta.url)),
);
const isCode = (path: string): boolean => /\.(js|ts)$/.test(path) && !path.endsWith('.d.ts');

export function checkKey(
  { files, closure, cfgText }: CheckedSpec,
  jar: Jar,
  options: Readonly<Record<string, unknown>>,
): string {
  const toolkit = fileURLToPath(new URL('..', import.meta.url));
  const modules = closure.flatMap((path) => [basename(path), readFileSync(path)]);
  return cacheKey([
    'check',
    hashFiles(
      toolkit,
      readers.flatMap((folder) => filesBelow(folder, isCode)),
    ),
    jar.sha256,
    basename(files.module),
    JSON.stringify(options),
    cfgText,
    ...modules,
  ]);
}

/** Names all that a checkpoint of a search depends on: it is of no use to any other spec. */
export function searchKey({ files, closure, cfgText }: CheckedSpec, jar: Jar): string {
  const modules = closure.flatMap((path) => [basename(path), readFileSync(path)]);
  return cacheKey(['search', jar.sha256, basename(files.module), cfgText, ...modules]);
}
