/**
 * Mutants as tasks: a spec mutant must fail its named property in TLC, a code mutant must be
 * caught by replaying its model's graph or by the histories of its behaviours.
 */
import { join, resolve } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import { withCodeMutant } from '../mutation/codeMutant.ts';
import type { MutantVerdict } from '../mutation/specMutant.ts';
import { runSpecMutant } from '../mutation/specMutant.ts';
import { replayGraph } from '../replay/driver.ts';
import type { MutantReport } from '../report/verifyReport.ts';
import { hashParts } from '../sources/contentHash.ts';
import { loadBinding } from '../replay/bindingModule.ts';
import { unjudged } from './emptyReport.ts';
import type { Exploration } from './exploration.ts';
import { explore } from './exploration.ts';
import { historiesOf } from './histories.ts';
import type { Model, Mutant } from './project.ts';
import type { Setting } from './replaying.ts';
import { replayOptions } from './replaying.ts';
import { graphReader, hasLockfile } from './surroundings.ts';
import type {
  CodeMutantsTask,
  RunContext,
  SpecMutantTask,
  TaskAnswer,
  TaskError,
  TaskTools,
} from './task.ts';
import { nothing } from './task.ts';
import { taskError } from './taskError.ts';

interface Judged extends MutantVerdict {
  readonly cached: boolean;
}

export async function runSpecMutantTask(
  { mutant }: SpecMutantTask,
  context: RunContext,
  tools: TaskTools,
): Promise<TaskAnswer> {
  const { row, model } = mutant;
  const cache = new Cache({ folder: context.cache, warn: tools.warn });
  const jar = context.tlc?.jar;
  const parts = ['spec-mutant', model.hash, context.tlc?.sha256 ?? '', graphReader()];
  const run = (): Promise<MutantVerdict> =>
    runSpecMutant({
      patch: row,
      file: resolve(context.root, row.file),
      property: row.property,
      module: model.module,
      cfg: model.cfg,
      modules: model.closure.files,
      libraries: context.libraries,
      ...context.limits,
      signal: tools.signal,
      ...(jar === undefined ? {} : { jar }),
    });
  const { report, errors } = await reported(mutant, tools, () =>
    remembered(cache, [...parts, JSON.stringify(row)], run),
  );
  return { ...nothing, mutants: [report], errors, line: lineOf([report]) };
}

interface Reported {
  readonly report: MutantReport;
  readonly errors: readonly TaskError[];
}

/** A mutant that cannot be run, one whose patch no longer applies say, fails the suite. */
async function reported(
  mutant: Mutant,
  { signal }: TaskTools,
  judge: () => Promise<Judged>,
): Promise<Reported> {
  try {
    return { report: reportOf(mutant, await judge()), errors: [] };
  } catch (error) {
    if (signal.aborted) throw error;
    const failed = taskError(`mutant ${mutant.row.id} (${mutant.row.file})`, error);
    const judged = { verdict: 'error', reason: failed.message, cached: false, seconds: 0 } as const;
    const exit = failed.exit === 'usage' ? 'violation' : failed.exit;
    return { report: reportOf(mutant, judged), errors: [{ ...failed, exit }] };
  }
}

/** Verdicts are kept, whichever they are, except for what says nothing about the mutant. */
async function remembered(
  cache: Cache,
  parts: readonly string[],
  compute: () => Promise<MutantVerdict>,
): Promise<Judged> {
  const key = hashParts(parts);
  const known = (await cache.getJson(key)) as MutantVerdict | undefined;
  if (known !== undefined) return { ...known, cached: true };
  const verdict = await compute();
  if (verdict.verdict === 'killed') await cache.putJson(key, verdict);
  return { ...verdict, cached: false };
}

function reportOf({ row, model }: Mutant, judged: Judged): MutantReport {
  const { id, title, file, property } = row;
  const { verdict, reason, cached, seconds } = judged;
  return { id, title, file, model: model.name, property, verdict, reason, cached, seconds };
}

function lineOf(reports: readonly MutantReport[]): string {
  const [only] = reports;
  if (only !== undefined && reports.length === 1) {
    return `${only.verdict}, ${only.reason}${only.cached ? ', cached' : ''}`;
  }
  const killed = reports.filter(({ verdict }) => verdict === 'killed').length;
  const cached = reports.length > 0 && reports.every((one) => one.cached) ? ', cached' : '';
  return `${killed} of ${reports.length} killed${cached}`;
}

interface CodeWork {
  readonly model: Model;
  readonly context: RunContext;
  readonly tools: TaskTools;
  readonly cache: Cache;
  readonly explored: Exploration;
}

export async function runCodeMutants(
  task: CodeMutantsTask,
  context: RunContext,
  tools: TaskTools,
): Promise<TaskAnswer> {
  const { model, mutants } = task;
  const cache = new Cache({ folder: context.cache, warn: tools.warn });
  const explored = await explore({ model, context, cache, tools });
  if (explored.facts?.verdict !== 'ok' || model.binding === undefined) {
    return unjudged(task, undefined);
  }
  const work: CodeWork = { model, context, tools, cache, explored };
  const reports: MutantReport[] = [];
  const errors: TaskError[] = [];
  const setting = lazySetting(work);
  for (const mutant of mutants) {
    if (tools.signal.aborted) break;
    tools.detail(mutant.row.id);
    const { report, errors: found } = await reported(mutant, tools, () =>
      judgeCode(work, mutant, setting),
    );
    reports.push(report);
    errors.push(...found);
  }
  return { ...nothing, mutants: reports, errors, line: lineOf(reports) };
}

type GraphAndFacts = Omit<Setting, 'binding'>;

// The graph is decoded once for all mutants of the model, and only if one of them is to run.
function lazySetting({ explored }: CodeWork): () => Promise<GraphAndFacts> {
  let made: Promise<GraphAndFacts> | undefined;
  const make = async (): Promise<GraphAndFacts> => {
    const { facts } = explored;
    const graph = await explored.graph();
    if (graph === undefined || facts === undefined) throw new Error('the graph is gone');
    return { graph, facts };
  };
  return () => (made ??= make());
}

async function judgeCode(
  work: CodeWork,
  mutant: Mutant,
  setting: () => Promise<GraphAndFacts>,
): Promise<Judged> {
  const { model, context, cache, explored } = work;
  const { binding } = model;
  if (binding === undefined) throw new Error(`${model.name} has no binding`);
  const { row } = mutant;
  const cachable = binding.closure.opaque === undefined && hasLockfile(context.root);
  const parts = ['code-mutant', explored.key, binding.hash, context.surroundings];
  const run = (): Promise<MutantVerdict> =>
    withCodeMutant(
      {
        patch: row,
        file: resolve(context.root, row.file),
        root: context.root,
        closure: binding.closure,
        temporary: context.temporary,
      },
      async (entry) => judgeStaged(work, mutant, { ...(await setting()), entry }),
    );
  if (!cachable) return { ...(await run()), cached: false };
  return remembered(cache, [...parts, String(context.seed), JSON.stringify(row)], run);
}

async function judgeStaged(
  { model, context, tools }: CodeWork,
  { row }: Mutant,
  { entry, graph, facts }: GraphAndFacts & { readonly entry: string },
): Promise<MutantVerdict> {
  const begun = performance.now();
  const setting: Setting = {
    graph,
    facts,
    binding: await loadBinding(entry, join(context.temporary, 'transpiled')),
  };
  const reason =
    row.property === 'history'
      ? (await historiesOf(model.name, setting, { seed: context.seed, tools, stopAtFirst: true }))
          .problems[0]
      : replayGraph(graph, setting.binding, { ...replayOptions(setting), stopAfter: 1 }).failures[0]
          ?.summary;
  const seconds = (performance.now() - begun) / 1_000;
  if (reason !== undefined) return { verdict: 'killed', reason: firstLine(reason), seconds };
  return { verdict: 'survived', reason: `${row.property} found nothing`, seconds };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
