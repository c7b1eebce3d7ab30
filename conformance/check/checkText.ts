/** What a check came to, as text: the verdict, the counterexample, and what was never reached. */
import { behaviourText } from '../report/behaviourText.ts';
import { nextStep } from '../report/nextStep.ts';
import { columns, grouped, seconds } from '../report/columns.ts';
import type { CheckRun } from '../report/checkReport.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import type { CheckResult } from './checkModel.ts';

const expressionsMax = 400;

export function checkText(run: CheckRun, result: CheckResult): string {
  const { tlc, parameterNames } = result;
  const lines = [headline(run), `  ${counts(run)}`];
  if (tlc.verdict !== 'ok') lines.push('', behaviourText(shownBehaviour(tlc, { parameterNames })));
  for (const { property, message, trace } of run.further) {
    lines.push('', `also: ${property ?? message}, after ${trace.length} states (--json has them)`);
  }
  lines.push(...coverageLines(run), ...expressionLines(run));
  if (tlc.verdict === 'error' || tlc.verdict === 'unknown')
    lines.push('', `next: ${nextStep(tlc.kind ?? '')}`);
  for (const warning of run.warnings) lines.push(`warning: ${warning}`);
  for (const note of run.notes) lines.push(`note: ${note}`);
  return `${lines.join('\n')}\n`;
}

function headline({ cfg, verdict, kind, property }: CheckRun): string {
  const what = [kind, property].filter((part) => part !== null).join(' ');
  return `${cfg}: ${verdict}${what === '' ? '' : ` (${what})`}`;
}

function counts(run: CheckRun): string {
  const { distinct, generated, depth, queue, mode } = run;
  const workers = run.workers === 1 ? '1 worker' : `${run.workers} workers`;
  const facts = [
    ...(mode === 'simulate' ? [] : [`${grouped(distinct)} distinct states`]),
    `${grouped(generated)} generated`,
    ...(mode === 'simulate' ? [] : [`depth ${grouped(depth)}`]),
    ...(queue > 0 ? [`${grouped(queue)} left on the queue`] : []),
    `${seconds(run.seconds)} s${run.cached ? ' when it ran (cached; --no-cache repeats it)' : ''}`,
    `TLC ${run.tlc.version}, ${workers}`,
  ];
  return facts.join(', ');
}

function coverageLines({ verdict, actions, neverTaken }: CheckRun): string[] {
  if (actions.length === 0) return [];
  const rows = actions.map(({ action, generated, distinct }) => [
    action,
    grouped(generated),
    grouped(distinct),
  ]);
  const table = columns([['action', 'steps', 'new states'], ...rows], { right: [1, 2] });
  const when = verdict === 'ok' ? 'never taken' : 'not taken before that';
  const missing = neverTaken.length === 0 ? [] : [`${when}: ${neverTaken.join(', ')}`];
  return ['', ...table, ...missing];
}

/** Never evaluated first: that is what one looks for. */
function expressionLines({ expressions }: CheckRun): string[] {
  if (expressions.length === 0) return [];
  const never = expressions.filter(({ count }) => count === 0).length;
  const head = `${grouped(expressions.length)} expressions, ${grouped(never)} never evaluated:`;
  const shown = expressions.slice(0, expressionsMax).map(({ location, depth, count }) => {
    const { file, line, column } = location;
    return [`${'  '.repeat(depth)}${file}:${line}:${column}`, grouped(count)];
  });
  const rest = expressions.length - shown.length;
  const more = rest > 0 ? [`  and ${grouped(rest)} more (--json has them)`] : [];
  return ['', head, ...columns(shown, { right: [1] }), ...more];
}
