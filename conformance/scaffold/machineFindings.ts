/** What the machine must have: Node, Java, the jar of TLC, folders to write in, named pipes. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../sources/usageError.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { getJar } from '../tlc/jar.ts';
import { jarVersion } from '../tlc/jarVersion.ts';
import { findJava, javaMajorMin } from '../tlc/java.ts';
import { openPipe } from '../tlc/pipe.ts';
import { finding, type Finding } from './findings.ts';

export interface MachineOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Nothing is fetched: a jar that is not here is missing. */
  readonly offline: boolean;
  readonly jar?: string;
  readonly signal: AbortSignal;
}

const nodeMin = [20, 19] as const;

export async function machineFindings(o: MachineOptions): Promise<Finding[]> {
  const node = await finding('Node', 'missing', () => nodeVersion(process.versions.node));
  const java = await finding('Java', 'missing', async () => {
    const { version, path } = await findJava({ environment: o.environment });
    return `${version} at ${path}`;
  });
  const found: Finding[] = [node, java];
  found.push(...(await jarFindings(o, java.state === 'ok')));
  found.push(
    await finding('cache', 'missing', () => writable(cacheFolder('results', o.environment))),
  );
  found.push(await finding('temporary files', 'missing', () => writable(tmpdir())));
  found.push(await finding('named pipe', 'missing', namedPipe));
  return found;
}

export function nodeVersion(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = nodeMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return version;
  const next = `Install Node ${majorMin}.${minorMin} or newer.`;
  throw new UsageError('old-node', `Node ${version} is too old`, next);
}

async function jarFindings(o: MachineOptions, java: boolean): Promise<Finding[]> {
  let path: string | undefined;
  const jar = await finding('TLC jar', 'missing', async () => {
    const { jar: named, environment, offline, signal } = o;
    const got = await getJar({
      ...(named !== undefined && { jar: named }),
      ...(offline && { skip: ['release', 'maven'] as const }),
      environment,
      signal,
    });
    path = got.path;
    return [`${got.path} (${got.source})`, ...got.notes].join('; ');
  });
  if (path === undefined) return [jar];
  if (!java) return [jar, { name: 'TLC', state: 'absent', found: 'not run: there is no Java' }];
  const asked = path;
  const tlc = await finding('TLC', 'missing', async () => {
    const version = await jarVersion(asked, o.environment);
    if (version !== undefined) return version.line;
    const next = `Use Java ${javaMajorMin} or newer and a jar of TLC: bisim fetch gets one.`;
    throw new UsageError('no-tlc', `${asked} does not say that it is TLC`, next);
  });
  return [jar, tlc];
}

function writable(folder: string): string {
  const file = join(folder, `.bisim-${randomUUID()}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, '');
    return folder;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const next = 'Make it writable, or point BISIM_CACHE (the cache) or TMPDIR elsewhere.';
    throw new UsageError('not-writable', `${folder} cannot be written: ${reason}`, next, cause);
  } finally {
    rmSync(file, { force: true });
  }
}

async function namedPipe(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bisim-doctor-'));
  try {
    const pipe = await openPipe(join(folder, 'pipe'));
    await pipe.destroy();
    return 'can be made';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
