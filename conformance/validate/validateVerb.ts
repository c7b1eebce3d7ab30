/**
 * `bisim validate BINDING TRACE…`: what came of it as an outcome for all reporters. What must hold:
 * the exit code is 0 only where every trace was accepted and something was checked.
 */
import { Cache } from '../behaviour/cache.ts';
import { bindingFiles, type BoundModel } from '../project/bindingFiles.ts';
import { exitCodes, type ExitCode } from '../report/exitCodes.ts';
import type { Outcome, ReportCase } from '../report/outcome.ts';
import type { ReportPage, ShownBehaviour } from '../report/reportPage.ts';
import type { ValidateReport } from '../report/validateReport.ts';
import { rejectionLine, rejectionLines, traceLines } from './rejectionText.ts';
import { validateTraces, type ValidatedTrace, type ValidateOutcome } from './validateTraces.ts';

export interface ValidateFlags {
  readonly config?: string;
  readonly merge: boolean;
  readonly cache: boolean;
  readonly timeout?: number;
  readonly memory?: number;
  readonly jar?: string;
}

interface Context {
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly progress: { write(text: string): unknown };
}

const exits: Readonly<Record<ValidateOutcome['verdict'], ExitCode>> = {
  ok: exitCodes.ok,
  violation: exitCodes.violation,
  error: exitCodes.violation,
  unknown: exitCodes.inconclusive,
};

export async function validateVerb(
  path: string,
  files: readonly string[],
  flags: ValidateFlags,
  { signal, cwd, progress }: Context,
): Promise<Outcome> {
  const { config, timeout, memory, jar, merge } = flags;
  const bound = await bindingFiles({
    path,
    ...(config !== undefined && { cfg: config }),
    from: cwd,
  });
  const outcome = await validateTraces(bound, files, {
    merge,
    from: cwd,
    signal,
    ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    ...(memory !== undefined && { memoryMb: memory }),
    ...(jar !== undefined && { jar: { jar } }),
    ...(flags.cache && { cache: new Cache() }),
    onProgress: (text) => progress.write(`validating ${text}\n`),
  });
  // What a signal cut short is no verdict: the verb's frame says interrupted.
  signal.throwIfAborted();
  return verbOutcome(outcome, bound);
}

function verbOutcome(outcome: ValidateOutcome, { binding: { name } }: BoundModel): Outcome {
  const report = reportOf(outcome);
  const lines = [
    ...outcome.traces.flatMap(traceLines),
    ...outcome.problems.map((problem) => `problem: ${problem}`),
    closingLine(report),
  ];
  return {
    exitCode: report.exitCode,
    report,
    text: `${lines.join('\n')}\n`,
    cases: outcome.traces.map((trace) => caseOf(trace, name)),
    page: pageOf(outcome, name),
  };
}

function reportOf(outcome: ValidateOutcome): ValidateReport {
  const { matchedSteps, verdict, traces, ...rest } = outcome;
  const matched = new Map<string, number>();
  for (const { actions } of matchedSteps) {
    for (const action of actions) matched.set(action, (matched.get(action) ?? 0) + 1);
  }
  return {
    schema: 'bisim.validate.1',
    verdict,
    exitCode: exits[verdict],
    ...rest,
    problems: [...rest.problems],
    traces: traces as ValidateReport['traces'],
    matched: traces.reduce((sum, trace) => sum + trace.matched, 0),
    events: traces.reduce((sum, trace) => sum + trace.events, 0),
    actions: [...matched].sort().map(([action, count]) => ({ action, matched: count })),
  };
}

function closingLine({
  traces,
  matched,
  events,
  knownBad,
  cached,
  seconds,
  tlc,
}: ValidateReport): string {
  const accepted = traces.filter(({ verdict }) => verdict === 'accepted').length;
  const ran = tlc === '' ? 'TLC was not run' : `TLC ${tlc}, ${seconds.toFixed(1)} s`;
  const how = cached ? 'from the cache' : ran;
  return [
    `${accepted} of ${traces.length} traces accepted`,
    `${matched} of ${events} events`,
    `${knownBad.rejected} of ${knownBad.total} spoilt copies rejected`,
    how,
  ].join(' · ');
}

const caseVerdicts = { accepted: 'passed', rejected: 'failed', unknown: 'skipped' } as const;

function caseOf({ name, verdict, events, rejection }: ValidatedTrace, group: string): ReportCase {
  const nothing = events === 0;
  const event = rejection?.event;
  return {
    group,
    name,
    verdict: caseVerdicts[verdict],
    ...(nothing && { message: 'it holds no events: nothing was checked' }),
    ...(rejection !== undefined && {
      message: rejectionLine(rejection),
      details: rejectionLines(rejection).join('\n'),
    }),
    ...(event !== undefined && { file: event.file, line: event.line }),
  };
}

function pageOf(outcome: ValidateOutcome, name: string): ReportPage {
  const { verdict, spec, cfg, traces, knownBad, problems, tlc } = outcome;
  const accepted = traces.filter((trace) => trace.verdict === 'accepted').length;
  return {
    title: `Recorded runs of ${name} against ${spec}`,
    verdict,
    facts: [
      ['Model', cfg],
      ['Traces accepted', `${accepted} of ${traces.length}`],
      ['Spoilt copies rejected', `${knownBad.rejected} of ${knownBad.total}`],
      ['TLC', tlc],
    ],
    counterexamples: traces.flatMap(shownRejection),
    problems,
  };
}

/** The state before the event, and the event with what was recorded. */
function shownRejection({ name, rejection }: ValidatedTrace): ShownBehaviour[] {
  if (rejection === undefined) return [];
  const { event, lastMatched, state, differences } = rejection;
  const named = (args: Readonly<Record<string, string>>): { name: string; value: string }[] =>
    Object.entries(args).map(([key, value]) => ({ name: key, value }));
  const before = state === undefined ? [] : [{ ...place(lastMatched), state, changed: [] }];
  const recorded = Object.fromEntries(differences.map((each) => [each.variable, each.recorded]));
  const after = {
    ...place(event),
    state: { ...state, ...recorded },
    changed: Object.keys(recorded),
  };
  return [{ title: name, reason: rejectionLines(rejection).join('\n'), steps: [...before, after] }];

  function place(of: typeof event): { action?: string; args: ReturnType<typeof named> } {
    if (of === undefined) return { args: [] };
    return { action: of.actions.join(' then '), args: named(of.args) };
  }
}
