/** One worker thread of `bisim linearize`: checks the files it is given until it is ended. */
import { parentPort } from 'node:worker_threads';
import { HistoryError } from '../history/operation.ts';
import { UsageError } from '../sources/usageError.ts';
import { checkJob } from './checkFiles.ts';
import type { FileJob } from './checkFiles.ts';
import type { JobAnswer } from './inThreads.ts';

const never = new AbortController().signal;

async function answerTo(at: number, job: FileJob): Promise<JobAnswer> {
  try {
    return { at, result: await checkJob(job, never) };
  } catch (error) {
    if (error instanceof HistoryError) return { at, bad: error.message };
    if (error instanceof UsageError) return { at, usage: [error.code, error.message, error.next] };
    return { at, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on('message', ({ at, job }: { at: number; job: FileJob }) => {
  void answerTo(at, job).then((answer) => parentPort?.postMessage(answer));
});
