/**
 * The build with a bug planted in it: a copy, one of whose files differs in one place. It stands
 * beside the build, where its packages are found.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '../../dist');

export interface Planted {
  readonly program: string;
  remove(): void;
}

export interface Plant {
  /** Below dist/src. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

export function planted({ file, find, replace }: Plant): Planted {
  const folder = mkdtempSync(join(dist, 'planted-'));
  cpSync(join(dist, 'src'), folder, { recursive: true });
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) {
    rmSync(folder, { recursive: true });
    throw new Error(`${file}: ${JSON.stringify(find)} does not occur exactly once`);
  }
  writeFileSync(path, text.replace(find, replace));
  return {
    program: join(folder, 'main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
