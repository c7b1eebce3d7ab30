/** One worker thread of the main job: runs the tasks it is given until it is told to end. */
import { BroadcastChannel, workerData } from 'node:worker_threads';
import type { ChannelMessage, WorkerJob, WorkerSetup } from './pool.ts';
import { runTask } from './runTask.ts';
import type { TaskAnswer } from './task.ts';

const setup = workerData as WorkerSetup;
const channel = new BroadcastChannel(setup.channel);
channel.unref();
const ending = new AbortController();
channel.onmessage = (event: { data: unknown }) => {
  if ('end' in (event.data as ChannelMessage)) ending.abort();
};

export async function run({ id, task }: WorkerJob): Promise<TaskAnswer> {
  const tell = (kind: 'detail' | 'warn') => (text: string) =>
    channel.postMessage({ id, kind, text } satisfies ChannelMessage);
  const tools = { signal: ending.signal, detail: tell('detail'), warn: tell('warn') };
  return runTask(task, setup.context, tools);
}
