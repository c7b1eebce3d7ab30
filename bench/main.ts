/**
 * `npm run bench -- NAME [flags]` runs the bench of that name: bench/NAME.ts. Without a name it
 * lists what there is.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [name = ''] = process.argv.splice(2, 1);
const path = join(here, `${name}.ts`);

if (!/^\w+$/.test(name) || name === 'main' || !existsSync(path)) {
  const names = readdirSync(here)
    .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
    .map((file) => file.replace('.ts', ''));
  process.stderr.write(`usage: npm run bench -- NAME [flags]; NAME is ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  await import(pathToFileURL(path).href);
}
