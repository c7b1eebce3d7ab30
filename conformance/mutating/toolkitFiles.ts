/** The toolkit's own files, which are neither mutated nor watched. */
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const toolkit = dirname(dirname(fileURLToPath(import.meta.url)));

/** Its sources stand beside its built form only in its own repository. */
export function isToolkit(path: string): boolean {
  const folders = [toolkit, toolkit.replace(`${sep}dist${sep}`, sep)];
  return folders.some((folder) => path.startsWith(`${folder}${sep}`));
}
