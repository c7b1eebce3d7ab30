/**
 * Reports of what did not run: a model that gave an error, mutants whose model did not pass.
 */
import type { ModelReport, MutantReport } from '../report/verifyReport.ts';
import type { Model, Mutant } from './project.ts';
import type { CodeMutantsTask, TaskAnswer } from './task.ts';
import { nothing } from './task.ts';

export function emptyReport({
  name,
  room,
  row,
}: Pick<Model, 'name' | 'room' | 'row'>): ModelReport {
  return {
    name,
    room,
    mode: row.mode,
    verdict: 'ok',
    source: 'none',
    modelChecked: false,
    cached: false,
    distinct: 0,
    generated: 0,
    depth: 0,
    seconds: 0,
    edges: 0,
    replayed: 0,
    replaySeconds: 0,
    actions: [],
    behaviours: 0,
    histories: 0,
    problems: [],
  };
}

/** Killing proves nothing, and may take long to try, where the model itself did not pass. */
export function unjudged(task: CodeMutantsTask, report: ModelReport | undefined): TaskAnswer {
  const skipped = report?.verdict === 'skipped';
  const reason = skipped
    ? `${task.model.name} has no graph here`
    : `${task.model.name} did not pass (${report?.verdict ?? 'not run'})`;
  const mutants = task.mutants.map((mutant) => unjudgedReport(mutant, skipped, reason));
  return {
    ...nothing,
    mutants,
    skipped: skipped
      ? mutants.map(({ id, file }) => ({ what: `mutant ${id} (${file})`, reason }))
      : [],
    line: `not judged: ${reason}`,
  };
}

function unjudgedReport({ row, model }: Mutant, skipped: boolean, reason: string): MutantReport {
  const { id, title, file, property } = row;
  const verdict = skipped ? ('skipped' as const) : ('error' as const);
  return {
    id,
    title,
    file,
    model: model.name,
    property,
    verdict,
    reason,
    cached: false,
    seconds: 0,
  };
}
