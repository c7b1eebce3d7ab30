/** Ours and Porcupine as processes that check the files they are given and print one line each. */
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measure } from './summary.ts';

export interface Limits {
  /** Wall time of one check, in seconds. */
  readonly timeout: string;
  /** CPU time for the repetitions of one file, in milliseconds. */
  readonly budget: string;
}

export interface Porcupine {
  readonly program: string;
  /** The folder of its Go module. */
  readonly module: string;
}

const here = dirname(fileURLToPath(import.meta.url));

/** Builds bench/porcupine into `folder`; a reason where that cannot be done. */
export function buildPorcupine(folder: string): Porcupine | { readonly missing: string } {
  const program = join(folder, 'porcupine');
  const cwd = join(here, '..', 'porcupine');
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd, encoding: 'utf8' });
  if (built.status !== 0) return { missing: built.error?.message ?? built.stderr };
  const list = ['list', '-m', '-f', '{{.Dir}}', 'github.com/anishathalye/porcupine'];
  return { program, module: execFileSync('go', list, { cwd, encoding: 'utf8' }).trim() };
}

/** `init` is the first value of every key, as JSON. */
export function ourRun(
  files: readonly string[],
  init: string,
  limits: Limits,
  switches: object = {},
): Measure[] {
  const jiti = fileURLToPath(import.meta.resolve('jiti/register'));
  const timeout = String(1000 * Number(limits.timeout));
  const flags = ['--import', jiti, join(here, 'ours.ts'), '--switches', JSON.stringify(switches)];
  const args = ['--init', init, '--timeout', timeout, '--budget', limits.budget];
  return measures(process.execPath, [...flags, ...args, ...files]);
}

export function porcupineRun(
  { program }: Porcupine,
  files: readonly string[],
  init: string,
  limits: Limits,
): Measure[] {
  const args = ['-timeout', `${limits.timeout}s`, '-budget', `${limits.budget}ms`];
  return measures(program, ['-init', init, ...args, ...files]);
}

function measures(command: string, args: string[]): Measure[] {
  const out = execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return out
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as Measure);
}
