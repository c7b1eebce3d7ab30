/**
 * Where tasks run: in worker threads, so that two models are read, replayed and checked side
 * by side, or in this thread. What must hold: when the run is ended, every worker is told, ends
 * its JVM and answers before the pool closes.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { RunContext, Task, TaskAnswer } from './task.ts';

export interface Listener {
  readonly detail: (text: string) => void;
  readonly warn: (text: string) => void;
}

export interface TaskPool {
  run(task: Task, listener: Listener): Promise<TaskAnswer>;
  close(): Promise<void>;
}

/** What a worker is told at its start. */
export interface WorkerSetup {
  readonly context: RunContext;
  readonly channel: string;
}

export interface WorkerJob {
  readonly id: number;
  readonly task: Task;
}

/** What goes over the channel: progress one way, the end the other. */
export type ChannelMessage =
  | { readonly id: number; readonly kind: 'detail' | 'warn'; readonly text: string }
  | { readonly end: true };

/** Built code alone can be loaded by a worker of Node 20; without it there is this thread. */
const workerPath = fileURLToPath(new URL('./worker.js', import.meta.url));

export async function openPool(
  context: RunContext,
  threads: number,
  signal: AbortSignal,
): Promise<TaskPool> {
  return existsSync(workerPath)
    ? threadPool(context, threads, signal)
    : await inThisThread(context, signal);
}

function threadPool(context: RunContext, threads: number, signal: AbortSignal): TaskPool {
  const name = `bisim-${randomUUID()}`;
  const channel = new BroadcastChannel(name);
  channel.unref();
  const setup: WorkerSetup = { context, channel: name };
  const piscina = new Piscina({
    filename: workerPath,
    name: 'run',
    atomics: 'disabled',
    // Pipes to TLC are opened and closed by number; Node's own count of them warns for nothing.
    trackUnmanagedFds: false,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
    workerData: setup,
  });
  const listeners = new Map<number, Listener>();
  channel.onmessage = (event: { data: unknown }) => {
    const message = event.data as ChannelMessage;
    if ('id' in message) listeners.get(message.id)?.[message.kind](message.text);
  };
  const end = (): void => channel.postMessage({ end: true } satisfies ChannelMessage);
  signal.addEventListener('abort', end, { once: true });
  let last = 0;
  return {
    async run(task, listener) {
      const id = (last += 1);
      listeners.set(id, listener);
      try {
        return (await piscina.run({ id, task } satisfies WorkerJob)) as TaskAnswer;
      } finally {
        listeners.delete(id);
      }
    },
    async close() {
      signal.removeEventListener('abort', end);
      await piscina.destroy();
      channel.close();
    },
  };
}

async function inThisThread(context: RunContext, signal: AbortSignal): Promise<TaskPool> {
  const { runTask } = await import('./runTask.ts');
  return {
    run: (task, listener) => runTask(task, context, { signal, ...listener }),
    close: () => Promise.resolve(),
  };
}
