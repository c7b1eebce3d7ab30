/** What a check came to, as text: the verdict, the counterexample, and what was never reached. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { behaviourText } from '../report/behaviourText.ts';
import { nextStep } from '../report/nextStep.ts';
import { columns, grouped, seconds } from '../report/columns.ts';
import type { CheckRun } from '../report/checkReport.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import type { CheckedSpec } from './checkedSpec.ts';
import type { CheckResult } from './checkModel.ts';

const expressionsMax = 400;
/** Other counterexamples shown in full. */
const furtherMax = 3;
const sourceMax = 60;

export function checkText(run: CheckRun, result: CheckResult): string {
  const { tlc, parameterNames } = result;
  const lines = [headline(run), `  ${counts(run)}`];
  if (tlc.verdict !== 'ok') lines.push('', behaviourText(shownBehaviour(tlc, { parameterNames })));
  for (const [index, each] of tlc.further.entries()) {
    const { property, message, trace } = each;
    const shown = { verdict: 'violation', ...each } as const;
    const whole = behaviourText(shownBehaviour(shown, { parameterNames }));
    const short = `also: ${property ?? message}, after ${trace.length} states (--json has them)`;
    lines.push('', index < furtherMax ? whole : short);
  }
  lines.push(...coverageLines(run), ...expressionLines(run, result.model));
  const [saved] = run.saved ?? [];
  if (saved !== undefined) lines.push('', ...(run.saved ?? []).map((path) => `saved: ${path}`));
  if (saved !== undefined)
    lines.push(`  on your code: bisim replay BINDING --config ${run.cfg} --trace ${saved}`);
  if (tlc.verdict === 'error' || tlc.verdict === 'unknown')
    lines.push('', `next: ${nextOf(tlc.kind ?? '')}`);
  for (const warning of run.warnings) lines.push(`warning: ${warning}`);
  for (const note of run.notes) lines.push(`note: ${note}`);
  return `${lines.join('\n')}\n`;
}

/** The flags of this verb, where those of the config would be of no use. */
function nextOf(kind: string): string {
  const flag = { timeout: '--timeout SECONDS', memory: '--memory MB' }[kind];
  return flag === undefined
    ? nextStep(kind)
    : `Give it more by ${flag}, or make the model smaller.`;
}

function headline({ cfg, verdict, kind, property }: CheckRun): string {
  const what = [kind, property].filter((part) => part !== null).join(' ');
  return `${cfg}: ${verdict}${what === '' ? '' : ` (${what})`}`;
}

function counts(run: CheckRun): string {
  const { distinct, generated, depth, queue, mode } = run;
  const workers = run.workers === 1 ? '1 worker' : `${run.workers} workers`;
  const unknown = run.verdict === 'unknown' && generated === 0;
  const states = [
    ...(mode === 'simulate' ? [] : [`${grouped(distinct)} distinct states`]),
    `${grouped(generated)} generated`,
    ...(mode === 'simulate' ? [] : [`depth ${grouped(depth)}`]),
  ];
  const facts = [
    ...(unknown ? ['ended before TLC said how far it was'] : states),
    ...(queue > 0 ? [`${grouped(queue)} left on the queue`] : []),
    `${seconds(run.seconds)} s${run.cached ? ' when it ran (cached; --no-cache repeats it)' : ''}`,
    `TLC ${run.tlc.version}, ${workers}`,
  ];
  return facts.join(', ');
}

function coverageLines({ verdict, actions, neverTaken, mode }: CheckRun): string[] {
  if (actions.length === 0) return [];
  // Only a breadth-first search knows which states are new.
  const isNew = mode === 'check';
  const rows = actions.map(({ action, generated, distinct }) => [
    action,
    grouped(generated),
    ...(isNew ? [grouped(distinct)] : []),
  ]);
  // Not the edges of the graph: a step that two disjuncts make counts twice, as in TLC's total.
  const head = ['action', 'generated', ...(isNew ? ['new states'] : [])];
  const table = columns([head, ...rows], { right: [1, 2] });
  const when = verdict === 'ok' ? 'never taken' : 'not taken before that';
  const missing = neverTaken.length === 0 ? [] : [`${when}: ${neverTaken.join(', ')}`];
  return ['', ...table, ...missing];
}

/** Those never evaluated by themselves: that is what one looks for. */
function expressionLines({ expressions }: CheckRun, model: CheckedSpec): string[] {
  if (expressions.length === 0) return [];
  const source = sourceLines(model);
  const row = ({ location, count }: CheckRun['expressions'][number], indent = ''): string[] => {
    const { file, line, column } = location;
    const text =
      source(file)
        [line - 1]?.slice(column - 1)
        .trim() ?? '';
    const shown = text.length > sourceMax ? `${text.slice(0, sourceMax - 1)}…` : text;
    return [`${indent}${file}:${line}:${column}`, grouped(count), shown];
  };
  const never = expressions.filter(({ count }) => count === 0);
  const head = `${grouped(expressions.length)} expressions, ${grouped(never.length)} never evaluated`;
  const table = (rows: string[][]): string[] => columns(rows, { right: [1] });
  const shown = expressions.slice(0, expressionsMax);
  const rest = expressions.length - shown.length;
  return [
    '',
    `${head}${never.length > 0 ? ':' : ''}`,
    ...table(never.slice(0, expressionsMax).map((each) => row(each))),
    '',
    'how often each was evaluated:',
    ...table(shown.map((each) => row(each, '  '.repeat(each.depth)))),
    ...(rest > 0 ? [`  and ${grouped(rest)} more (--json has them)`] : []),
  ];
}

/** By file name, as TLC's places have it; modules of TLC itself have no lines here. */
function sourceLines({ closure }: CheckedSpec): (file: string) => readonly string[] {
  const read = new Map<string, readonly string[]>();
  return (file) => {
    const known = read.get(file);
    if (known !== undefined) return known;
    const path = closure.find((each) => basename(each) === file);
    const lines = path === undefined ? [] : readFileSync(path, 'utf8').split('\n');
    read.set(file, lines);
    return lines;
  };
}
