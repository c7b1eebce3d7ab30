// Runs one JVM to its end: its own process group, a time limit, an abort signal, its output handed on as it comes.
// What must hold: when the promise settles, no process of the group is left.

import { execa } from 'execa';
import { guard, killGroup } from './children.ts';
import { EnvironmentError } from './environmentError.ts';
import { watch } from './watchdog.ts';

export type JvmEnd = 'exited' | 'timeout' | 'aborted' | 'stopped';

export interface JvmRun {
  readonly end: JvmEnd;
  readonly exitCode: number | undefined;
  readonly seconds: number;
  /** The last stderrCharsMax characters of the error output. */
  readonly stderr: string;
}

const stderrCharsMax = 64 * 1024;

export interface JvmOptions {
  readonly java: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly cwd: string;
  /** Removed if this process is ended from outside. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStdout: (chunk: Uint8Array) => void;
  /** Called once with a function that ends the run early. */
  readonly onStart?: (stop: () => void) => void;
}

/** What JAVA_TOOL_OPTIONS and its like would change behind the caller's back is left out. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { JAVA_TOOL_OPTIONS: _a, _JAVA_OPTIONS: _b, JDK_JAVA_OPTIONS: _c, ...rest } = process.env;
  return rest;
}

export async function runJvm(o: JvmOptions): Promise<JvmRun> {
  const started = performance.now();
  if (o.signal?.aborted) return { end: 'aborted', exitCode: undefined, seconds: 0, stderr: '' };
  const child = execa(o.java, o.args, {
    cwd: o.cwd,
    env: cleanEnvironment(),
    extendEnv: false,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'ignore',
    encoding: 'buffer',
  });
  const unguard = guard({ pid: child.pid, folder: o.folder });
  const unwatch = watch(child.pid, o.folder);
  let end: JvmEnd = 'exited';
  const stop = (why: JvmEnd): void => {
    if (end === 'exited') end = why;
    killGroup(child.pid);
  };
  const onAbort = (): void => stop('aborted');
  const timer = setTimeout(() => stop('timeout'), o.timeoutMs);
  o.signal?.addEventListener('abort', onAbort, { once: true });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-stderrCharsMax);
  });
  child.stdout.on('data', o.onStdout);
  o.onStart?.(() => stop('stopped'));
  try {
    const done = await child;
    if (child.pid === undefined) throw cannotStart(o.java, done.shortMessage ?? '');
    const seconds = (performance.now() - started) / 1000;
    return { end, exitCode: done.exitCode, seconds, stderr };
  } finally {
    clearTimeout(timer);
    o.signal?.removeEventListener('abort', onAbort);
    killGroup(child.pid);
    unwatch();
    unguard();
  }
}

function cannotStart(java: string, why: string): EnvironmentError {
  return new EnvironmentError(
    'tlc-start',
    `${java} could not be started: ${why}`,
    'Check that this Java runs (`java -version`), and that the machine has processes and memory left.',
  );
}
