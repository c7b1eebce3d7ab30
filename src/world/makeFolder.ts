/**
 * Makes a folder, and those above it that are missing. What must hold: it ends, also where a file
 * system takes no new names and calls them missing (Node's own recursive mkdir does not, on /proc).
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Gives the topmost folder that it made, or undefined where all were there. */
export async function makeFolder(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    const found = await stat(at).catch((error: unknown) => {
      if (isMissing(error) && dirname(at) !== at) return undefined;
      throw error;
    });
    if (found?.isDirectory() === false) {
      throw Object.assign(new Error(`${at} is no folder`), { code: 'ENOTDIR' });
    }
    if (found !== undefined) break;
    missing.push(at);
  }
  for (const each of missing.toReversed()) {
    await mkdir(each).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
  return missing.at(-1);
}
