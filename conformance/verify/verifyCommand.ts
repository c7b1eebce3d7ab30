/**
 * `bisim verify` between the command line and the main job. What must hold: with --json there is
 * always one object of the job's own schema, also where nothing could be run.
 */
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome } from '../report/outcome.ts';
import type { ProgressSink } from '../report/progress.ts';
import { showError } from '../report/showError.ts';
import { verifyOutcome } from '../report/verifyOutcome.ts';
import type { VerifyReport } from '../report/verifyReport.ts';
import type { TaskError } from './task.ts';
import { taskError } from './taskError.ts';
import type { VerifyResult } from './verify.ts';
import { verify } from './verify.ts';

export interface VerifyFlags {
  readonly cache: boolean;
  readonly record: boolean;
  readonly tier: 'fast' | 'long';
  readonly debug: boolean;
  readonly config?: string;
  readonly only?: string;
  readonly jar?: string;
}

export interface VerifyContext {
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: ProgressSink;
  /** Some reporter shows graphs: they are kept for it. */
  readonly pictures: boolean;
}

export async function verifyCommand(flags: VerifyFlags, context: VerifyContext): Promise<Outcome> {
  try {
    const { report, stacks, pictures } = await run(flags, context);
    if (flags.debug) for (const stack of stacks) context.progress.write(`${stack}\n`);
    return verifyOutcome(report, pictures);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return failedOutcome(taskError('verify', error), flags.debug, context.progress);
  }
}

function run(flags: VerifyFlags, context: VerifyContext): Promise<VerifyResult> {
  const { cache, record, tier, config, only, jar } = flags;
  const { cwd, ...rest } = context;
  return verify({
    ...rest,
    ...{ cache, record, tier, from: cwd },
    ...(config === undefined ? {} : { config }),
    ...(only === undefined ? {} : { only }),
    ...(jar === undefined ? {} : { jar }),
  });
}

/** What went wrong is said on stderr; stdout has nothing for people to read. */
function failedOutcome(failed: TaskError, debug: boolean, progress: ProgressSink): Outcome {
  const text = showError(failed, debug);
  progress.write(text);
  const { message } = failed;
  const exitCode = exitCodes[failed.exit];
  const report: VerifyReport = {
    schema: 'bisim.verify.1',
    verdict: 'error',
    exitCode,
    models: [],
    edges: 0,
    edgesTotal: 0,
    behaviours: 0,
    histories: 0,
    mutants: { killed: 0, total: 0, list: [] },
    knownBad: { rejected: 0, total: 0 },
    skipped: [],
    problems: [message],
    cached: false,
    environment: { java: null, tlc: null, node: process.versions.node },
    seed: 0,
    seconds: 0,
  };
  const cases = [
    { group: 'verify', name: 'verify', verdict: 'error', message, details: text },
  ] as const;
  return { exitCode, report, text: '', cases };
}
