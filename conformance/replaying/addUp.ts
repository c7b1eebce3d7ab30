/** What the shares of a replay add up to: one report, and which edges were taken by any of them. */
import { relative } from 'node:path';
import type { BoundModel } from '../project/bindingFiles.ts';
import { isRunning } from '../replay/bindingModule.ts';
import { EdgeCoverage } from '../replay/coverage.ts';
import { emptyFailure } from '../running/replayRunning.ts';
import type { ReplayFailure, ReplayReport } from '../report/replayReport.ts';
import type { ModelFacts, ModelGraph } from './modelGraph.ts';
import type { ShareAnswer, SharedFailure, Shard, ShareSettings } from './share.ts';

interface Setting {
  readonly bound: BoundModel;
  readonly settings: ShareSettings;
  readonly shard: Shard;
  readonly facts: ModelFacts;
  readonly model?: ModelGraph;
  /** The traces are kept failures. */
  readonly kept: boolean;
  readonly cached: boolean;
  readonly seconds: number;
}

const uncoveredMax = 100;

export function addUp(
  answers: readonly ShareAnswer[],
  o: Setting,
): { report: ReplayReport; taken?: Uint8Array } {
  const { bound, settings, shard, model } = o;
  const failures = answers.flatMap((answer) => answer.failures);
  const undecided = answers.some(({ verdict }) => verdict === 'unknown');
  const nothing = nothingRun(answers, o);
  if (failures.length === 0 && !undecided && nothing !== undefined)
    failures.push({ failure: emptyFailure(nothing) });
  const knownBad = onceEach(answers.flatMap((answer) => answer.knownBad));
  const coverage = coverageOf(answers, o);
  const sum = (of: (answer: ShareAnswer) => number): number =>
    answers.reduce((total, answer) => total + of(answer), 0);
  const failureCount = sum((answer) => answer.failureCount);
  const accepted = knownBad.filter(({ rejected }) => !rejected);
  const reason = answers.find((answer) => answer.reason !== undefined)?.reason;
  // What failed may have been counted only; it is a failure all the same.
  const failed = failures.length > 0 || answers.some(({ verdict }) => verdict === 'violation');
  const violated = failed || accepted.length > 0;
  const report: ReplayReport = {
    schema: 'bisim.replay.1',
    verdict: violated ? 'violation' : undecided ? 'unknown' : 'ok',
    reason: accepted.length > 0 ? notRejected(accepted) : (reason ?? null),
    binding: bound.binding.name,
    subject: isRunning(bound.binding) ? 'running' : 'pure',
    model: bound.files.name,
    mode: settings.mode,
    seed: settings.seed,
    shard: shard.count > 1 ? `${shard.index + 1}/${shard.count}` : null,
    source: model?.source ?? null,
    cached: o.cached,
    states: model?.graph.nodeCount ?? 0,
    edges: model?.graph.edgeCount ?? 0,
    replayed: coverage?.replayed ?? 0,
    ignored: coverage?.ignoredEdges ?? 0,
    paths: sum((answer) => answer.paths),
    steps: sum((answer) => answer.steps),
    diverged: sum((answer) => answer.diverged),
    actions: actionsOf(coverage, o),
    uncovered: coverage?.uncoveredLabels(uncoveredMax) ?? [],
    failures: failures.map((failure) => reported(failure, repeatOf(o))),
    failureCount: Math.max(failureCount, failures.length),
    knownBad: [...knownBad],
    seconds: o.seconds,
  };
  return { report, ...(coverage && { taken: coverage.taken }) };
}

/** Why this run shows nothing; a kept failure of the initial state has no steps, and shows something. */
function nothingRun(answers: readonly ShareAnswer[], o: Setting): string | undefined {
  const { mode } = o.settings;
  const what = mode === 'trace' || mode === 'simulation' ? 'trace' : 'tour';
  const where = o.shard.count > 1 ? ` for shard ${o.shard.index + 1} of ${o.shard.count}` : '';
  if (answers.every(({ paths }) => paths === 0)) return `there is no ${what} to run${where}`;
  if (what === 'tour' || o.kept || answers.some(({ steps }) => steps > 0)) return undefined;
  return 'no trace has a step';
}

function notRejected(accepted: readonly { readonly what: string }[]): string {
  return `the check itself is broken: it accepted ${accepted.map(({ what }) => what).join(', ')}`;
}

function onceEach(cases: ShareAnswer['knownBad']): ShareAnswer['knownBad'] {
  const byWhat = new Map<string, ShareAnswer['knownBad'][number]>();
  for (const each of cases) {
    const known = byWhat.get(each.what);
    if (known === undefined || known.rejected) byWhat.set(each.what, each);
  }
  return [...byWhat.values()];
}

function coverageOf(answers: readonly ShareAnswer[], o: Setting): EdgeCoverage | undefined {
  const { model, bound } = o;
  if (model === undefined) return undefined;
  const coverage = new EdgeCoverage(model.graph, bound.binding.ignored);
  for (const { taken } of answers) if (taken !== undefined) coverage.merge(taken);
  return coverage;
}

function actionsOf(coverage: EdgeCoverage | undefined, o: Setting): ReplayReport['actions'] {
  const names = Object.keys(o.facts.parameterNames);
  return (coverage?.actions(names) ?? []).map(({ action, edges, replayed, ignored }) => ({
    ...{ action, edges, replayed, ignored: ignored === true },
  }));
}

/** The run again, as the user would type it. */
export function repeatOf({
  bound,
  settings,
  shard,
}: Pick<Setting, 'bound' | 'settings' | 'shard'>): string {
  const words = [
    'bisim',
    'replay',
    relativeTo(bound.path),
    '--config',
    relativeTo(bound.files.cfg),
  ];
  words.push('--mode', settings.mode, '--seed', String(settings.seed));
  if (shard.count > 1) words.push('--shard', `${shard.index + 1}/${shard.count}`);
  return words.map(quoted).join(' ');
}

export function relativeTo(path: string): string {
  const way = relative(process.cwd(), path);
  return way.startsWith('-') ? `./${way}` : way;
}

export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function reported({ failure, steps, foundSteps }: SharedFailure, repeat: string): ReplayFailure {
  const { failing: _, node: __, step: ___, alike: ____, error: _____, ...rest } = failure;
  const plain = JSON.parse(JSON.stringify(rest)) as Omit<ReplayFailure, 'repeat'>;
  return {
    ...plain,
    ...(steps !== undefined && { steps }),
    ...(foundSteps !== undefined && { foundSteps }),
    repeat,
  };
}
