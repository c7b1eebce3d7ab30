/**
 * One worker thread of a replay: runs one share, tells how far it is, ends when it is told to. What
 * must hold: an error of the user's making crosses as data, and what the code throws where nobody
 * waits for it is a failure of the code, not the end of the run.
 */
import { setImmediate } from 'node:timers/promises';
import { errorOf, type Failure } from '../replay/failure.ts';
import { failureText } from '../replay/failureText.ts';
import { taskError } from '../verify/taskError.ts';
import { runShare } from './runShare.ts';
import type { ShareAnswer } from './share.ts';
import type { ShareMessage, ShareReply, WorkerShare } from './sharePool.ts';

const tellEveryMs = 100;

export async function run({ job, port, noted }: WorkerShare): Promise<ShareReply> {
  const ending = new AbortController();
  const strays: unknown[] = [];
  const stray = (error: unknown): void => {
    strays.push(error);
  };
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
  port.on('message', (message: ShareMessage) => {
    if (message.kind === 'end') ending.abort();
  });
  let toldAt = 0;
  const onProgress = (done: number, total: number | undefined): void => {
    const now = performance.now();
    if (now - toldAt < tellEveryMs) return;
    toldAt = now;
    port.postMessage({ kind: 'progress', done, total } satisfies ShareMessage);
  };
  try {
    const answer = await runShare(job, { signal: ending.signal, onProgress, noted });
    // What was rejected unseen is reported once the microtasks have run dry.
    await setImmediate();
    return { answer: withStrays(answer, strays) };
  } catch (error) {
    return { error: taskError('replay', error) };
  } finally {
    process.off('uncaughtException', stray);
    process.off('unhandledRejection', stray);
    port.close();
  }
}

function withStrays(answer: ShareAnswer, strays: readonly unknown[]): ShareAnswer {
  if (strays.length === 0) return answer;
  const failures = strays.slice(0, 3).map((thrown) => ({ failure: strayFailure(thrown) }));
  return {
    ...answer,
    verdict: 'violation',
    failures: [...answer.failures, ...failures],
    failureCount: answer.failureCount + strays.length,
  };
}

function strayFailure(thrown: unknown): Failure {
  const error = errorOf(thrown);
  const summary = `the code threw where nobody waited for it: ${error.message}`;
  const report = { kind: 'threw' as const, summary, differences: [], error };
  return { ...report, text: failureText(report) };
}
