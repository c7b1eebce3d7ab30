/**
 * Worker threads for code mutants, each with a time limit for every mutant: code that never gives its
 * thread back is ended with the thread, and so is killed.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { CodeTask } from './judgeCode.ts';
import type { CodeWorkerData, CodeWorkerReply } from './codeWorker.ts';
import type { MutantJudgement } from './verdict.ts';

export interface CodePoolOptions {
  readonly data: CodeWorkerData;
  /** Of one mutant. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

const built = fileURLToPath(new URL('./codeWorker.js', import.meta.url));
const source = fileURLToPath(new URL('./codeWorker.ts', import.meta.url));
/** A worker decodes the graph and loads the code before its first mutant. */
const startMs = 120_000;

/** A thread of its own; made anew after it was ended. */
export class CodeJudge {
  readonly #options: CodePoolOptions;
  #worker: Worker | undefined;

  constructor(options: CodePoolOptions) {
    this.#options = options;
  }

  async judge(task: CodeTask): Promise<MutantJudgement> {
    const begun = performance.now();
    const worker = (this.#worker ??= await this.#started());
    worker.postMessage(task);
    const reply = await replyOf(worker, this.#options.timeoutMs);
    if (reply === 'late' || reply === 'died') {
      await this.close();
      const limit = `${this.#options.timeoutMs / 1_000} s`;
      const reason = reply === 'late' ? `it does not end within ${limit}` : 'it ended its thread';
      const seconds = (performance.now() - begun) / 1_000;
      return { verdict: 'killed', by: 'limit', reason, seconds };
    }
    if (reply.judgement === undefined) throw new Error(reply.error ?? 'no judgement');
    return reply.judgement;
  }

  async #started(): Promise<Worker> {
    const { data: workerData, memoryMb } = this.#options;
    const resourceLimits = { maxOldGenerationSizeMb: memoryMb };
    const worker = existsSync(built)
      ? new Worker(built, { workerData, resourceLimits })
      : new Worker(fromSource(), { eval: true, workerData, resourceLimits });
    const ready = await replyOf(worker, startMs);
    if (ready === 'late' || ready === 'died' || ready.error !== undefined) {
      await worker.terminate();
      const why = typeof ready === 'string' ? ready : ready.error;
      throw new Error(`the thread for code mutants did not start: ${why}`);
    }
    return worker;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

/** Where the toolkit runs from its sources. */
function fromSource(): string {
  return `require('jiti').createJiti(${JSON.stringify(source)}).import(${JSON.stringify(source)});`;
}

function replyOf(worker: Worker, timeoutMs: number): Promise<CodeWorkerReply | 'late' | 'died'> {
  return new Promise((resolve) => {
    const settle = (reply: CodeWorkerReply | 'late' | 'died'): void => {
      clearTimeout(timer);
      for (const name of ['message', 'error', 'exit']) worker.removeAllListeners(name);
      worker.on('error', () => {});
      resolve(reply);
    };
    const timer = setTimeout(() => settle('late'), timeoutMs);
    worker.on('message', (reply: CodeWorkerReply) => settle(reply));
    worker.on('error', () => settle('died'));
    worker.on('exit', () => settle('died'));
  });
}
