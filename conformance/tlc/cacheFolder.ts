// Where jars and class archives are kept between runs: BISIM_CACHE, or the system's cache folder.

import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** The folder for one kind of cached thing, e.g. `jar`. It may not exist yet. */
export function cacheFolder(kind: string, environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['BISIM_CACHE'];
  return join(chosen ? resolve(chosen) : envPaths('bisim', { suffix: '' }).cache, kind);
}
