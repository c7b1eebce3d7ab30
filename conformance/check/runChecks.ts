/**
 * One spec under several cfgs, some side by side. What must hold: each run gets its own share of
 * the memory; an error of one is told once the others have ended, which it never stops.
 */
import type { CheckRun } from '../report/checkReport.ts';
import type { CheckOptions, CheckResult } from './checkModel.ts';
import { checkModel } from './checkModel.ts';
import type { ChecksProgress } from './checkProgress.ts';
import { checkRun, type RunFacts } from './checkRun.ts';

export interface Checked {
  readonly run: CheckRun;
  readonly result: CheckResult;
}

export async function runChecks(
  all: readonly CheckOptions[],
  facts: RunFacts,
  o: { sideBySide: number; progress: ChecksProgress },
): Promise<readonly Checked[]> {
  const answers: Checked[] = [];
  const errors: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) {
      const options = all[at]!;
      const progress = o.progress.start(options.files.name);
      let said = 'error';
      try {
        const result = await checkModel({ ...options, onProgress: (p) => progress.report(p) });
        answers[at] = { result, run: checkRun(result, options, facts) };
        said = result.verdict;
      } catch (error) {
        errors.push(error);
      }
      progress.end(said);
    }
  };
  await Promise.all(Array.from({ length: Math.min(o.sideBySide, all.length) }, lane));
  if (errors.length > 0) throw errors[0];
  return answers;
}

const badness: readonly CheckRun['verdict'][] = ['ok', 'unknown', 'error', 'violation'];

/** The run whose verdict weighs most: a violation is certain, whatever the others are. */
export function worst(runs: readonly Checked[]): Checked {
  return runs.reduce((bad, run) =>
    badness.indexOf(run.run.verdict) > badness.indexOf(bad.run.verdict) ? run : bad,
  );
}
