/**
 * Faults and changes of leader, to be marked in the timeline: a file of JSON lines, each
 * `{"from": 120, "to": 180, "label": "partition"}` in the history's unit of time.
 */
import { readFileSync } from 'node:fs';
import type { Band } from '../history/timeline.ts';
import { UsageError } from '../sources/usageError.ts';

export function readBands(path: string): Band[] {
  return readText(path)
    .split('\n')
    .flatMap((line, at): Band[] => (line.trim() === '' ? [] : [bandOf(line, `${path}:${at + 1}`)]));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      'no-faults',
      `${path} cannot be read: ${reason}`,
      'Correct --faults.',
      cause,
    );
  }
}

function bandOf(line: string, where: string): Band {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    parsed = undefined;
  }
  const { from, to, label } = (parsed ?? {}) as Record<string, unknown>;
  if (typeof from === 'number' && typeof to === 'number' && typeof label === 'string') {
    return { from, to, label };
  }
  throw new UsageError(
    'no-faults',
    `${where}: expected a fault`,
    'Write {"from": 120, "to": 180, "label": "partition"}, one a line.',
  );
}
