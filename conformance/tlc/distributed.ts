// Drives TLC's own distributed mode: one server, and worker processes here or elsewhere. What must hold: the verdict is
// the server's; a worker that dies is replaced and its states are searched by others; nothing is left of any process.
//
// The server of 1.7 checks invariants, deadlock and Assert alone: who calls this has seen to the rest.

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { classArchive } from './classArchive.ts';
import { FrameReader } from './frames.ts';
import { getJar, type Jar } from './jar.ts';
import { findJava } from './java.ts';
import { runJvm, type JvmOptions, type JvmRun } from './jvm.ts';
import { TlcReader } from './reading.ts';
import type { TlcResult } from './result.ts';
import { afterEnd, cfgText, type TlcOptions } from './run.ts';
import { makeStage, type Stage } from './stage.ts';

export interface Distribution {
  /** Worker processes to start here; none: others will join by `bisim worker`. */
  readonly workers: number;
  /** The name of this machine as workers reach it; the loopback address if not given. */
  readonly host?: string;
  /** A free one if not given and all workers are local. */
  readonly port?: number;
  /** Told of workers that came, went, and of where to join. */
  readonly onNews?: (text: string) => void;
}

export const portDefault = 10_997;
const loopback = '127.0.0.1';
const serverName = 'tlc2.tool.distributed.TLCServer';
const workerName = 'tlc2.tool.distributed.TLCWorker';
/** How long workers may take to end by themselves once the server has. */
const partingMs = 5_000;
/** Between two reports of the server, which would else be silent for a minute. */
const reportMs = 10_000;
/** Each worker may be replaced this often: more deaths have a cause that comes again. */
const replacementsMax = 3;
const memoryMbMin = 256;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, loopback);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : portDefault;
}

interface Setting {
  readonly java: string;
  readonly jar: Jar;
  readonly stage: Stage;
  readonly host: string;
  readonly port: number;
  readonly memoryMb: number;
  /** What makes a JVM start faster. */
  readonly startFlags: readonly string[];
}

const javaFlags = (s: Setting, tmp: string): string[] => [
  ...s.startFlags,
  '-XX:+UseSerialGC',
  `-Xmx${s.memoryMb}m`,
  '-Xss8m',
  '-XX:+ExitOnOutOfMemoryError',
  `-Djava.io.tmpdir=${tmp}`,
  '-Dfile.encoding=UTF-8',
  `-D${serverName}.port=${s.port}`,
];

export async function runDistributed(o: TlcOptions, d: Distribution): Promise<TlcResult> {
  const [jar, java, cfg] = await Promise.all([getJar(o.jar), findJava(), cfgText(o.cfg)]);
  const port = d.port ?? (d.workers > 0 ? await freePort() : portDefault);
  const host = d.host ?? loopback;
  const stage = await makeStage(o);
  try {
    const root = o.root ?? basename(o.module, '.tla');
    await writeFile(join(stage.specs, `${root}.cfg`), cfg);
    const archive = await classArchive({ jar, java, folder: stage.folder, write: false });
    const memoryMb = Math.max(memoryMbMin, Math.floor(o.memoryMb / (d.workers + 1)));
    const startFlags = archive.flags;
    const setting = { java: java.path, jar, stage, host, port, memoryMb, startFlags };
    const args = [
      ...javaFlags(setting, stage.tmp),
      `-Djava.rmi.server.hostname=${host}`,
      `-D${serverName}.expectedFPSetCount=0`,
      `-D${serverName}.report=${reportMs}`,
      ...['-cp', jar.path, serverName, '-tool', '-metadir', stage.meta, '-checkpoint', '0'],
      ...(o.deadlock === false ? ['-deadlock'] : []),
      ...['-config', `${root}.cfg`, `${root}.tla`],
    ];
    return await served(o, d, setting, args);
  } finally {
    await stage.remove();
  }
}

async function served(
  o: TlcOptions,
  d: Distribution,
  s: Setting,
  args: readonly string[],
): Promise<TlcResult> {
  const reader = new TlcReader(o.onProgress);
  const frames = new FrameReader((event) => {
    reader.take(event);
    if (event.type === 'frame' && isAboutWorkers(event.code)) d.onNews?.(event.lines.join(' '));
  });
  const started = performance.now();
  const parting = new AbortController();
  const giveUp = new AbortController();
  const signals = [giveUp.signal, ...(o.signal ? [o.signal] : [])];
  if (d.workers === 0) d.onNews?.(`waiting for workers: bisim worker ${s.host} --port ${s.port}`);
  const workers = Array.from({ length: d.workers }, (_, number) =>
    keepWorker(s, number, parting.signal, d),
  );
  const allGone = Promise.all(workers).then((ends) => {
    // Workers that were told to end say that the server is about to; dead ones, that nobody works.
    if (ends.length > 0 && ends.every((end) => end === 'died')) giveUp.abort();
  });
  const ended = await runJvm({
    ...jvmBase(s, args, s.stage.specs),
    timeoutMs: o.timeoutMs,
    signal: AbortSignal.any(signals),
    onStdout: (chunk) => frames.push(chunk),
  });
  const left = o.signal?.aborted ? 0 : partingMs;
  const timer = setTimeout(() => parting.abort(), left);
  await allGone;
  clearTimeout(timer);
  frames.end();
  const reading = afterEnd(reader.finish(ended.exitCode), ended, o);
  const lost = ended.end === 'aborted' && !o.signal?.aborted;
  return {
    ...reading,
    ...(lost ? workersLost : {}),
    version: reading.version || s.jar.version,
    jar: s.jar.path,
    seconds: (performance.now() - started) / 1000,
    exitCode: ended.exitCode,
    command: [s.java, ...args],
    traceFiles: [],
  };
}

const workersLost = {
  verdict: 'error',
  kind: 'crash',
  message: 'All workers ended before the search did.',
} as const;

const isAboutWorkers = (code: number): boolean => code >= 7_000 && code <= 7_002;

function jvmBase(s: Setting, args: readonly string[], cwd: string): JvmBase {
  return { java: s.java, args, cwd, folder: s.stage.folder };
}

type JvmBase = Pick<JvmOptions, 'java' | 'args' | 'cwd' | 'folder'>;

/** Runs a worker until it ends in good order, replacing it where it dies. */
async function keepWorker(
  s: Setting,
  number: number,
  signal: AbortSignal,
  d: Distribution,
): Promise<'ended' | 'died'> {
  for (let life = 0; life <= replacementsMax && !signal.aborted; life += 1) {
    const folder = join(s.stage.folder, `worker-${number}-${life}`);
    await mkdir(folder);
    const run = await workerRun(s, { folder, threads: 1, signal });
    if (run.end !== 'exited' || run.exitCode === 0) return 'ended';
    d.onNews?.(`worker ${number + 1} died (${run.exitCode ?? 'killed'}); another takes its place`);
  }
  return signal.aborted ? 'ended' : 'died';
}

async function workerRun(
  s: Setting,
  o: { folder: string; threads: number; signal: AbortSignal; onStdout?: (text: string) => void },
): Promise<JvmRun> {
  const args = [
    ...javaFlags(s, o.folder),
    ...(s.host === loopback ? [`-Djava.rmi.server.hostname=${loopback}`] : []),
    `-D${workerName}.threadCount=${o.threads}`,
    ...['-cp', s.jar.path, workerName, s.host],
  ];
  return runJvm({
    ...jvmBase(s, args, o.folder),
    timeoutMs: workerMsMax,
    signal: o.signal,
    onStdout: (chunk) => o.onStdout?.(Buffer.from(chunk).toString()),
  });
}

/** The longest that a timer of Node can hold: a worker lives as long as its server. */
const workerMsMax = 2 ** 31 - 1;

/** Joins the server at `host` with this many threads, until it says that the work is done. */
export async function joinServer(o: {
  host: string;
  port: number;
  threads: number;
  memoryMb: number;
  timeoutMs: number;
  jar: Jar;
  signal: AbortSignal;
  onNews: (text: string) => void;
}): Promise<JvmRun> {
  const java = await findJava();
  // A worker has no spec of its own: its server sends it.
  const stage = await makeStage({});
  try {
    const { host, port, memoryMb, jar } = o;
    const { flags: startFlags } = await classArchive({ jar, java, folder: '', write: false });
    const setting = { java: java.path, jar, stage, host, port, memoryMb, startFlags };
    const folder = join(stage.folder, 'worker');
    await mkdir(folder);
    const late = AbortSignal.timeout(o.timeoutMs);
    const signal = AbortSignal.any([o.signal, late]);
    return await workerRun(setting, { ...o, folder, signal, onStdout: o.onNews });
  } finally {
    await stage.remove();
  }
}
