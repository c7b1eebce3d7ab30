/** A folder that the user named for what is written; made where it is missing. */
import { mkdir, stat } from 'node:fs/promises';
import { UsageError } from '../sources/usageError.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';

export async function outFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  const next = 'Name another folder, one that can be written.';
  if (found !== undefined) throw new UsageError('no-folder', `${path} is no folder`, next);
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    // On a read-only disk Node says ENOENT of a folder to be made (measured on 20): its code tells nothing.
    const message = `the folder ${path} cannot be made: ${(cause as Error).message}`;
    throw new EnvironmentError('disk', message, next, cause);
  }
}
