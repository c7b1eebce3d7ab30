/** The body of `bisim replay`: from flags to options, and from the report to an outcome. */
import { bindingFiles } from '../project/bindingFiles.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome, ReportCase } from '../report/outcome.ts';
import { makeProgress, type ProgressSink } from '../report/progress.ts';
import type { ReplayReport } from '../report/replayReport.ts';
import type { ReportPage, ShownBehaviour, ShownStep } from '../report/reportPage.ts';
import { relativeTo } from './addUp.ts';
import { replayBinding } from './replayBinding.ts';
import { replayText } from './replayText.ts';
import type { ReplayMode, Shard, ShareSettings } from './share.ts';

export interface ReplayFlags {
  readonly config?: string;
  readonly mode?: ReplayMode;
  readonly coverage: ShareSettings['coverage'];
  readonly inRow: number;
  readonly trace?: readonly string[];
  readonly num?: number;
  readonly depth?: number;
  readonly steps?: number;
  readonly seed: number;
  readonly shard?: Shard;
  readonly parallel: number;
  readonly offers: boolean;
  readonly save?: string;
  readonly timeout?: number;
  readonly memory?: number;
  readonly jar?: string;
  readonly cache: boolean;
}

export interface VerbSurroundings {
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: ProgressSink;
}

export async function replayVerb(
  path: string,
  flags: ReplayFlags,
  around: VerbSurroundings,
): Promise<Outcome> {
  const { config, trace, timeout, memory, ...rest } = flags;
  const { signal, cwd: from, environment } = around;
  const bound = await bindingFiles({ path, from, ...(config !== undefined && { cfg: config }) });
  const progress = makeProgress({ sink: around.progress, environment, total: 1 });
  const task = `replay of ${bound.binding.name}`;
  progress.started(task);
  try {
    const { report } = await replayBinding(bound, {
      ...rest,
      ...{ from, signal },
      ...(trace !== undefined && { traces: trace }),
      ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
      ...(memory !== undefined && { memoryMb: memory }),
      onDetail: (text) => progress.detail(task, text),
      onWarning: (text) => progress.note(text),
    });
    return outcomeOf(report, path, signal.aborted);
  } finally {
    progress.end();
  }
}

function outcomeOf(report: ReplayReport, path: string, interrupted: boolean): Outcome {
  const exitCode = interrupted
    ? exitCodes.interrupted
    : report.verdict === 'ok'
      ? exitCodes.ok
      : report.verdict === 'violation'
        ? exitCodes.violation
        : exitCodes.inconclusive;
  const text = replayText(report);
  return { exitCode, report, text, cases: casesOf(report, path), page: pageOf(report) };
}

function casesOf(report: ReplayReport, path: string): ReportCase[] {
  const group = `replay ${report.binding}`;
  const file = relativeTo(path);
  const failed = report.failures.map((failure, i): ReportCase => ({
    ...{ group, file, name: `${report.model} ${report.mode} ${i + 1}: ${failure.kind}` },
    ...{ verdict: 'failed', message: failure.summary },
    details: `${failure.text}\nagain: ${failure.repeat}`,
  }));
  const { verdict, seconds, reason } = report;
  const whole: ReportCase = {
    ...{ group, file, seconds, name: `${report.model} ${report.mode}` },
    verdict: verdict === 'ok' ? 'passed' : verdict === 'violation' ? 'failed' : 'skipped',
    ...(reason !== null && { message: reason }),
  };
  return failed.length > 0 ? failed : [whole];
}

function pageOf(report: ReplayReport): ReportPage {
  const { binding, model, mode, verdict, paths, steps, edges, replayed, seed } = report;
  return {
    title: `Replay of ${binding}`,
    verdict,
    facts: [
      ['model', model],
      ['mode', mode],
      ['edges taken', `${replayed} of ${edges}`],
      ['paths', String(paths)],
      ['steps', String(steps)],
      ['seed', String(seed)],
    ],
    coverage: report.actions.map(({ action, ...row }) => ({
      ...{ group: model, action, edges: row.edges, reached: row.replayed },
    })),
    counterexamples: report.failures.map(shown),
    problems: report.reason === null ? [] : [report.reason],
  };
}

/** Only what changed is known of each step; the states are put together from that. */
function shown(failure: ReplayReport['failures'][number]): ShownBehaviour {
  const { initial = {}, path = [], state = initial } = failure;
  const first: ShownStep = { args: [], state: initial, changed: [] };
  const steps = path.map(({ action, args, changes }, i): ShownStep => {
    const isLast = i === path.length - 1;
    const changed = [...new Set(changes.map(({ at }) => /^\w+/.exec(at)?.[0] ?? at))];
    const parts = changes.map(({ at, code }) => [at, code ?? '(gone)'] as const);
    return { action, args, state: isLast ? state : Object.fromEntries(parts), changed };
  });
  return {
    title: `${failure.kind}${failure.action === undefined ? '' : ` ${failure.action}`}`,
    reason: failure.summary,
    steps: [first, ...steps],
    repeat: failure.repeat,
  };
}
