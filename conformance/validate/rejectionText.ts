/** Why a trace was rejected, in words: where, what the spec could do there, and what differs. */
import type { EventPlace, NamedCall, Rejection, VariableDiff } from './rejection.ts';
import type { ValidatedTrace } from './validateTraces.ts';

const valueCharsMax = 400;
const callsMax = 12;

const short = (text: string): string =>
  text.length > valueCharsMax ? `${text.slice(0, valueCharsMax - 1)}…` : text;

function callText({ action, args }: NamedCall): string {
  const given = Object.entries(args).map(([name, value]) => `${name} = ${short(value)}`);
  return given.length === 0 ? action : `${action}(${given.join(', ')})`;
}

export function eventText({ actions, args }: EventPlace): string {
  const name = actions.length === 0 ? 'a step without a name' : actions.join(' then ');
  return callText({ action: name, args });
}

const at = ({ file, line }: EventPlace): string => `${file}:${line}`;

/** One line: the place and what is wrong there. */
export function rejectionLine({ event, falseGuard, differences, tlc }: Rejection): string {
  if (event === undefined) {
    const names = differences.map(({ variable }) => variable).join(', ');
    const other = names === '' ? '' : `: ${names} should be otherwise`;
    return `no initial state of the spec is where this recording starts${other}`;
  }
  const what = `${at(event)}: ${eventText(event)} is no step of the spec`;
  if (falseGuard !== undefined) return `${what}: ${falseGuard.text} is false`;
  if (differences.length > 0) {
    return `${what}: ${differences.map(({ variable }) => variable).join(', ')} should be otherwise`;
  }
  return tlc === undefined ? `${what} there` : `${what}: TLC cannot compare what it recorded`;
}

function callLines(title: string, calls: readonly NamedCall[]): string[] {
  if (calls.length === 0) return [];
  const more = calls.length > callsMax ? [`and ${calls.length - callsMax} more`] : [];
  return [`${title}: ${[...calls.slice(0, callsMax).map(callText), ...more].join(', ')}`];
}

function differenceLines({ variable, recorded, expected, parts }: VariableDiff): string[] {
  const detail = parts.length > 0 && (parts[0] ?? '').startsWith(`${variable}:`) ? [] : parts;
  return [
    `${variable} differs`,
    `  recorded: ${short(recorded)}`,
    `  the spec: ${short(expected)}`,
    ...detail.map((part) => `  ${short(part)}`),
  ];
}

export function rejectionLines(rejection: Rejection): string[] {
  const { lastMatched, state, states, enabled, falseGuard, fits, tlc } = rejection;
  const reached =
    lastMatched === undefined
      ? 'last matched: nothing; it is the first event'
      : `last matched: ${at(lastMatched)} ${eventText(lastMatched)}`;
  const one = states > 1 ? ` (one of ${states} that the recording allows)` : '';
  const there =
    rejection.event === undefined
      ? 'the nearest initial state of the spec:'
      : `the spec's state there${one}:`;
  return [
    rejectionLine(rejection),
    ...(rejection.event === undefined ? [] : [reached]),
    ...(state === undefined ? [] : [there]),
    ...Object.entries(state ?? {}).map(([name, value]) => `  ${name} = ${short(value)}`),
    ...(rejection.event !== undefined && state !== undefined && enabled.length === 0
      ? ['enabled there: nothing']
      : []),
    ...callLines('enabled there', enabled),
    ...(falseGuard === undefined
      ? []
      : [
          `false guard of ${falseGuard.action}: ${falseGuard.text}`,
          `  ${falseGuard.file}:${falseGuard.line}:${falseGuard.column}`,
        ]),
    ...rejection.differences.flatMap(differenceLines),
    ...callLines('what was recorded would be a step of', fits),
    ...(tlc === undefined ? [] : [`TLC: ${short(tlc.replace(/\s+/g, ' '))}`]),
  ];
}

/** A trace in one line, and what is to be said of it below. */
export function traceLines(trace: ValidatedTrace): string[] {
  const { name, verdict, events, matched, notes, rejection } = trace;
  const all = events === 1 ? '1 event' : `${events} events`;
  const count = verdict === 'accepted' ? all : `${matched} of ${all}`;
  const why = rejection === undefined ? [] : rejectionLines(rejection).map((line) => `  ${line}`);
  return [`${verdict} ${name}: ${count}`, ...notes.map((note) => `  note: ${note}`), ...why];
}
