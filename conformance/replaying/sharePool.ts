/**
 * Where shares run: in worker threads, so that code which never gives its thread back can be ended,
 * and several shares run side by side; or in this thread, where the toolkit is not built.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { AnyBinding, AnyRunningBinding } from '../replay/bindingModule.ts';
import { UsageError } from '../sources/usageError.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import type { TaskError } from '../verify/task.ts';
import { lastBegun, makeCells } from './lastBegun.ts';
import type { ShareAnswer, ShareJob } from './share.ts';

/** What goes between a worker and this thread. */
export type ShareMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number | undefined }
  | { readonly kind: 'end' };

export type ShareReply = { readonly answer: ShareAnswer } | { readonly error: TaskError };

export interface WorkerShare {
  readonly job: ShareJob;
  readonly port: MessagePort;
  readonly noted: { readonly cells: Int32Array; readonly share: number };
}

export interface PoolOptions {
  readonly signal: AbortSignal;
  /** From now; the shares are told to end then, and ended soon after. */
  readonly timeoutMs: number;
  readonly onProgress: (share: number, done: number, total: number | undefined) => void;
  /** The binding, where the shares may run in this thread. */
  readonly binding: AnyBinding | AnyRunningBinding;
  /** Run here though there are workers. */
  readonly here?: boolean;
}

/** The time limit passed, or the user ended the run, and the code did not give its thread back. */
export class SharesEnded extends Error {
  override readonly name = 'SharesEnded';
}

const workerPath = fileURLToPath(new URL('./shareWorker.js', import.meta.url));
/** What code gets to stop its subjects once it was told to. */
const graceMs = 1_500;

export async function runShares(jobs: readonly ShareJob[], o: PoolOptions): Promise<ShareAnswer[]> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  if (o.signal.aborted) end();
  o.signal.addEventListener('abort', end, { once: true });
  const timer = setTimeout(end, o.timeoutMs);
  try {
    const inThreads = o.here !== true && existsSync(workerPath);
    return inThreads ? await threads(jobs, o, ending.signal) : await here(jobs, o, ending.signal);
  } finally {
    clearTimeout(timer);
    o.signal.removeEventListener('abort', end);
  }
}

async function here(
  jobs: readonly ShareJob[],
  { onProgress, binding }: PoolOptions,
  signal: AbortSignal,
): Promise<ShareAnswer[]> {
  const { runShare } = await import('./runShare.ts');
  const answers: ShareAnswer[] = [];
  for (const [i, job] of jobs.entries()) {
    const tools = {
      signal,
      onProgress: (done: number, total: number | undefined) => onProgress(i, done, total),
    };
    answers.push(await runShare(job, tools, binding));
  }
  return answers;
}

async function threads(
  jobs: readonly ShareJob[],
  { onProgress, binding }: PoolOptions,
  signal: AbortSignal,
): Promise<ShareAnswer[]> {
  const cells = makeCells(jobs.length);
  const open = new Set(jobs.keys());
  const piscina = new Piscina({
    filename: workerPath,
    name: 'run',
    atomics: 'disabled',
    trackUnmanagedFds: false,
    minThreads: jobs.length,
    maxThreads: jobs.length,
    idleTimeout: Infinity,
  });
  const ports: MessagePort[] = [];
  let grace: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (): void => {
      for (const port of ports) port.postMessage({ kind: 'end' } satisfies ShareMessage);
      grace = setTimeout(
        () => reject(new SharesEnded(stuckText(binding, cells, [...open]))),
        graceMs,
      );
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  try {
    const running = jobs.map((job, i) => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      port1.on('message', (message: ShareMessage) => {
        if (message.kind === 'progress') onProgress(i, message.done, message.total);
      });
      const share: WorkerShare = { job, port: port2, noted: { cells, share: i } };
      const reply = piscina.run(share, { transferList: [port2] }) as Promise<ShareReply>;
      return reply.finally(() => open.delete(i));
    });
    const replies = await Promise.race([Promise.all(running), ended]);
    return replies.map((reply) => {
      if ('answer' in reply) return reply.answer;
      throw thrownAgain(reply.error);
    });
  } finally {
    clearTimeout(grace);
    for (const port of ports) port.close();
    await piscina.destroy();
  }
}

function stuckText(
  binding: PoolOptions['binding'],
  cells: Int32Array,
  shares: readonly number[],
): string {
  const names = lastBegun(binding, cells, shares);
  const last = names.length === 0 ? 'before any action began' : `last begun: ${names.join(', ')}`;
  return `the code did not give its thread back when the run was ended (${last})`;
}

/** What a worker could not do, as the error it would have been here. */
function thrownAgain({ exit, message, next, stack }: TaskError): Error {
  const error =
    exit === 'usage'
      ? new UsageError('replay', message, next ?? '')
      : exit === 'environment'
        ? new EnvironmentError('disk', message, next ?? '')
        : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
