/**
 * One model from end to end: TLC's verdict against what models.json expects, every edge of the
 * graph on the code, histories of its behaviours. What must hold: a part that did not run is
 * said to be skipped, and a graph that is empty fails.
 */
import { Cache } from '../behaviour/cache.ts';
import { drawnGraph } from '../report/drawnGraph.ts';
import { nextStep } from '../report/nextStep.ts';
import type { VerifyPictures } from '../report/verifyOutcome.ts';
import type { ModelReport } from '../report/verifyReport.ts';
import { hashParts } from '../sources/contentHash.ts';
import { emptyReport } from './emptyReport.ts';
import { loadBinding } from '../replay/bindingModule.ts';
import type { Exploration, Facts } from './exploration.ts';
import { explore } from './exploration.ts';
import type { Histories } from './histories.ts';
import { historiesOf, simulatedHistories } from './histories.ts';
import type { Model } from './project.ts';
import { recordedStatesMax, writeRecording } from './recorded.ts';
import type { Replayed } from './replaying.ts';
import { replay } from './replaying.ts';
import { hasLockfile } from './surroundings.ts';
import type {
  KnownBadCase,
  ModelTask,
  RunContext,
  TaskAnswer,
  TaskError,
  TaskTools,
} from './task.ts';
import { noPictures, nothing } from './task.ts';

/** What one model's task works with. */
interface Work {
  readonly model: Model;
  readonly context: RunContext;
  readonly cache: Cache;
  readonly tools: TaskTools;
}

/** Results computed from a graph and a binding. */
interface OnCode {
  readonly replayed?: Replayed;
  readonly histories?: Histories;
}

export async function runModel(
  task: ModelTask,
  context: RunContext,
  tools: TaskTools,
): Promise<TaskAnswer> {
  const cache = new Cache({ folder: context.cache, warn: tools.warn });
  const work: Work = { model: task.model, context, cache, tools };
  if (task.model.row.mode === 'simulate') return simulated(work);
  const explored = await explore(work);
  const { facts } = explored;
  if (facts === undefined) return notExplored(task.model, explored.missing ?? '');
  const expected = context.tlc === undefined ? [] : mismatches(task.model, facts);
  const failed = errorOf(task.model, facts);
  const done = failed === undefined ? await onCode(work, explored, facts) : undefined;
  if (context.record) await record(work, explored, facts);
  const report = reportOf(task.model, { explored, facts, expected, done: done?.result });
  return {
    ...nothing,
    models: [report],
    knownBad: casesOf(done?.result),
    skipped: explored.source === 'recording' ? [notChecked(task.model)] : [],
    errors: failed === undefined ? [] : [failed],
    pictures: await picturesOf(work, { explored, facts, done: done?.result }),
    line: lineOf({ ...report, cached: explored.cached && done?.cached !== false }),
  };
}

function notExplored({ name, room, row }: Model, reason: string): TaskAnswer {
  const report = { ...emptyReport({ name, room, row }), verdict: 'skipped' as const };
  return {
    ...nothing,
    models: [report],
    skipped: [{ what: name, reason }],
    line: `skipped: ${reason}`,
  };
}

function notChecked({ name }: Model): TaskAnswer['skipped'][number] {
  return { what: `TLC's check of ${name}`, reason: 'no Java: the recorded graph was replayed' };
}

/** How the run differs from its row in models.json. */
function mismatches({ row }: Model, facts: Facts): string[] {
  const { expect } = row;
  if (facts.verdict !== expect.verdict) {
    const found = facts.message ?? facts.verdict;
    return [`models.json expects ${expect.verdict}; TLC says ${facts.verdict}:\n${found}`];
  }
  const found: string[] = [];
  if (expect.property !== undefined && facts.property !== expect.property) {
    found.push(`models.json expects ${expect.property} to fail; ${facts.property} failed`);
  }
  if (facts.verdict !== 'ok') return found;
  for (const name of ['distinct', 'generated', 'depth'] as const) {
    const wanted = expect[name];
    if (wanted === undefined || wanted === facts[name]) continue;
    found.push(`models.json expects ${name} ${wanted}; TLC finds ${facts[name]}`);
  }
  return found;
}

const bad = new Set(['parse', 'config']);

/** What kept TLC from a verdict, by who can mend it. */
function errorOf({ name }: Model, facts: Facts): TaskError | undefined {
  if (facts.verdict === 'ok' || facts.verdict === 'violation') return undefined;
  const { kind = 'unknown', message = '' } = facts;
  const exit =
    kind === 'disk'
      ? 'environment'
      : facts.verdict === 'unknown'
        ? 'inconclusive'
        : bad.has(kind)
          ? 'usage'
          : 'violation';
  return { exit, what: `${name} (${kind})`, message, next: nextStep(kind) };
}

async function record(
  { model, cache: _cache }: Work,
  explored: Exploration,
  facts: Facts,
): Promise<void> {
  if (facts.verdict !== 'ok' || facts.distinct > recordedStatesMax) return;
  const graph = explored.source === 'tlc' ? await explored.graph() : undefined;
  if (graph !== undefined) await writeRecording(model, facts, graph);
}

async function onCode(
  work: Work,
  explored: Exploration,
  facts: Facts,
): Promise<{ result: OnCode; cached: boolean } | undefined> {
  const { model, context, tools } = work;
  const { binding } = model;
  if (binding === undefined || facts.verdict !== 'ok') return undefined;
  return kept(work, explored.key, async () => {
    const graph = await explored.graph();
    if (graph === undefined) return {};
    const setting = { graph, facts, binding: await loadBinding(binding.path, context.transpiled) };
    const replayed = model.row.replay ? replay(model.name, setting, tools.detail) : undefined;
    const histories = model.row.tours
      ? await historiesOf(model.name, setting, { seed: context.seed, tools })
      : undefined;
    return {
      ...(replayed === undefined ? {} : { replayed }),
      ...(histories === undefined ? {} : { histories }),
    };
  });
}

/** Only passes are kept: a failure is worth the time to be seen again. */
async function kept(
  { model, context, cache }: Work,
  key: string,
  compute: () => Promise<OnCode>,
): Promise<{ result: OnCode; cached: boolean }> {
  const { binding } = model;
  const cachable = binding?.closure.opaque === undefined && hasLockfile(context.root);
  const parts = ['on-code', key, binding?.hash ?? '', context.surroundings, String(context.seed)];
  const name = hashParts([...parts, JSON.stringify(model.row)]);
  const known = cachable ? ((await cache.getJson(name)) as OnCode | undefined) : undefined;
  if (known !== undefined) return { result: known, cached: true };
  const result = await compute();
  const passed =
    (result.replayed?.problems.length ?? 0) === 0 &&
    (result.histories?.problems.length ?? 0) === 0 &&
    casesOf(result).every(({ rejected }) => rejected);
  if (cachable && passed) await cache.putJson(name, result);
  return { result, cached: false };
}

function casesOf(result: OnCode | undefined): KnownBadCase[] {
  return [...(result?.replayed?.knownBad ?? []), ...(result?.histories?.knownBad ?? [])];
}

/** A model that must fail shows how it does: that is what it is there for. */
async function picturesOf(
  { model, context }: Work,
  { explored, facts, done }: Omit<Parts, 'expected'>,
): Promise<VerifyPictures> {
  const graph = context.pictures && facts.verdict === 'ok' ? await explored.graph() : undefined;
  const { shown } = facts;
  const expected = model.row.expect.verdict === facts.verdict ? ' (as models.json expects)' : '';
  const title = `${model.name}: ${shown?.title ?? ''}${expected}`;
  const repeat = `bisim verify --only ${model.name}`;
  const found = shown === undefined ? [] : [{ ...shown, title, repeat }];
  return {
    graphs: graph === undefined ? [] : [drawnGraph(model.name, graph)],
    counterexamples: [...found, ...(done?.replayed?.shown ?? [])],
    histories: done?.histories?.shown ?? [],
  };
}

interface Parts {
  readonly explored: Exploration;
  readonly facts: Facts;
  readonly expected: readonly string[];
  readonly done: OnCode | undefined;
}

function reportOf(
  { name, room, row }: Model,
  { explored, facts, expected, done }: Parts,
): ModelReport {
  const { replayed, histories } = done ?? {};
  const problems = [...expected, ...(replayed?.problems ?? []), ...(histories?.problems ?? [])];
  const unknown = replayed?.verdict === 'unknown' || histories?.verdict === 'unknown';
  const failed =
    expected.length > 0 || replayed?.verdict === 'violation' || histories?.verdict === 'violation';
  const undecided = facts.verdict === 'error' || facts.verdict === 'unknown';
  const verdict = undecided ? facts.verdict : failed ? 'violation' : unknown ? 'unknown' : 'ok';
  return {
    ...emptyReport({ name, room, row }),
    verdict,
    source: explored.source,
    modelChecked: explored.source === 'tlc',
    cached: explored.cached,
    distinct: facts.distinct,
    generated: facts.generated,
    depth: facts.depth,
    seconds: facts.seconds,
    edges: replayed?.edges ?? 0,
    replayed: replayed?.replayed ?? 0,
    replaySeconds: replayed?.seconds ?? 0,
    actions: replayed?.actions ?? [],
    behaviours: histories?.behaviours ?? 0,
    histories: histories?.histories ?? 0,
    problems: undecided ? [] : problems,
  };
}

function lineOf(report: ModelReport): string {
  const { verdict, distinct, edges, replayed, histories, cached } = report;
  const parts = [
    `${verdict}, ${distinct} states`,
    edges > 0 ? `${replayed} of ${edges} edges` : '',
    histories > 0 ? `${histories} histories` : '',
    cached ? 'cached' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Behaviours of a model too large to be explored: TLC's random walks, on the code. */
async function simulated(work: Work): Promise<TaskAnswer> {
  const { model, context } = work;
  if (context.tlc === undefined) return notExplored(model, 'no Java: TLC makes its behaviours');
  const key = hashParts(['simulation', model.hash, context.tlc.sha256]);
  const done = await kept(work, key, async () => ({ histories: await simulatedHistories(work) }));
  const { histories } = done.result;
  const failed = histories?.problems.length ?? 0;
  const verdict = histories?.verdict ?? 'unknown';
  const report: ModelReport = {
    ...emptyReport(model),
    verdict: failed > 0 && verdict === 'ok' ? 'violation' : verdict,
    source: 'tlc',
    modelChecked: true,
    cached: done.cached,
    seconds: histories?.seconds ?? 0,
    behaviours: histories?.behaviours ?? 0,
    histories: histories?.histories ?? 0,
    problems: [...(histories?.problems ?? [])],
  };
  const pictures = { ...noPictures, histories: histories?.shown ?? [] };
  const knownBad = casesOf(done.result);
  return { ...nothing, models: [report], knownBad, pictures, line: lineOf(report) };
}
