/**
 * The report of the main job for every reporter: its text, a case for each thing that was checked,
 * and the sections of the HTML page.
 */
import { grouped, seconds } from './columns.ts';
import type { Outcome, ReportCase } from './outcome.ts';
import { verifyPage } from './page.ts';
import type { DrawnGraph, ReportPage, ShownBehaviour, ShownHistory } from './reportPage.ts';
import type { ModelReport, MutantReport, VerifyReport } from './verifyReport.ts';

/** What the page shows beside the report, and the report is too small for. */
export interface VerifyPictures {
  readonly graphs: readonly DrawnGraph[];
  readonly counterexamples: readonly ShownBehaviour[];
  readonly histories: readonly ShownHistory[];
}

export function verifyOutcome(report: VerifyReport, pictures: VerifyPictures): Outcome {
  return {
    exitCode: report.exitCode,
    report,
    text: verifyPage(report),
    cases: casesOf(report),
    page: pageOf(report, pictures),
  };
}

const repeat = (only: string): string => `bisim verify --only ${only}`;

function casesOf({ models, mutants, knownBad, problems, skipped }: VerifyReport): ReportCase[] {
  const cases = [...models.map(modelCase), ...mutants.list.map(mutantCase)];
  const others = problems.filter((text) => !saidBy(text, models, mutants.list));
  return [
    ...cases,
    ...(knownBad.total === 0 ? [] : [knownBadCase(knownBad)]),
    ...others.map((text): ReportCase => {
      const [message = ''] = text.split('\n');
      return { group: 'verify', name: message, verdict: 'error', message, details: text };
    }),
    ...skipped
      .filter(({ what }) => !models.some(({ name }) => name === what))
      .filter(({ what }) => !mutants.list.some(({ id, file }) => what === `mutant ${id} (${file})`))
      .map(({ what, reason }): ReportCase => {
        return { group: 'skipped', name: what, verdict: 'skipped', message: reason };
      }),
  ];
}

// The problems of a model or a mutant stand with it.
function saidBy(
  text: string,
  models: readonly ModelReport[],
  mutants: readonly MutantReport[],
): boolean {
  const ofModel = models.some(
    ({ name, problems }) => problems.length > 0 && text.startsWith(`${name}: `),
  );
  return (
    ofModel ||
    mutants.some(({ id, file }) => text.startsWith(`mutant ${id} (`) && text.includes(file))
  );
}

const modelVerdicts = {
  ok: 'passed',
  violation: 'failed',
  error: 'error',
  unknown: 'error',
  skipped: 'skipped',
} as const;

function modelCase(model: ModelReport): ReportCase {
  const { name, room, problems, seconds: time, replaySeconds } = model;
  const verdict = modelVerdicts[model.verdict];
  const [first = `the verdict is ${model.verdict}`] = problems.join('\n').split('\n');
  const base = { group: room, name, verdict, seconds: time + replaySeconds };
  if (verdict === 'passed') return base;
  const details = [...problems, `repeat: ${repeat(name)}`].join('\n');
  return { ...base, message: first, details };
}

const mutantVerdicts = {
  killed: 'passed',
  survived: 'failed',
  error: 'error',
  skipped: 'skipped',
} as const;

function mutantCase({
  id,
  title,
  file,
  model,
  verdict,
  reason,
  seconds: time,
}: MutantReport): ReportCase {
  const base = {
    group: `mutants of ${model}`,
    name: `${id}: ${title} (${file})`,
    verdict: mutantVerdicts[verdict],
    seconds: time,
  };
  if (verdict === 'killed') return base;
  return { ...base, message: `${verdict}: ${reason}`, details: `repeat: ${repeat(model)}`, file };
}

function knownBadCase({ rejected, total }: VerifyReport['knownBad']): ReportCase {
  const message = `${rejected} of ${total} known-bad cases rejected`;
  const verdict = rejected === total ? 'passed' : 'failed';
  return { group: 'verify', name: 'known-bad cases', verdict, message };
}

function pageOf(report: VerifyReport, pictures: VerifyPictures): ReportPage {
  const { models, mutants, problems, verdict } = report;
  return {
    title: 'bisim verify',
    verdict,
    facts: factsOf(report),
    problems,
    models: models.map((model) => ({
      name: model.name,
      verdict:
        model.source === 'recording' && model.verdict === 'ok'
          ? 'replayed, not checked'
          : model.verdict,
      distinct: model.distinct,
      depth: model.depth,
      edges: model.edges,
      replayed: model.replayed,
      seconds: model.seconds,
    })),
    coverage: models.flatMap(({ name, actions }) =>
      actions.map(({ action, edges, replayed }) => ({
        group: name,
        action,
        edges,
        reached: replayed,
      })),
    ),
    mutants: mutants.list.map(({ id, title, file, model, property, verdict: found, reason }) => ({
      id,
      file,
      what: title,
      verdict: found === 'skipped' ? 'error' : found,
      by: `${property} in ${model}`,
      reason,
    })),
    ...pictures,
  };
}

function factsOf(report: VerifyReport): ReportPage['facts'] {
  const { environment, knownBad, mutants } = report;
  return [
    ['TLC', environment.tlc ?? 'none'],
    ['Java', environment.java ?? 'none'],
    ['Node', environment.node],
    ['Edges replayed', `${grouped(report.edges)} of ${grouped(report.edgesTotal)}`],
    ['Behaviours', grouped(report.behaviours)],
    ['Histories', grouped(report.histories)],
    ['Mutants killed', `${mutants.killed} of ${mutants.total}`],
    ['Known bad rejected', `${knownBad.rejected} of ${knownBad.total}`],
    ['Skipped', grouped(report.skipped.length)],
    ['Seed', String(report.seed)],
    ['Seconds', seconds(report.seconds)],
  ];
}
