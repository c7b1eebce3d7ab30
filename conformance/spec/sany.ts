// Runs SANY, the TLA+ parser, and hands out what it says of a spec as XML. What must hold: a spec that SANY refuses
// ends in a SpecError with SANY's message and, where SANY names one, the file, line and column.

import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { classArchive } from '../tlc/classArchive.ts';
import { getJar, type Jar, type JarOptions } from '../tlc/jar.ts';
import { findJava, type Java } from '../tlc/java.ts';
import { runJvm, type JvmRun } from '../tlc/jvm.ts';
import { SanyMessages } from '../tlc/sanyMessages.ts';
import { makeStage, type GeneratedModule, type Stage } from '../tlc/stage.ts';
import { SpecError } from './specError.ts';

export interface SpecSource {
  /** Path of the root module's .tla. */
  readonly module: string;
  readonly libraryPaths?: readonly string[];
  readonly modules?: readonly GeneratedModule[];
  readonly jar?: JarOptions;
  readonly signal?: AbortSignal;
}

const sanyMs = 120_000;
const sanyMb = 1_024;
const mend = 'Mend the spec; `bisim check` shows the same message.';

export async function assertSpecExists(module: string): Promise<void> {
  try {
    await access(module);
  } catch (cause) {
    const next = 'Give the path of a .tla file.';
    throw new SpecError('no-spec', `there is no spec at ${module}`, next, undefined, cause);
  }
}

interface Setting {
  readonly o: SpecSource;
  readonly jar: Jar;
  readonly java: Java;
  readonly stage: Stage;
}

async function runClass(
  s: Setting,
  mainClass: string,
  args: readonly string[],
): Promise<[JvmRun, string]> {
  const { jar, java, stage } = s;
  const archive = await classArchive({ jar, java, folder: stage.folder, write: false });
  const chunks: Uint8Array[] = [];
  const run = await runJvm({
    java: java.path,
    args: [
      ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Xmx${sanyMb}m`, '-Xss8m'],
      ...[`-Djava.io.tmpdir=${stage.tmp}`, '-Dfile.encoding=UTF-8'],
      ...archive.flags,
      ...['-cp', jar.path, mainClass, ...args],
    ],
    cwd: stage.specs,
    folder: stage.folder,
    timeoutMs: sanyMs,
    signal: s.o.signal,
    onStdout: (chunk) => chunks.push(chunk),
  });
  return [run, Buffer.concat(chunks).toString('utf8')];
}

/** SANY's own words: the exporter keeps some of them to itself. */
async function explain(s: Setting, name: string, exported: string): Promise<SpecError> {
  const [, said] = await runClass(s, 'tla2sany.SANY', [`${name}.tla`]);
  const messages = new SanyMessages();
  for (const line of said.split(/\r?\n/)) messages.line(line);
  const problem = messages.problem();
  const words = problem?.message ?? `SANY refuses the spec: ${exported.trim().slice(0, 2_000)}`;
  return new SpecError('parse', words, mend, problem?.location);
}

export async function exportXml(o: SpecSource): Promise<string> {
  await assertSpecExists(o.module);
  const [jar, java] = await Promise.all([getJar(o.jar), findJava()]);
  const stage = await makeStage(o);
  try {
    const setting = { o, jar, java, stage };
    const name = basename(o.module, '.tla');
    // -o: offline, without checking the XML against its schema. -I: where modules are looked for.
    const [run, xml] = await runClass(setting, 'tla2sany.xml.XMLExporter', ['-I', '.', '-o', name]);
    const start = xml.indexOf('<?xml');
    if (run.end === 'aborted')
      throw new SpecError('parse', 'reading the spec was interrupted', mend);
    // The exporter goes on after semantic errors, with levels that mean nothing (measured).
    const refused = /^\*\*\* (Errors|Abort messages): /m.test(run.stderr);
    if (run.exitCode !== 0 || start < 0 || refused) throw await explain(setting, name, run.stderr);
    return xml.slice(start);
  } finally {
    await stage.remove();
  }
}
