/**
 * One worker thread that judges code mutants, one after the other. It holds the graph and the real
 * binding; a mutant that never ends is ended with the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { decodeGraph } from '../behaviour/recording.ts';
import type { ParameterNames } from '../replay/offers.ts';
import { loadBinding } from '../replay/bindingModule.ts';
import type { CodeClosure } from '../sources/codeClosure.ts';
import { constantsOf } from '../verify/replaying.ts';
import { type CodeSetting, type CodeTask, judgeCode } from './judgeCode.ts';
import type { MutantJudgement } from './verdict.ts';

export interface CodeWorkerData {
  readonly graph: Uint8Array;
  readonly constants: Readonly<Record<string, string>>;
  readonly parameterNames: ParameterNames;
  readonly boundedLeaves: boolean;
  /** More pairs than these are those of code whose own state grows without end. */
  readonly pairsMax: number;
  readonly root: string;
  readonly closure: CodeClosure;
  readonly temporary: string;
}

/** `undefined` once the worker is ready for its first mutant. */
export type CodeWorkerReply = { readonly judgement?: MutantJudgement; readonly error?: string };

async function settingOf(data: CodeWorkerData): Promise<CodeSetting> {
  const graph = decodeGraph(data.graph);
  const { parameterNames, boundedLeaves, pairsMax, root, closure, temporary } = data;
  const constants = constantsOf(graph, data);
  const binding = await loadBinding(closure.entry);
  const replay = { constants, parameterNames, boundedLeaves, pairsMax, maxFailures: 1 };
  return { graph, replay, root, closure, temporary, binding };
}

const port = parentPort;
if (port) {
  const setting = settingOf(workerData as CodeWorkerData);
  const answer = async (task: CodeTask): Promise<CodeWorkerReply> => {
    try {
      return { judgement: await judgeCode(task, await setting) };
    } catch (error) {
      return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  port.on('message', (task: CodeTask) => {
    void answer(task).then((reply) => port.postMessage(reply));
  });
  setting.then(
    () => port.postMessage({} satisfies CodeWorkerReply),
    (error: unknown) => port.postMessage({ error: String(error) } satisfies CodeWorkerReply),
  );
}
