/**
 * What all verbs share: the flags --json, --reporter and --debug, the signals, the exit codes, and
 * where output goes. What must hold: data on stdout and progress on stderr; with --json there is
 * always one object on stdout, also where nothing could be run; Ctrl-C ends what a verb started
 * before it ends the process.
 */
import type { Outcome } from '../report/outcome.ts';
import { exitCodes } from '../report/exitCodes.ts';
import { showError } from '../report/showError.ts';
import type { Reporter, Sinks } from '../report/reporters.ts';
import { checkReporters, parseReporter, printOutcome } from '../report/reporters.ts';
import { taskError } from '../verify/taskError.ts';

export interface VerbFlags {
  readonly json: boolean;
  readonly debug: boolean;
  readonly reporter?: readonly Reporter[];
}

/** What the body of a verb gets of the world. */
export interface VerbContext {
  /** Aborted by the first of the signals that end a program. */
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where progress goes: see report/progress.ts. */
  readonly progress: NodeJS.WriteStream;
}

/** The flags that every verb has. */
export const verbFlags = {
  json: { kind: 'boolean', brief: 'Print one JSON object (bisim schema)', default: false },
  reporter: {
    kind: 'parsed',
    parse: parseReporter,
    brief: 'text, json, junit, github or html, each with =FILE; may be repeated',
    variadic: true,
    optional: true,
  },
  debug: { kind: 'boolean', brief: 'Show where errors come from', default: false },
} as const;

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function untilSignal(): { signal: AbortSignal; release: () => void } {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  for (const name of endSignals) process.on(name, end);
  const release = (): void => {
    for (const name of endSignals) process.off(name, end);
  };
  return { signal: ending.signal, release };
}

/** Runs one verb and sets the exit code; never throws. */
export async function runVerb(
  verb: string,
  { json, debug, reporter = [] }: VerbFlags,
  body: (context: VerbContext) => Promise<Outcome>,
): Promise<void> {
  const { signal, release } = untilSignal();
  const reporters: readonly Reporter[] = json ? [...reporter, { kind: 'json' }] : reporter;
  try {
    checkReporters(reporters);
    const { env: environment, stderr: progress } = process;
    const outcome = await body({ signal, cwd: process.cwd(), environment, progress });
    process.exitCode = await printOutcome(outcome, reporters, sinks());
  } catch (error) {
    process.exitCode = await failed(verb, error, { debug, reporters, signal });
  } finally {
    release();
  }
}

function sinks(): Sinks {
  const { stdout, stderr, env: environment } = process;
  return { stdout, stderr, environment };
}

async function failed(
  verb: string,
  error: unknown,
  o: { debug: boolean; reporters: readonly Reporter[]; signal: AbortSignal },
): Promise<number> {
  const shown = taskError(verb, error);
  const { aborted } = o.signal;
  const exitCode = aborted ? exitCodes.interrupted : exitCodes[shown.exit];
  const message = aborted ? 'interrupted' : shown.message;
  const text = aborted ? 'interrupted\n' : showError(shown, o.debug);
  process.stderr.write(text);
  const { next } = shown;
  const verdict = aborted ? 'interrupted' : 'error';
  const report = { schema: 'bisim.error.1', verb, verdict, exitCode, message, next } as const;
  const cases = [{ group: verb, name: verb, verdict: 'error', message, details: text }] as const;
  const spoken = o.reporters.filter(({ kind }) => kind !== 'text');
  // Text was said on stderr; the other reporters still owe their readers a document.
  const outcome = { exitCode, report, text: '', cases };
  await printOutcome(outcome, spoken, sinks()).catch(() => {});
  return exitCode;
}
