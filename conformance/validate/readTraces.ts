/**
 * The files named on a command line as traces. What must hold: every file named is in a trace; what
 * is no recording is refused by its name before any JVM starts.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { readItf } from '../behaviour/itf.ts';
import { readNdjsonTraces } from '../behaviour/ndjsonTrace.ts';
import { requireFile } from '../project/specFiles.ts';
import { mergeRecordings, type MergedTrace } from '../recording/mergeRecordings.ts';
import { readRecording } from '../recording/readRecording.ts';
import type { Recording } from '../recording/recording.ts';
import { stateRecording } from '../recording/stateRecording.ts';
import { UsageError } from '../sources/usageError.ts';

export interface ReadTraces {
  readonly traces: readonly MergedTrace[];
  /** Names all that was read. */
  readonly key: string;
}

export interface ReadTracesOptions {
  readonly modelValues: ReadonlySet<string>;
  readonly from?: string;
  readonly merge?: boolean;
}

const stateFileBytesMax = 256 << 20;

export async function readTraces(
  paths: readonly string[],
  o: ReadTracesOptions,
): Promise<ReadTraces> {
  if (paths.length === 0) {
    throw new UsageError('no-traces', 'no trace is named', 'Name at least one recording.');
  }
  const { from = process.cwd(), merge = false } = o;
  const hash = createHash('sha256').update(`${merge}\n`);
  const recordings: Recording[] = [];
  for (const path of [...new Set(paths.map((each) => resolve(from, each)))]) {
    requireFile(path, 'recording', 'Give a file that createRecorder wrote, or a trace in ITF.');
    const name = relative(from, path) || path;
    hash.update(`\n${name}\n`);
    recordings.push(...(await readOne(path, { name, hash, modelValues: o.modelValues })));
  }
  return { traces: mergeRecordings(recordings, { merge }), key: hash.digest('hex') };
}

interface One {
  readonly name: string;
  readonly hash: Hash;
  readonly modelValues: ReadonlySet<string>;
}

async function readOne(path: string, o: One): Promise<Recording[]> {
  const head = headOf(path);
  const isItf = /\.json$/.test(path) && !/^\s*\{\s*"bisim"/.test(head);
  const isStates = /^\s*\{"format":"bisim\.trace\./.test(head);
  if (!isItf && !isStates) return [await readRecording(path, o)];
  if (statSync(path).size > stateFileBytesMax) {
    const message = `${o.name} is larger than ${stateFileBytesMax} bytes`;
    throw new UsageError('too-long', message, 'Record shorter runs.');
  }
  const bytes = readFileSync(path);
  o.hash.update(bytes);
  const text = bytes.toString('utf8');
  const options = { file: o.name, modelValues: o.modelValues };
  const traces = isItf ? [readItf(text, options)] : readNdjsonTraces(text, options);
  return traces.map((trace, i) =>
    stateRecording(trace, traces.length === 1 ? o.name : `${o.name}#${i + 1}`),
  );
}

function headOf(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(256);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
