/** Flags that verbs which run TLC have in common, and the parsers of their values. */
import { UsageError } from '../sources/usageError.ts';

export const plainText = (input: string): string => input;

/** A whole number within bounds; refused with what it may be. */
export function wholeNumber(min: number, max: number): (input: string) => number {
  return (input) => {
    const value = /^\d{1,15}$/.test(input) ? Number(input) : Number.NaN;
    if (value >= min && value <= max) return value;
    const next = `Give a whole number from ${min} to ${max}.`;
    throw new UsageError('number', `${JSON.stringify(input)} is no such number`, next);
  };
}

export function parseWorkers(input: string): number | 'auto' {
  return input === 'auto' ? 'auto' : wholeNumber(1, 1024)(input);
}

/** Timers of Node end at 24 days. */
export const seconds = wholeNumber(1, 2_000_000);
export const megabytes = wholeNumber(16, 16_777_216);

export interface SimulateFlag {
  readonly num: number;
  readonly depth: number;
  readonly seed: number;
}

/** `num=100,depth=50,seed=1`, each with a default. */
export function parseSimulate(input: string): SimulateFlag {
  const flag: { num: number; depth: number; seed: number } = { num: 1000, depth: 100, seed: 1 };
  const limits = { num: [1, 1e9], depth: [1, 1e6], seed: [0, 2 ** 31 - 1] } as const;
  for (const part of input.split(',').filter((piece) => piece !== '')) {
    const [name = '', value = ''] = part.split('=');
    if (name !== 'num' && name !== 'depth' && name !== 'seed') {
      const next = 'Write --simulate num=1000,depth=100,seed=1.';
      throw new UsageError('simulate', `--simulate knows no ${name}`, next);
    }
    const [min, max] = limits[name];
    flag[name] = wholeNumber(min, max)(value);
  }
  return flag;
}

/** The flags that say how TLC is had and what it may take. */
export const tlcFlags = {
  library: {
    kind: 'parsed',
    parse: plainText,
    brief: 'A folder of modules; may be repeated',
    variadic: true,
    optional: true,
  },
  timeout: { kind: 'parsed', parse: seconds, brief: 'Seconds, then unknown', optional: true },
  memory: { kind: 'parsed', parse: megabytes, brief: 'Heap in MB', optional: true },
  jar: { kind: 'parsed', parse: plainText, brief: 'The TLC jar to use', optional: true },
} as const;
