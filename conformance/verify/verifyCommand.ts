/**
 * `bisim verify` as the command line runs it: data on stdout, progress on stderr, the exit
 * codes of the toolkit, and a Ctrl-C that ends JVMs before it ends this process.
 */
import { verifyPage } from '../report/page.ts';
import { showError } from '../report/showError.ts';
import { exitCodes } from '../report/exitCodes.ts';
import { taskError } from './taskError.ts';
import { verify } from './verify.ts';

export interface VerifyFlags {
  readonly json: boolean;
  readonly cache: boolean;
  readonly record: boolean;
  readonly tier: 'fast' | 'long';
  readonly debug: boolean;
  readonly config?: string;
  readonly only?: string;
  readonly jar?: string;
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborted by the first of the signals that end a program; the others wait for the end. */
function untilSignal(): { signal: AbortSignal; release: () => void } {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  for (const name of endSignals) process.on(name, end);
  const release = (): void => {
    for (const name of endSignals) process.off(name, end);
  };
  return { signal: ending.signal, release };
}

/** Gives the exit code; never throws. */
export async function verifyCommand(flags: VerifyFlags): Promise<number> {
  const { signal, release } = untilSignal();
  const { json, debug, config, only, jar, ...rest } = flags;
  try {
    const { report, stacks } = await verify({
      ...rest,
      ...(config === undefined ? {} : { config }),
      ...(only === undefined ? {} : { only }),
      ...(jar === undefined ? {} : { jar }),
      from: process.cwd(),
      signal,
      progress: process.stderr,
      environment: process.env,
    });
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : verifyPage(report));
    if (debug) for (const stack of stacks) process.stderr.write(`${stack}\n`);
    return report.exitCode;
  } catch (error) {
    if (signal.aborted) {
      process.stderr.write('interrupted\n');
      return exitCodes.interrupted;
    }
    const failed = taskError('verify', error);
    process.stderr.write(showError(failed, debug));
    const exitCode = exitCodes[failed.exit];
    if (json) process.stdout.write(`${JSON.stringify(failedReport(failed.message, exitCode))}\n`);
    return exitCode;
  } finally {
    release();
  }
}

/** With --json there is always one object on stdout, also where nothing could be run. */
function failedReport(message: string, exitCode: number): Record<string, unknown> {
  return {
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
}
