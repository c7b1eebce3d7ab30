/** A behaviour as plain text: each step with its action, its arguments and what it changed. */
import type { ShownBehaviour, ShownChange, ShownStep } from './reportPage.ts';

const valueMax = 160;
const changesMax = 20;
const stepsMax = 400;

/** Lines without a final newline. */
export function behaviourText(shown: ShownBehaviour): string {
  const { title, reason, steps, repeat } = shown;
  const lines = reason.includes(title) ? [reason] : [`${title}: ${reason}`];
  const cut = steps.length > stepsMax ? steps.length - stepsMax : 0;
  for (const [index, step] of steps.entries()) {
    // The end of a behaviour tells more than its middle.
    if (cut > 0 && index === 1) lines.push(`   … ${cut} steps are left out …`);
    if (index > 0 && index <= cut) continue;
    lines.push(...stepLines(step, index + 1));
  }
  const end = endOf(shown);
  if (end !== undefined) lines.push(end);
  if (repeat !== undefined) lines.push(`repeat: ${repeat}`);
  return lines.join('\n');
}

function endOf({ lasso, back, steps }: ShownBehaviour): string | undefined {
  if (lasso === undefined) return undefined;
  if (lasso === 'stuttering') return '   and stays there for ever (stuttering)';
  const { length } = steps;
  const by = back?.action === undefined ? '' : ` by ${short(stepTitle(back))}`;
  return lasso === length
    ? `   and repeats step ${lasso}${by} for ever`
    : `   and goes back to step ${lasso}${by}: steps ${lasso} to ${length} repeat for ever`;
}

/** `Accept(r = r1, b = 2)` */
export function stepTitle({ action, args }: Pick<ShownStep, 'action' | 'args'>): string {
  if (action === undefined) return 'a step whose action is not known';
  if (args.length === 0) return action;
  const list = args.map(({ name, value }) => (name === '' ? value : `${name} = ${value}`));
  return `${action}(${list.join(', ')})`;
}

function stepLines(step: ShownStep, number: number): string[] {
  const head = step.action === undefined && number === 1 ? 'initial state' : stepTitle(step);
  const changes = step.changes?.map(changeLine) ?? wholeValues(step);
  const shown = changes.slice(0, changesMax);
  if (changes.length > shown.length) shown.push(`and ${changes.length - shown.length} more`);
  if (changes.length === 0) shown.push('(nothing changes)');
  return [`${String(number).padStart(2)}. ${short(head)}`, ...shown.map((line) => `      ${line}`)];
}

function wholeValues({ changed, state }: ShownStep): string[] {
  return changed.map((name) => `${name} = ${short(state[name] ?? '')}`);
}

function changeLine({ at, isElement, before, after }: ShownChange): string {
  if (isElement) {
    return after === undefined
      ? `${at} loses ${short(before ?? '')}`
      : `${at} gains ${short(after)}`;
  }
  if (after === undefined) return `${at} is gone (was ${short(before ?? '')})`;
  return before === undefined
    ? `${at} = ${short(after)} (new)`
    : `${at} = ${short(after)} (was ${short(before)})`;
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > valueMax ? `${line.slice(0, valueMax - 1)}…` : line;
}
