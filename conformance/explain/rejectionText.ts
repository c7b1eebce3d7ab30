/** Why a recorded run is no behaviour of the spec, in words. */
import type { ValidateReport } from '../report/validateReport.ts';

type Trace = ValidateReport['traces'][number];
type Rejection = NonNullable<Trace['rejection']>;

export function rejectionText({ matched, events, notes, rejection }: Trace): string {
  const lines = [`${matched} of ${events} events are steps of the spec`, ...notes];
  if (rejection !== undefined) lines.push(...rejectionLines(rejection));
  return lines.join('\n');
}

function rejectionLines(rejection: Rejection): string[] {
  const { event, lastMatched, enabled, falseGuard, differences, fits, tlc } = rejection;
  const lines: string[] = [];
  if (lastMatched !== undefined) lines.push(`last matched: ${eventText(lastMatched)}`);
  if (event === undefined) lines.push('no initial state of the spec fits the recording');
  else lines.push(`no step of the spec: ${eventText(event)}`);
  if (enabled.length > 0) lines.push(`enabled there: ${enabled.map(callText).join(', ')}`);
  if (falseGuard !== undefined) {
    const { action, text, file, line, column } = falseGuard;
    lines.push(`false guard of ${action}: ${text}`, `  at ${file}:${line}:${column}`);
  }
  for (const { variable, recorded, expected, parts } of differences) {
    lines.push(`${variable}: recorded ${recorded}, the spec has ${expected}`);
    lines.push(...parts.map((part) => `  ${part}`));
  }
  if (fits.length > 0) lines.push(`it would be a step of ${fits.map(callText).join(', ')}`);
  if (tlc !== undefined) lines.push(`TLC: ${tlc}`);
  return lines;
}

function argsText(args: Readonly<Record<string, string>>): string {
  const list = Object.entries(args).map(([name, value]) => `${name} = ${value}`);
  return list.length === 0 ? '' : `(${list.join(', ')})`;
}

function callText({ action, args }: Rejection['enabled'][number]): string {
  return `${action}${argsText(args)}`;
}

function eventText({ file, line, actions, args }: NonNullable<Rejection['event']>): string {
  return `${actions.join(' · ') || 'a step without a name'}${argsText(args)} (${file}:${line})`;
}
