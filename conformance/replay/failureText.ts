/** A failure as a page of plain text. */
import type { PartDifference } from './difference.ts';
import type { FailureReport, FailureStep } from './failure.ts';

const lineMax = 160;
const partsMax = 20;
const enabledMax = 30;

function short(text: string, max = lineMax): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

function change({ at, code, model }: PartDifference): string {
  if (at.endsWith(' has')) {
    const set = at.slice(0, -' has'.length);
    return code === undefined
      ? `${set} loses ${short(model ?? '')}`
      : `${set} gains ${short(code)}`;
  }
  return `${at} = ${short(code ?? '(gone)')}`;
}

function stepLines(step: FailureStep, number: number): string[] {
  const choice = step.choice === undefined ? '' : `  with ${short(step.choice)}`;
  const changes = step.changes.slice(0, partsMax).map((each) => `       ${change(each)}`);
  const more = step.changes.length - changes.length;
  if (more > 0) changes.push(`       and ${more} more`);
  if (step.changes.length === 0) changes.push('       (nothing changes)');
  return [`  ${String(number).padStart(2)}. ${short(step.label)}${choice}`, ...changes];
}

function pathLines(failure: FailureReport): string[] {
  const { path, initial } = failure;
  if (initial === undefined) return [];
  if (path === undefined) return ['no initial state of the graph leads there'];
  const start = Object.entries(initial).map(([name, value]) => `       ${name} = ${short(value)}`);
  const steps = path.flatMap((step, i) => stepLines(step, i + 1));
  return [
    `path (${path.length} ${path.length === 1 ? 'step' : 'steps'}):`,
    '   0. initial state',
    ...start,
    ...steps,
  ];
}

function differenceLines(failure: FailureReport): string[] {
  const { differences, comparedWith } = failure;
  if (differences.length === 0) return [];
  const lines = [`difference (model: ${comparedWith ?? 'its state'}):`];
  for (const { variable, parts } of differences) {
    lines.push(`  ${variable}`);
    for (const { at, code, model } of parts.slice(0, partsMax)) {
      const place = at === variable ? '' : `${short(at)}: `;
      lines.push(`    ${place}code ${short(code ?? '(nothing)')}`);
      lines.push(
        `    ${' '.repeat(Math.max(0, place.length - 1))}${place === '' ? '' : ' '}model ${short(model ?? '(nothing)')}`,
      );
    }
    if (parts.length > partsMax) lines.push(`    and ${parts.length - partsMax} more`);
  }
  return lines;
}

export function failureText(failure: FailureReport): string {
  const { action, args, choice, alike, enabled, error } = failure;
  const lines = [`${failure.kind}: ${failure.summary}`];
  if (action !== undefined) lines.push(`action: ${action}`);
  for (const { name, value } of args ?? []) lines.push(`  ${name} = ${short(value)}`);
  if (choice !== undefined) lines.push(`  choice: ${short(choice)}`);
  lines.push(...pathLines(failure), ...differenceLines(failure));
  if (alike !== undefined && alike.length > 0)
    lines.push(`the same result is what the model gives for: ${alike.join(', ')}`);
  if (enabled !== undefined) {
    const shown = enabled.slice(0, enabledMax).join(', ');
    const more = enabled.length > enabledMax ? ` and ${enabled.length - enabledMax} more` : '';
    lines.push(`the model allows there: ${enabled.length === 0 ? 'nothing' : shown + more}`);
  }
  if (failure.refused !== undefined && failure.refused.length > 0)
    lines.push(`the code refused there: ${failure.refused.slice(0, enabledMax).join(', ')}`);
  if (error !== undefined && !failure.summary.includes(error.message)) lines.push(error.message);
  if (error !== undefined) lines.push(...thrownAt(error.stack));
  return lines.join('\n');
}

/** Where in the code or its binding: one place. The report in JSON has the whole stack. */
function thrownAt(stack = ''): string[] {
  const frame = stack.split('\n').find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return frame === undefined ? [] : [`thrown by ${frame.trim().replace(/^at /, '')}`];
}
