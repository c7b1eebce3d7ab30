// Runs TLC once: staged, with its own folders, a time limit and a memory limit, and reads what it says.
// What must hold: the verdict is TLC's own; whatever happens, no process and no folder of the run is left.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { classArchive, type ClassArchive } from './classArchive.ts';
import { FrameReader } from './frames.ts';
import { tlcFlags, jvmFlags, type Checkpoints, type DepthFirstMode } from './flags.ts';
import type { SimulateMode } from './flags.ts';
import { getJar, type Jar, type JarOptions } from './jar.ts';
import { findJava } from './java.ts';
import { runJvm, type JvmRun } from './jvm.ts';
import { openPipe, type NamedPipe } from './pipe.ts';
import { TlcReader } from './reading.ts';
import type { TlcProgress, TlcReading, TlcResult } from './result.ts';
import { makeStage, type GeneratedModule, type Stage } from './stage.ts';

export type { SimulateMode } from './flags.ts';

export interface TlcOptions {
  /** Path to the root .tla; its folder is staged. */
  readonly module: string;
  /** Path to a .cfg, or its text. */
  readonly cfg: string;
  readonly modules?: readonly GeneratedModule[];
  /** The name of the one of `modules` to run instead of `module`. */
  readonly root?: string;
  readonly libraryPaths?: readonly string[];
  readonly mode?: 'check' | SimulateMode | DepthFirstMode;
  /** Gets the state graph as TLC writes it. TLC runs as fast as this reads. */
  readonly dump?: (stream: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Threads of TLC. One is canonical: with more, counterexamples may be a step longer. */
  readonly workers?: number | 'auto';
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** False: a state without successors is no error. Default: as the cfg says. */
  readonly deadlock?: boolean;
  /** Counts how often each action and each expression was evaluated: a third more time at worst (measured). */
  readonly coverage?: boolean;
  /** Goes on after a violated invariant: TlcResult.further. */
  readonly continueAfter?: boolean;
  /** When liveness is checked: now and then, or once all states are found. */
  readonly liveness?: 'default' | 'final';
  readonly checkpoints?: Checkpoints;
  /** Stages .class and .jar files too: code beside the spec then runs. */
  readonly allowOverrides?: boolean;
  /** Fewer than some 150,000 steps are expected: compiled lightly, which then takes half the CPU time. */
  readonly tiny?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TlcProgress) => void;
  readonly jar?: JarOptions;
}

/** The cfg's text, whichever way it was given: a path ends in .cfg and has one line. */
export async function cfgText(cfg: string): Promise<string> {
  return cfg.endsWith('.cfg') && !cfg.includes('\n') ? readFile(cfg, 'utf8') : cfg;
}

interface Dumped {
  readonly ended: JvmRun;
  readonly failure?: { readonly error: unknown };
}

/** Runs the dump's reader beside TLC; a reader that fails while TLC runs ends TLC. */
async function withDump(
  dump: NonNullable<TlcOptions['dump']>,
  pipe: NamedPipe,
  run: (onStart: (stop: () => void) => void) => Promise<JvmRun>,
): Promise<Dumped> {
  let stop = (): void => undefined;
  let failure: { error: unknown } | undefined;
  const read = dump(pipe.stream).catch((error: unknown) => {
    failure = { error };
    pipe.stream.destroy();
    stop();
  });
  try {
    const ended = await run((given) => {
      stop = given;
      if (failure) stop();
    });
    await pipe.close();
    await read;
    return failure ? { ended, failure } : { ended };
  } finally {
    await pipe.destroy();
  }
}

/** What the end of the process says beyond what TLC said. */
export function afterEnd(
  reading: TlcReading,
  run: JvmRun,
  o: Pick<TlcOptions, 'timeoutMs' | 'memoryMb'>,
): TlcReading {
  const { end, stderr } = run;
  if (end === 'timeout') {
    const message = `TLC ran longer than ${o.timeoutMs / 1000} s and was ended.`;
    return { ...reading, verdict: 'unknown', kind: 'timeout', message };
  }
  if (end === 'aborted') {
    return { ...reading, verdict: 'unknown', kind: 'interrupted', message: 'TLC was interrupted.' };
  }
  if (reading.verdict === 'violation' || reading.verdict === 'ok') return reading;
  if (reading.kind === 'memory' || /OutOfMemoryError|Java heap space/.test(stderr)) {
    const message = `TLC ran out of its ${o.memoryMb} MB. Give it more, or make the model smaller.`;
    return { ...reading, verdict: 'unknown', kind: 'memory', message };
  }
  if (stderr.includes('No space left on device')) {
    const message = 'The disk is full.';
    return { ...reading, verdict: 'unknown', kind: 'disk', message };
  }
  if (reading.kind !== 'crash' || stderr.trim() === '') return reading;
  return { ...reading, message: `${reading.message ?? ''} ${firstWords(stderr)}`.trim() };
}

/** A cfg that does not parse ends in a Java stack trace on the error output: its message is enough. */
function firstWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !/^\s*(at |$|@!@!@)/.test(line));
  return lines.slice(0, 6).join(' ').slice(0, 1_000);
}

async function traceFiles(o: TlcOptions, stage: Stage): Promise<TlcResult['traceFiles']> {
  if (typeof o.mode !== 'object' || !('simulate' in o.mode) || !o.mode.simulate.traces) return [];
  const order = new Intl.Collator('en', { numeric: true });
  const names = (await readdir(stage.meta)).filter((name) => name.startsWith('trace_'));
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (const name of names.sort(order.compare)) {
    files.push({ name, bytes: await readFile(join(stage.meta, name)) });
  }
  return files;
}

export async function runTlc(o: TlcOptions): Promise<TlcResult> {
  const [jar, java, cfg] = await Promise.all([getJar(o.jar), findJava(), cfgText(o.cfg)]);
  const stage = await makeStage(o);
  try {
    const root = o.root ?? basename(o.module, '.tla');
    await writeFile(join(stage.specs, `${root}.cfg`), cfg);
    const archive = await classArchive({ jar, java, folder: stage.folder, write: true });
    return await runStaged(o, { jar, java: java.path, stage, root, archive });
  } finally {
    await stage.remove();
  }
}

interface Staged {
  readonly jar: Jar;
  readonly java: string;
  readonly stage: Stage;
  readonly root: string;
  readonly archive: ClassArchive;
}

/** What stands beside the spec comes first: an override is to override. */
function classPath({ jar, stage }: Staged): string {
  return [...stage.jars, jar.path].join(delimiter);
}

async function runStaged(o: TlcOptions, s: Staged): Promise<TlcResult> {
  const pipe = o.dump ? await openPipe(join(s.stage.folder, 'graph.dot')) : undefined;
  const reader = new TlcReader(o.onProgress);
  const frames = new FrameReader((event) => reader.take(event));
  const args = [
    ...jvmFlags(o, s.stage),
    ...s.archive.flags,
    ...['-cp', classPath(s), 'tlc2.TLC'],
    ...tlcFlags(o, s.stage, s.root, pipe?.path),
  ];
  const run = (onStart?: (stop: () => void) => void): Promise<JvmRun> =>
    runJvm({
      java: s.java,
      args,
      cwd: s.stage.specs,
      folder: s.stage.folder,
      timeoutMs: o.timeoutMs,
      signal: o.signal,
      onStdout: (chunk) => frames.push(chunk),
      ...(onStart ? { onStart } : {}),
    });
  const { ended, failure }: Dumped =
    pipe && o.dump ? await withDump(o.dump, pipe, run) : { ended: await run() };
  frames.end();
  if (ended.end === 'exited') await s.archive.keep();
  const reading = afterEnd(reader.finish(ended.exitCode), ended, o);
  // Where TLC itself has something to say, its graph is a partial one and the reader may well refuse it.
  if (failure && (ended.end === 'stopped' || reading.verdict === 'ok')) throw failure.error;
  return {
    ...reading,
    version: reading.version || s.jar.version,
    jar: s.jar.path,
    seconds: ended.seconds,
    exitCode: ended.exitCode,
    command: [s.java, ...args],
    traceFiles: await traceFiles(o, s.stage),
  };
}
