// The folder of one kind of cached thing, such as `jar`: BISIM_CACHE, or the system's cache folder. It may not exist.

import { join, resolve } from 'node:path';
import { cacheFolder as wholeCache } from '../behaviour/cache.ts';

export function cacheFolder(kind: string, environment: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(wholeCache(environment)), kind);
}
