/** The body of `bisim coverage`: what of each spec the runs of its binding reached, as an outcome. */
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { bindingFiles } from '../project/bindingFiles.ts';
import type { CoverageReport, CoveredBinding } from '../report/coverageReport.ts';
import { columns, grouped } from '../report/columns.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome, ReportCase } from '../report/outcome.ts';
import { makeProgress } from '../report/progress.ts';
import type { ReplayFlags, VerbSurroundings } from '../replaying/replayVerb.ts';
import { UsageError } from '../sources/usageError.ts';
import { type Covered, coverBinding } from './coverBinding.ts';

export type CoverageFlags = Pick<
  ReplayFlags,
  | 'config'
  | 'mode'
  | 'trace'
  | 'seed'
  | 'steps'
  | 'parallel'
  | 'timeout'
  | 'memory'
  | 'jar'
  | 'cache'
>;

const guardsShown = 40;
const neverShown = 40;

export async function coverageVerb(
  paths: readonly string[],
  flags: CoverageFlags,
  around: VerbSurroundings,
): Promise<Outcome> {
  const begun = performance.now();
  const { config, trace = [], timeout, memory, ...rest } = flags;
  refuse(paths, flags);
  const { signal, cwd: from, environment } = around;
  const progress = makeProgress({ sink: around.progress, environment, total: paths.length });
  const all: Covered[] = [];
  try {
    for (const path of paths) {
      const bound = await bindingFiles({
        path,
        from,
        ...(config !== undefined && { cfg: config }),
      });
      progress.started(bound.binding.name);
      const one = await coverBinding(bound, {
        ...rest,
        ...{ from, signal, files: trace, cacheFolder: cacheFolder('results') },
        ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
        ...(memory !== undefined && { memoryMb: memory }),
        onDetail: (text) => progress.detail(bound.binding.name, text),
        onWarning: (text) => progress.note(text),
      });
      all.push(one);
    }
  } finally {
    progress.end();
  }
  return outcomeOf(all, { seconds: (performance.now() - begun) / 1000, aborted: signal.aborted });
}

function refuse(paths: readonly string[], { trace, config, mode }: CoverageFlags): void {
  if (paths.length === 0) {
    throw new UsageError(
      'no-binding',
      'no binding is named',
      'Name one or more files of bindings.',
    );
  }
  if (paths.length > 1 && (trace !== undefined || config !== undefined)) {
    const next = 'Name one binding with --trace or --config, or several without them.';
    throw new UsageError('one-binding', '--trace and --config belong to one binding', next);
  }
  if (mode === 'simulation' || mode === 'trace') {
    const next = 'Use edges, tours or walk; or name trace files by --trace.';
    throw new UsageError('mode', `coverage is not measured by --mode ${mode}`, next);
  }
}

function outcomeOf(
  all: readonly Covered[],
  { seconds, aborted }: { readonly seconds: number; readonly aborted: boolean },
): Outcome {
  const verdict = (['violation', 'unknown'] as const).find((bad) =>
    all.some((one) => one.verdict === bad),
  );
  const bindings = all.map(({ covered }) => covered);
  const report: CoverageReport = {
    ...{ schema: 'bisim.coverage.1', verdict: verdict ?? 'ok', bindings, seconds },
  };
  const code =
    verdict === undefined
      ? exitCodes.ok
      : verdict === 'violation'
        ? exitCodes.violation
        : exitCodes.inconclusive;
  return {
    exitCode: aborted ? exitCodes.interrupted : code,
    report,
    text: bindings.map(textOf).join('\n'),
    cases: all.map(caseOf),
    page: {
      title: 'Coverage of the spec',
      verdict: report.verdict,
      facts: bindings.map((one) => [
        one.binding,
        `${one.reached} of ${one.edges} edges, ${one.statesReached} of ${one.states} states`,
      ]),
      coverage: bindings.flatMap(({ binding: group, actions }) =>
        actions.map(({ action, edges, reached }) => ({ group, action, edges, reached })),
      ),
      problems: bindings.flatMap(({ problems }) => problems),
    },
  };
}

function caseOf({ covered, verdict }: Covered): ReportCase {
  const { binding, model, problems } = covered;
  const [message] = problems;
  return {
    ...{ group: 'coverage', name: `${binding} on ${model}` },
    verdict: verdict === 'ok' ? 'passed' : verdict === 'violation' ? 'failed' : 'skipped',
    ...(message !== undefined && {
      message: message.split('\n')[0]!,
      details: problems.join('\n'),
    }),
  };
}

function textOf(covered: CoveredBinding): string {
  const { binding, model, from, states, statesReached, edges, reached, never, problems } = covered;
  const actions = covered.actions.map((row) => [
    row.action,
    `${grouped(row.reached)} of ${grouped(row.edges)} edges`,
    row.recorded > 0 ? `${grouped(row.recorded)} recorded steps` : '',
    row.ignored ? 'ignored: the code does not have it' : '',
  ]);
  const untried = covered.guards.filter(
    ({ reached: taken, forbiddenIn }) => taken > 0 && forbiddenIn === 0,
  );
  const rows = untried
    .slice(0, guardsShown)
    .map(({ label }) => [label, 'never false where it was']);
  return [
    `${binding} on ${model}, by ${from.join(', ')}`,
    `${grouped(reached)} of ${grouped(edges)} edges, ${grouped(statesReached)} of ${grouped(states)} states`,
    ...columns(actions),
    ...(rows.length === 0 ? [] : ['guards that nothing tried', ...columns(rows)]),
    ...(never.length === 0 ? [] : [`never: ${never.slice(0, neverShown).join(', ')}`]),
    ...problems,
    '',
  ].join('\n');
}
