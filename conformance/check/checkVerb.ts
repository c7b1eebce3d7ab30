/** The body of `bisim check`: from flags to options, and from results to an outcome. */
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import { specFiles } from '../project/specFiles.ts';
import { behaviourText } from '../report/behaviourText.ts';
import { grouped, seconds } from '../report/columns.ts';
import type { CheckReport, CheckRun } from '../report/checkReport.ts';
import type { Outcome, ReportCase } from '../report/outcome.ts';
import type { ProgressSink } from '../report/progress.ts';
import type { ReportPage, ShownBehaviour } from '../report/reportPage.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import { UsageError } from '../sources/usageError.ts';
import type { TlcOptions } from '../tlc/run.ts';
import type { CheckOptions, CheckResult } from './checkModel.ts';
import { checksProgress } from './checkProgress.ts';
import { checkText } from './checkText.ts';
import { distributedSearch } from './distributedSearch.ts';
import { keepCounterexamples } from './keepCounterexamples.ts';
import { requireHost } from './workerVerb.ts';
import { runChecks, worst, type Checked } from './runChecks.ts';

export interface CheckFlags {
  readonly config?: readonly string[];
  readonly library?: readonly string[];
  readonly workers?: number | 'auto';
  readonly simulate?: { readonly num: number; readonly depth: number; readonly seed: number };
  readonly dfid?: number;
  readonly liveness?: 'default' | 'final' | 'off';
  readonly continue: boolean;
  readonly deadlock?: boolean;
  /** True: by expression too; false: none. */
  readonly coverage?: boolean;
  readonly checkpoint?: number;
  readonly recover?: string;
  readonly timeout?: number;
  readonly memory?: number;
  readonly jar?: string;
  /** Worker processes of a distributed search; none: they join from elsewhere. */
  readonly distributed?: number;
  readonly host?: string;
  readonly port?: number;
  readonly allowOverrides: boolean;
  readonly cache: boolean;
  /** A folder for counterexamples. */
  readonly save?: string;
}

export interface VerbSurroundings {
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: ProgressSink;
}

const megabyte = 2 ** 20;
const memoryMbMin = 512;
/** A day: no search runs for ever because nobody watched it. */
const timeoutSecondsDefault = 86_400;

export async function checkVerb(
  spec: string,
  flags: CheckFlags,
  around: VerbSurroundings,
): Promise<Outcome> {
  refuseTogether(flags);
  const named = flags.config ?? [undefined];
  const files = await Promise.all(
    named.map((cfg) =>
      specFiles({
        spec,
        from: around.cwd,
        ...(cfg === undefined ? {} : { cfg }),
        ...(flags.library ? { libraries: flags.library } : {}),
      }),
    ),
  );
  const workers = workersOf(flags.workers);
  const sideBySide = Math.max(1, Math.min(files.length, Math.floor(cores() / workers)));
  const memoryMb = flags.memory ?? Math.max(memoryMbMin, share(sideBySide));
  const options = files.map((each) => optionsOf(flags, around, { files: each, memoryMb }));
  const mode = modeName(flags);
  const expressions = flags.coverage === true;
  const progress = checksProgress({
    sink: around.progress,
    environment: around.environment,
    total: options.length,
  });
  try {
    const facts = { cwd: around.cwd, mode, expressions };
    const found = await runChecks(options, facts, { sideBySide, progress });
    const { save } = flags;
    return outcomeOf(
      spec,
      save === undefined ? found : await keepCounterexamples(found, { save, cwd: around.cwd }),
    );
  } finally {
    progress.end();
  }
}

const cores = (): number => availableParallelism();
const workersOf = (workers: CheckFlags['workers']): number =>
  workers === 'auto' ? cores() : (workers ?? 1);
const share = (runs: number): number => Math.floor(totalmem() / 4 / megabyte / runs);

function modeName({ simulate, dfid, distributed }: CheckFlags): CheckRun['mode'] {
  if (distributed !== undefined) return 'distributed';
  if (simulate !== undefined) return 'simulate';
  return dfid === undefined ? 'check' : 'dfid';
}

function refuseTogether(flags: CheckFlags): void {
  const { simulate, dfid, workers, checkpoint, recover, config, distributed } = flags;
  const refuse = (message: string, next: string): never => {
    throw new UsageError('flags', message, next);
  };
  if (simulate && dfid !== undefined) refuse('--simulate and --dfid are two searches', 'Take one.');
  if (dfid !== undefined && (workers ?? 1) !== 1) {
    refuse('TLC searches depth first with one worker only', 'Leave --workers out.');
  }
  if (checkpoint !== undefined && recover === undefined) {
    refuse('--checkpoint needs a folder to write to', 'Add --recover FOLDER.');
  }
  if (recover !== undefined && (simulate || dfid !== undefined)) {
    refuse('only a breadth-first search has checkpoints', 'Leave --recover out.');
  }
  const local = simulate ?? dfid ?? workers ?? recover ?? flags.coverage;
  if (distributed !== undefined && (local !== undefined || flags.continue)) {
    refuse(
      '--distributed is a breadth-first search by processes of one worker each',
      'Leave out --workers, --simulate, --dfid, --recover, --continue and --coverage.',
    );
  }
  if (distributed === 0 && flags.host === undefined) {
    refuse('workers elsewhere must know where to join', 'Add --host with a name of this machine.');
  }
  if (distributed !== undefined && (config?.length ?? 0) > 1) {
    refuse('a distributed search takes one cfg at a time', 'Give --config once.');
  }
  if (recover !== undefined && (config?.length ?? 0) > 1) {
    refuse('one folder holds the checkpoints of one cfg', 'Run one cfg at a time.');
  }
}

function optionsOf(
  flags: CheckFlags,
  { signal, cwd, progress }: VerbSurroundings,
  run: Pick<CheckOptions, 'files' | 'memoryMb'>,
): CheckOptions {
  const { recover, checkpoint: minutes } = flags;
  const folder = recover === undefined ? undefined : resolve(cwd, recover);
  const mode: TlcOptions['mode'] = flags.simulate
    ? { simulate: flags.simulate }
    : flags.dfid === undefined
      ? 'check'
      : { dfid: flags.dfid };
  return {
    ...run,
    mode,
    signal,
    timeoutMs: (flags.timeout ?? timeoutSecondsDefault) * 1000,
    ...(flags.workers === undefined ? {} : { workers: workersOf(flags.workers) }),
    ...(flags.liveness === undefined ? {} : { liveness: flags.liveness }),
    ...(flags.continue ? { continueAfter: true } : {}),
    ...(flags.deadlock === undefined ? {} : { deadlock: flags.deadlock }),
    ...(flags.coverage === undefined ? {} : { coverage: flags.coverage }),
    ...(flags.jar === undefined ? {} : { jar: { jar: flags.jar } }),
    ...(flags.allowOverrides ? { allowOverrides: true } : {}),
    ...(!flags.cache ? {} : { cache: new Cache() }),
    ...(flags.distributed === undefined
      ? {}
      : { run: distributedRun(flags, flags.distributed, progress) }),
    ...(folder === undefined
      ? {}
      : { checkpoints: { folder, ...(minutes === undefined ? {} : { minutes }) } }),
  };
}

function distributedRun(
  { host, port }: CheckFlags,
  workers: number,
  progress: ProgressSink,
): NonNullable<CheckOptions['run']> {
  return distributedSearch({
    workers,
    onNews: (text) => progress.write(`${text}\n`),
    ...(host === undefined ? {} : { host: requireHost(host) }),
    ...(port === undefined ? {} : { port }),
  });
}

export function outcomeOf(spec: string, all: readonly Checked[]): Outcome {
  const { run } = worst(all);
  const report: CheckReport = {
    schema: 'bisim.check.1',
    ...run,
    ...(all.length === 1 ? {} : { runs: all.map((each) => each.run) }),
  };
  return {
    exitCode: run.exitCode,
    report,
    text: all.map((each) => checkText(each.run, each.result)).join('\n'),
    cases: all.map((each) => caseOf(spec, each)),
    page: pageOf(all, run.verdict),
  };
}

function caseOf(spec: string, { run, result }: Checked): ReportCase {
  const failed = run.verdict === 'violation' ? 'failed' : 'error';
  return {
    group: spec,
    name: run.cfg,
    verdict: run.verdict === 'ok' ? 'passed' : failed,
    seconds: run.seconds,
    ...(run.verdict === 'ok'
      ? {}
      : {
          message: run.message?.split('\n')[0] ?? run.verdict,
          details: behaviourText(shown(result)),
        }),
    file: run.spec,
    ...(run.location ? { line: run.location.line } : {}),
  };
}

const shown = ({ tlc, parameterNames }: CheckResult): ShownBehaviour =>
  shownBehaviour(tlc, { parameterNames });

const shownFurther = ({ tlc, parameterNames }: CheckResult): ShownBehaviour[] =>
  tlc.further.map((each) => shownBehaviour({ verdict: 'violation', ...each }, { parameterNames }));

function pageOf(all: readonly Checked[], verdict: CheckReport['verdict']): ReportPage {
  const models = all.map(({ run }) => ({
    name: run.cfg,
    verdict: run.verdict,
    distinct: run.distinct,
    depth: run.depth,
    edges: 0,
    replayed: 0,
    seconds: run.seconds,
  }));
  const wrong = all.filter(({ run }) => run.verdict !== 'ok');
  return {
    title: `check ${all[0]?.run.spec ?? ''}`,
    verdict,
    facts: factsOf(all),
    models,
    counterexamples: wrong.flatMap(({ result }) => [shown(result), ...shownFurther(result)]),
  };
}

function factsOf(all: readonly Checked[]): ReportPage['facts'] {
  const [first] = all;
  if (first === undefined) return [];
  const { tlc, mode, workers } = first.run;
  const sum = (of: (run: CheckRun) => number): number =>
    all.reduce((total, { run }) => total + of(run), 0);
  return [
    ['TLC', tlc.version],
    ['Mode', mode],
    ['Workers', String(workers)],
    ['Distinct states', grouped(sum((run) => run.distinct))],
    ['Generated', grouped(sum((run) => run.generated))],
    ['Seconds', seconds(sum((run) => run.seconds))],
  ];
}
