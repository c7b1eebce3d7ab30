/** A span of time as the command line takes it: `10s`, `500ms`, `2m`, or seconds alone. */
import { UsageError } from '../sources/usageError.ts';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds. */
export function durationMs(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const unit = (found?.[2] ?? 's') as keyof typeof units;
  const value = Number(found?.[1]) * units[unit];
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError('no-duration', `${text} is no duration`, 'Write 10s, 500ms, 2m or 1h.');
}
