/**
 * What TLC found, as text: the message, and the counterexample as the steps taken with what
 * each changed.
 */
import type { TlcResult, TlcTraceStep } from '../tlc/result.ts';

const valueMax = 160;

export function counterexample(tlc: TlcResult): string {
  const what = tlc.property ?? tlc.kind ?? tlc.verdict;
  const lines = [tlc.message ?? `TLC: ${what}`];
  if (tlc.property !== undefined && !lines[0]?.includes(tlc.property)) {
    lines[0] = `${tlc.property}: ${lines[0] ?? ''}`;
  }
  if (tlc.location !== undefined) {
    const { file, line, column } = tlc.location;
    lines.push(`at ${file}.tla, line ${line}, column ${column}`);
  }
  for (const [index, step] of (tlc.trace ?? []).entries()) {
    lines.push(...stepLines(step, index + 1, tlc.trace?.[index - 1]));
  }
  if (tlc.lasso === 'stuttering') lines.push('and stays there for ever');
  else if (tlc.lasso !== undefined) lines.push(`and goes back to step ${tlc.lasso}`);
  return lines.join('\n');
}

function stepLines(step: TlcTraceStep, number: number, before?: TlcTraceStep): string[] {
  const changed = Object.entries(step.state).filter(
    ([name, value]) => before?.state[name] !== value,
  );
  return [
    `${number}. ${step.action ?? 'initial state'}`,
    ...changed.map(([name, value]) => `     ${name} = ${short(value)}`),
  ];
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > valueMax ? `${line.slice(0, valueMax - 1)}…` : line;
}
