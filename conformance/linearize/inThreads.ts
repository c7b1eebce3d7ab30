/**
 * Histories checked side by side: worker threads that take one file after the other. What must
 * hold: results come in the order of the files, the first error ends the rest, and whoever aborts
 * waits for no search, as threads are terminated.
 */
import { Worker } from 'node:worker_threads';
import type { FileResult } from '../history/linearizeFiles.ts';
import { HistoryError } from '../history/operation.ts';
import { UsageError } from '../sources/usageError.ts';
import type { FileJob } from './checkFiles.ts';

/** What a worker answers. Errors are told by their kind, as classes are not copied. */
export type JobAnswer =
  | { readonly at: number; readonly result: FileResult }
  | { readonly at: number; readonly bad: string }
  | { readonly at: number; readonly usage: readonly [code: string, message: string, next: string] }
  | { readonly at: number; readonly failed: string };

export async function inThreads(
  jobs: readonly FileJob[],
  threads: number,
  path: string,
  signal: AbortSignal,
): Promise<FileResult[]> {
  signal.throwIfAborted();
  const results: FileResult[] = [];
  const workers: Worker[] = [];
  let next = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(path);
      workers.push(worker);
      const give = (): void => {
        const at = next;
        next += 1;
        const job = jobs[at];
        if (job === undefined) resolve();
        else worker.postMessage({ at, job });
      };
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('a worker thread ended')));
      worker.on('message', (answer: JobAnswer) => {
        if ('result' in answer) {
          results[answer.at] = answer.result;
          give();
        } else reject(errorOf(answer));
      });
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      give();
    });
  try {
    await Promise.all(Array.from({ length: threads }, one));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

function errorOf(answer: Exclude<JobAnswer, { result: FileResult }>): Error {
  if ('bad' in answer) return new HistoryError(answer.bad);
  if ('usage' in answer) return new UsageError(...answer.usage);
  return new Error(answer.failed);
}
