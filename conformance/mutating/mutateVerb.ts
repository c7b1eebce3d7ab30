/** The body of `bisim mutate`: from flags to options, and from the report to an outcome. */
import { availableParallelism } from 'node:os';
import { bindingFiles } from '../project/bindingFiles.ts';
import { columns } from '../report/columns.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { MutantRow, MutateReport } from '../report/mutateReport.ts';
import type { Outcome, ReportCase } from '../report/outcome.ts';
import { makeProgress, type Progress, type ProgressSink } from '../report/progress.ts';
import type { ReportPage } from '../report/reportPage.ts';
import { mutateBinding } from './mutateBinding.ts';

export interface MutateFlags {
  readonly config?: string;
  readonly spec: boolean;
  readonly code: boolean;
  readonly only?: readonly string[];
  readonly max?: number;
  readonly seed: number;
  readonly parallel?: number;
  readonly timeout: number;
  readonly memory: number;
  readonly cache: boolean;
  readonly jar?: string;
}

interface Around {
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: ProgressSink;
}

export async function mutateVerb(
  path: string,
  flags: MutateFlags,
  { signal, cwd: from, environment, progress: sink }: Around,
): Promise<Outcome> {
  const { config, jar, max, only = [], seed, cache } = flags;
  const bound = await bindingFiles({ path, from, ...(config !== undefined && { cfg: config }) });
  let progress: Progress | undefined;
  // Neither named means both.
  const both = flags.spec === flags.code;
  try {
    const report = await mutateBinding(bound, {
      ...{ only, seed, cache, signal, spec: both || flags.spec, code: both || flags.code },
      ...(max !== undefined && { max }),
      ...(jar !== undefined && { jar }),
      parallel: flags.parallel ?? Math.max(1, Math.min(4, availableParallelism())),
      timeoutMs: flags.timeout * 1_000,
      memoryMb: flags.memory,
      onTotal: (total) => (progress = makeProgress({ sink, environment, total })),
      onStart: (id) => progress?.started(id),
      onDone: ({ id, verdict, by }) =>
        progress?.finished(id, by === '' ? verdict : `killed by ${by}`),
      onWarning: (text) => progress?.note(text),
    });
    return outcomeOf(report, path);
  } finally {
    progress?.end();
  }
}

const codes: Readonly<Record<MutateReport['verdict'], number>> = {
  ok: exitCodes.ok,
  violation: exitCodes.violation,
  unknown: exitCodes.inconclusive,
  interrupted: exitCodes.interrupted,
};

function outcomeOf(report: MutateReport, path: string): Outcome {
  const cases = report.mutants.map((row): ReportCase => {
    const { id, file, line, verdict, reason, seconds } = row;
    const passed = verdict === 'hole' ? 'failed' : verdict === 'unknown' ? 'error' : 'passed';
    const message = `${said(row)}: ${reason}`;
    return {
      ...{ group: `mutants of ${report.binding}`, name: id, verdict: passed, seconds, message },
      ...{ file, line, details: `${changed(row)}\nagain: bisim mutate ${path} --only ${id}` },
    };
  });
  const exitCode = codes[report.verdict];
  return { exitCode, report, text: textOf(report), cases, page: pageOf(report) };
}

const said = ({ verdict, by }: MutantRow): string =>
  verdict === 'killed' ? `killed by ${by}` : verdict;
const changed = ({ before, after }: MutantRow): string => `- ${before}\n+ ${after}`;
const percent = (score: number | null): string =>
  score === null ? 'none' : `${(Math.floor(score * 1_000) / 10).toFixed(1)} %`;

const titles = {
  hole: 'Holes: behaviour changed, and nothing saw it',
  unknown: 'Could not be judged',
  outside: "Outside the model's bounds: never evaluated in it",
  equivalent: 'Equivalent in this model: no state, step or result differs',
} as const;

function textOf(report: MutateReport): string {
  const { binding, model, possible, judged, killed, holes, equivalent, outside, mutants } = report;
  const lines = [
    `${binding} on ${model}: score ${percent(report.score)} (${killed} killed, ${holes} holes)`,
    `${judged} of ${possible} mutants in ${report.seconds.toFixed(1)} s; ${equivalent} equivalent, ${outside} outside the model's bounds`,
    ...killTable(mutants),
  ];
  for (const [verdict, title] of Object.entries(titles)) {
    const rows = mutants.filter((row) => row.verdict === verdict);
    if (rows.length === 0) continue;
    lines.push('', title);
    for (const row of rows) {
      lines.push(`  ${row.id} (${row.inside}): ${row.reason}`);
      lines.push(
        ...changed(row)
          .split('\n')
          .map((line) => `    ${line}`),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** How many of each operator fell to what. */
function killTable(mutants: readonly MutantRow[]): string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const row of mutants) {
    const name = `${row.kind} ${row.operator}`;
    const of = counts.get(name) ?? new Map<string, number>();
    of.set(said(row), (of.get(said(row)) ?? 0) + 1);
    counts.set(name, of);
  }
  const rows = [...counts].map(([name, of]) => [
    name,
    [...of]
      .sort((a, b) => b[1] - a[1])
      .map(([what, count]) => `${what} ${count}`)
      .join(', '),
  ]);
  return ['', ...columns(rows)];
}

function pageOf(report: MutateReport): ReportPage {
  const { binding, model, verdict, killed, holes, score } = report;
  return {
    title: `Mutants of ${binding}`,
    verdict,
    facts: [
      ['Model', model],
      ['Score', percent(score)],
      ['Killed', String(killed)],
      ['Holes', String(holes)],
    ],
    mutants: report.mutants.map((row) => {
      const { id, file, line, by, reason } = row;
      const isOther = row.verdict === 'outside' || row.verdict === 'hole';
      const plain = row.verdict === 'invalid' || row.verdict === 'unknown' ? 'error' : row.verdict;
      const shown = isOther
        ? 'survived'
        : plain === 'outside' || plain === 'hole'
          ? 'survived'
          : plain;
      const why = isOther ? `${row.verdict}: ${reason}` : reason;
      return { id, file: `${file}:${line}`, what: changed(row), verdict: shown, by, reason: why };
    }),
  };
}
