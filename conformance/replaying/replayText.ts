/** A replay as a page of plain text: what ran, what failed and how to see it again, what was left out. */
import { columns, grouped, seconds } from '../report/columns.ts';
import type { ReplayFailure, ReplayReport } from '../report/replayReport.ts';

const uncoveredShown = 10;

export function replayText(report: ReplayReport): string {
  const lines = [
    ...report.failures.flatMap((failure, i) => failureLines(failure, i + 1)),
    ...moreLines(report),
    ...actionLines(report),
    ...uncoveredLines(report),
    ...knownBadLines(report),
    ...(report.reason === null ? [] : [report.reason]),
    closing(report),
  ];
  return `${lines.join('\n')}\n`;
}

function failureLines(failure: ReplayFailure, number: number): string[] {
  const { steps, foundSteps, saved } = failure;
  const shrunk =
    steps !== undefined && foundSteps !== undefined && steps < foundSteps
      ? [`shrunk from ${foundSteps} steps to ${steps}`]
      : [];
  return [
    `failure ${number}`,
    failure.text,
    ...shrunk,
    ...(saved === undefined ? [] : [`kept in ${saved}`]),
    `again: ${failure.repeat}`,
    '',
  ];
}

function moreLines({ failures, failureCount, mode }: ReplayReport): string[] {
  const more = failureCount - failures.length;
  const lines = more > 0 ? [`and ${more} more failures`] : [];
  const keepable = failures.some(({ saved, steps }) => saved === undefined && steps !== undefined);
  if (keepable && mode !== 'trace')
    lines.push('--save FOLDER keeps each as a trace that replays alone');
  return lines.length === 0 ? [] : [...lines, ''];
}

function actionLines({ actions }: ReplayReport): string[] {
  if (actions.length === 0) return [];
  const rows = actions.map(({ action, edges, replayed, ignored }) => [
    action,
    grouped(replayed),
    `of ${grouped(edges)}`,
    ignored ? 'ignored: the code does not have it' : replayed === 0 ? 'never taken' : '',
  ]);
  return ['edges by action', ...columns(rows, { right: [1, 2] }), ''];
}

function uncoveredLines({ uncovered, edges, replayed, ignored }: ReplayReport): string[] {
  const left = edges - replayed;
  if (left === 0) return [];
  const shown = uncovered.slice(0, uncoveredShown).join(', ');
  const more = uncovered.length > uncoveredShown ? ', …' : '';
  const part = ignored > 0 ? `, ${grouped(ignored)} of them of ignored actions` : '';
  return [`${grouped(left)} edges were not taken${part}: ${shown}${more}`, ''];
}

function knownBadLines({ knownBad, verdict }: ReplayReport): string[] {
  if (verdict !== 'ok' && knownBad.length === 0) return [];
  const rejected = knownBad.filter((each) => each.rejected).length;
  const lines = knownBad
    .filter((each) => !each.rejected)
    .map(({ what }) => `not rejected: ${what}`);
  return [...lines, `known-bad cases: ${rejected} of ${knownBad.length} rejected`];
}

function closing(report: ReplayReport): string {
  const { verdict, binding, model, mode, edges, replayed, paths, steps, cached } = report;
  const ran =
    mode === 'edges'
      ? `${grouped(replayed)} of ${grouped(edges)} edges`
      : `${grouped(paths)} ${nameOf(mode, paths)}, ${grouped(steps)} steps` +
        (edges > 0 ? `, ${grouped(replayed)} of ${grouped(edges)} edges` : '');
  const parts = [
    report.shard === null ? '' : `shard ${report.shard}`,
    report.diverged > 0 ? `${report.diverged} diverged` : '',
    report.source === 'recording' ? 'on the recorded graph' : '',
    cached ? 'cached' : `${seconds(report.seconds)} s`,
  ];
  const said =
    verdict === 'ok' ? 'conforms' : verdict === 'violation' ? 'VIOLATION' : 'INCONCLUSIVE';
  return `${said}: ${binding} on ${model}: ${[ran, ...parts.filter((part) => part !== '')].join(', ')}`;
}

function nameOf(mode: ReplayReport['mode'], count: number): string {
  const name = mode === 'tours' ? 'tour' : mode === 'walk' ? 'walk' : 'trace';
  return count === 1 ? name : `${name}s`;
}
