/**
 * The files of one command: checked one after the other in this thread, or side by side in
 * worker threads where there are several large ones. Either way the results come in the order of
 * the files, and aborting ends all of it.
 */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Consistency } from '../history/consistency.ts';
import { linearizeFile } from '../history/linearizeFiles.ts';
import type { FileResult } from '../history/linearizeFiles.ts';
import { HistoryError } from '../history/operation.ts';
import type { Band } from '../history/timeline.ts';
import { UsageError } from '../sources/usageError.ts';
import type * as Pool from './inThreads.ts';
import { isModelFile, modelFor } from './userModel.ts';

export interface FilesToCheck {
  readonly files: readonly string[];
  readonly model: string;
  readonly consistency: Consistency;
  /** The consistency as it was named. */
  readonly named: string;
  readonly limitMs?: number;
  readonly recover: boolean;
  readonly timeline?: { readonly bands: readonly Band[] };
  readonly workers?: number;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly repeat: (files: readonly string[]) => string;
}

/** What a worker is given; it can be copied to another thread. */
export interface FileJob {
  readonly file: string;
  readonly model: string;
  readonly consistency: string;
  readonly recover: boolean;
  readonly limitMs?: number;
  readonly timeline?: { readonly bands: readonly Band[]; readonly command: string };
  readonly cwd: string;
}

/** Below this many bytes in all, starting threads costs more than it saves. */
const threadsFromBytes = 4 * 1024 * 1024;

/** Built code alone can be loaded by a worker of Node 20; without it there is this thread. */
const workerPath = fileURLToPath(new URL('./worker.js', import.meta.url));

export async function checkFiles(o: FilesToCheck): Promise<FileResult[]> {
  const jobs = o.files.map((file) => jobOf(o, file));
  const threads = Math.min(o.workers ?? availableParallelism(), jobs.length);
  const own = isModelFile(o.model);
  const several = threads > 1 && (o.workers !== undefined || large(o));
  if ((own || several) && existsSync(workerPath)) {
    const { inThreads } = await import('./inThreads.ts');
    if (own) return ownModel(o, jobs, threads, inThreads);
    return inThreads(jobs, threads, workerPath, o.signal);
  }
  const results: FileResult[] = [];
  for (const job of jobs) results.push(await checkJob(job, o.signal));
  return results;
}

/**
 * A model of the user runs in threads, even for one file: where its step never comes back, Ctrl-C
 * and the limit still end it.
 */
async function ownModel(
  { limitMs, model, signal }: FilesToCheck,
  jobs: readonly FileJob[],
  threads: number,
  inThreads: (typeof Pool)['inThreads'],
): Promise<FileResult[]> {
  const rounds = Math.ceil(jobs.length / threads);
  const late =
    limitMs === undefined
      ? new AbortController().signal
      : AbortSignal.timeout(rounds * (limitMs + graceMs));
  try {
    return await inThreads(jobs, threads, workerPath, AbortSignal.any([signal, late]));
  } catch (cause) {
    const told = cause instanceof UsageError || cause instanceof HistoryError;
    if (signal.aborted || told) throw cause;
    const what = late.aborted
      ? 'did not come back: one call of its functions takes beyond the limit'
      : `ended its thread: ${cause instanceof Error ? cause.message : String(cause)}`;
    const next = `Correct the model${late.aborted ? ', or give a longer --limit' : ''}.`;
    throw new UsageError('model-fails', `${model} ${what}`, next, cause);
  }
}

/** Reading, explaining and drawing, which the limit of a check leaves out. */
const graceMs = 15_000;

/** Checks one file; also the body of a worker. */
export async function checkJob(job: FileJob, signal: AbortSignal): Promise<FileResult> {
  const { file, model, consistency, recover, limitMs, timeline, cwd } = job;
  const transactions = /serializable|snapshot|committed/.test(consistency);
  const result = await linearizeFile(resolve(cwd, file), {
    ...{ consistency, recover, signal, name: file },
    model: transactions ? model : await modelFor(model, cwd),
    ...(limitMs === undefined ? {} : { limitMs }),
    ...(timeline === undefined ? {} : { timeline }),
  });
  return { ...result, file };
}

function jobOf(o: FilesToCheck, file: string): FileJob {
  const { model, named, recover, limitMs, timeline, cwd } = o;
  return {
    ...{ file, model, consistency: named, recover, cwd },
    ...(limitMs === undefined ? {} : { limitMs }),
    ...(timeline === undefined ? {} : { timeline: { ...timeline, command: o.repeat([file]) } }),
  };
}

function large({ files, cwd }: FilesToCheck): boolean {
  let bytes = 0;
  for (const file of files) {
    bytes += statSync(resolve(cwd, file), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes >= threadsFromBytes;
}
