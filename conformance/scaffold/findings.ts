/** What doctor looks at, one finding each. What must hold: a finding that is not well says what to do. */
export type FindingState =
  | 'ok'
  /** Nothing is wrong, and something is not there: a folder without a config. */
  | 'absent'
  /** The machine lacks it. */
  | 'missing'
  /** The project's files are not as they must be. */
  | 'wrong'
  /** A generated file is older than what it is made from. */
  | 'stale';

export interface Finding {
  readonly name: string;
  readonly state: FindingState;
  /** What was found, in one line. */
  readonly found: string;
  /** What to do about it. */
  readonly next?: string;
}

/** Makes a finding of what `look` says; what it throws is one too. */
export async function finding(
  name: string,
  failing: 'missing' | 'wrong' | 'absent',
  look: () => Promise<string> | string,
): Promise<Finding> {
  try {
    return { name, state: 'ok', found: await look() };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const { next } = error as { next?: unknown };
    return {
      name,
      state: failing,
      found: message,
      ...(typeof next === 'string' && { next }),
    };
  }
}
