// What a jar calls itself. Only asked of jars with an unknown hash, which the user named: it runs that jar.

import { tmpdir } from 'node:os';
import { execa } from 'execa';
import { findJava } from './java.ts';

const answerMs = 30_000;

export interface JarVersion {
  /** Such as "2.20". */
  readonly number: string;
  readonly line: string;
  /** A rolling pre-release of 1.8: no hash can be known beforehand. */
  readonly rolling: boolean;
}

/** The last number of the 1.7 series; the 1.8 pre-releases count on from it or name a build day. */
const lastOfSeries17 = 19;

/** Is "2.20" one of the 1.8 pre-releases? */
export function isRolling(number: string): boolean {
  const [major = 0, minor = 0] = number.split('.').map((part) => Number.parseInt(part, 10));
  return major > 2 || (major === 2 && minor > lastOfSeries17);
}

/** Reads "TLC2 Version 2.20 of Day Month 20?? (rev: abc)". */
export function readJarVersion(text: string): JarVersion | undefined {
  const match = /Version (\d+\.\d+\S*)( of [^\n]*)?/.exec(text);
  if (!match) return undefined;
  const number = match[1] ?? '';
  return { number, line: match[0].trim(), rolling: isRolling(number) };
}

export async function jarVersion(
  path: string,
  environment: NodeJS.ProcessEnv,
): Promise<JarVersion | undefined> {
  const java = await findJava({ environment });
  const run = await execa(java.path, ['-cp', path, 'tlc2.TLC', '-help'], {
    cwd: tmpdir(),
    env: environment,
    extendEnv: false,
    reject: false,
    all: true,
    timeout: answerMs,
  });
  return readJarVersion(run.all ?? '');
}
