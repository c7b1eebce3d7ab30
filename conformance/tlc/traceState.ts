// Reads the states and headers TLC prints in a counterexample. What must hold: a value is kept as TLC printed it,
// however many lines it wraps over.

import type { TlcLocation, TlcTraceStep } from './result.ts';

/** `x = 0` or `/\ x = 0` at the start of a line; continuation lines of a wrapped value never look like this. */
const conjunct = /^(?:\/\\ )?([A-Za-z0-9_!]+) = ?(.*)$/;

/** The variables of a printed state. A state of one variable has no `/\`. */
export function readState(lines: readonly string[]): Record<string, string> {
  const state: Record<string, string> = Object.create(null) as Record<string, string>;
  const bulleted = lines.some((line) => line.startsWith('/\\ '));
  let name: string | undefined;
  for (const line of lines) {
    const isStart = bulleted ? line.startsWith('/\\ ') : name === undefined;
    const match = isStart ? conjunct.exec(line) : null;
    if (match?.[1] !== undefined) {
      name = match[1];
      state[name] = match[2] ?? '';
    } else if (name !== undefined && line !== '') {
      state[name] += `\n${line}`;
    }
  }
  return state;
}

const place = /line (\d+), col (\d+) to line \d+, col \d+ of module (\S+?)>?$/;

/** `line 7, col 8 to line 7, col 49 of module K` */
export function readPlace(text: string): TlcLocation | undefined {
  const match = place.exec(text);
  if (!match) return undefined;
  return { file: `${match[3]}.tla`, line: Number(match[1]), column: Number(match[2]) };
}

export interface StepHeader {
  readonly number: number;
  readonly action?: string;
  readonly location?: TlcLocation;
}

/** `2: <Inc line 7, col 8 to line 7, col 49 of module K>` and `1: <Initial predicate>`. */
export function readHeader(line: string): StepHeader | undefined {
  const match = /^(\d+): ?(.*)$/.exec(line);
  if (!match) return undefined;
  const rest = (match[2] ?? '').replace(/^Back to state: ?/, '');
  const label = /^<([^\s(]+)(?:\(.*\))? line /.exec(rest)?.[1];
  const location = readPlace(rest);
  return {
    number: Number(match[1]),
    ...(label === undefined ? {} : { action: label }),
    ...(location ? { location } : {}),
  };
}

/** A state message: its header line, then the state. */
export function readStep(lines: readonly string[]): TlcTraceStep | undefined {
  const header = readHeader(lines[0] ?? '');
  if (!header) return undefined;
  const { number: _number, ...rest } = header;
  return { ...rest, state: readState(lines.slice(1)) };
}
