/**
 * Who prints an outcome, and where: one reporter on stdout, any number into files. What must hold:
 * two reporters never mix on stdout; a file that cannot be written costs no other reporter its
 * output. Under GitHub Actions annotations go to stderr, which the runner reads as well, so that
 * stdout holds the same data as anywhere else.
 */
import { resolve } from 'node:path';
import { UsageError } from '../sources/usageError.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import { exitCodes } from './exitCodes.ts';
import type { Outcome } from './outcome.ts';
import { appendReport, writeReport } from './reportFile.ts';

export const reporterKinds = ['text', 'json', 'junit', 'github', 'html'] as const;

export interface Reporter {
  readonly kind: (typeof reporterKinds)[number];
  /** Stdout where absent. */
  readonly file?: string;
}

/** `kind` or `kind=FILE`. */
export function parseReporter(text: string): Reporter {
  const [kind = '', ...rest] = text.split('=');
  const known = reporterKinds.find((name) => name === kind);
  const next = `Name one of ${reporterKinds.join(', ')}.`;
  if (known === undefined) {
    throw new UsageError('no-reporter', `there is no reporter ${kind}`, next);
  }
  if (rest.length === 0) return { kind: known };
  const file = rest.join('=');
  if (file === '') {
    const name = `Name it: --reporter ${known}=FILE.`;
    throw new UsageError('no-file', `${text} names no file`, name);
  }
  return { kind: known, file };
}

/** Before anything runs: what cannot be printed in the end is refused at once. */
export function checkReporters(reporters: readonly Reporter[]): void {
  const printed = reporters.filter(({ file }) => file === undefined);
  if (printed.length > 1) {
    throw new UsageError(
      'reporters',
      `${printed.map(({ kind }) => kind).join(' and ')} would both print on stdout`,
      'Give all but one a file: --reporter junit=FILE.',
    );
  }
  const files = reporters.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const twice = files.find((file, at) => files.indexOf(file) < at);
  if (twice === undefined) return;
  throw new UsageError(
    'reporters',
    `two reporters would write ${twice}`,
    'Give each a file of its own.',
  );
}

interface Sink {
  write(text: string): unknown;
}

export interface Sinks {
  readonly stdout: Sink;
  readonly stderr?: Sink;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Gives the exit code: the outcome's, or 3 where it passed and a file could not be written. */
export async function printOutcome(
  outcome: Outcome,
  reporters: readonly Reporter[],
  { stdout, stderr, environment = {} }: Sinks,
): Promise<number> {
  checkReporters(reporters);
  const toStdout = reporters.find(({ file }) => file === undefined)?.kind ?? 'text';
  stdout.write(await rendered(outcome, toStdout));
  const failures: EnvironmentError[] = [];
  const attempt = async (write: () => void | Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      failures.push(error);
    }
  };
  for (const { kind, file } of reporters) {
    if (file === undefined) continue;
    await attempt(async () => writeReport(file, await rendered(outcome, kind)));
  }
  await attempt(() => forActions(outcome, reporters, { stderr, environment }));
  for (const { message, next } of failures) stderr?.write(`bisim: ${message}\nnext: ${next}\n`);
  const passed = outcome.exitCode === exitCodes.ok;
  return failures.length > 0 && passed ? exitCodes.environment : outcome.exitCode;
}

/** What the environment asks for, beside what the user does. */
async function forActions(
  outcome: Outcome,
  reporters: readonly Reporter[],
  {
    stderr,
    environment,
  }: { stderr: Sink | undefined; environment: NonNullable<Sinks['environment']> },
): Promise<void> {
  const asked = reporters.some(({ kind }) => kind === 'github');
  const inActions = environment['GITHUB_ACTIONS'] === 'true';
  if (inActions && !asked) stderr?.write(await rendered(outcome, 'github'));
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary === '' || (!inActions && !asked)) return;
  const { githubSummary } = await import('./github.ts');
  appendReport(summary, githubSummary(outcome));
}

// Loaded when asked for: most runs print text.
async function rendered(outcome: Outcome, kind: Reporter['kind']): Promise<string> {
  switch (kind) {
    case 'text':
      return outcome.text;
    case 'json':
      return `${JSON.stringify(outcome.report)}\n`;
    case 'junit':
      return (await import('./junit.ts')).junit(outcome);
    case 'github':
      return (await import('./github.ts')).githubAnnotations(outcome);
    case 'html':
      return (await import('./html/htmlReport.ts')).htmlReport(outcome);
  }
}
