/** Runs one task of the main job; whatever goes wrong is an answer, not an exception. */
import { emptyReport } from './emptyReport.ts';
import { runKnownBad } from './knownBad.ts';
import { runModel } from './modelTask.ts';
import { runCodeMutants, runSpecMutantTask } from './mutantTasks.ts';
import type { RunContext, Task, TaskAnswer, TaskTools } from './task.ts';
import { nothing } from './task.ts';
import { taskError } from './taskError.ts';

export async function runTask(
  task: Task,
  context: RunContext,
  tools: TaskTools,
): Promise<TaskAnswer> {
  try {
    return await dispatch(task, context, tools);
  } catch (error) {
    if (tools.signal.aborted) return { ...nothing, line: 'interrupted' };
    const failed = taskError(task.name, error);
    const models =
      task.kind === 'model' ? [{ ...emptyReport(task.model), verdict: 'error' as const }] : [];
    return { ...nothing, models, errors: [failed], line: failed.message.split('\n')[0] ?? '' };
  }
}

function dispatch(task: Task, context: RunContext, tools: TaskTools): Promise<TaskAnswer> {
  switch (task.kind) {
    case 'model':
      return runModel(task, context, tools);
    case 'spec-mutant':
      return runSpecMutantTask(task, context, tools);
    case 'code-mutants':
      return runCodeMutants(task, context, tools);
    case 'known-bad':
      return runKnownBad(context, tools);
  }
}
