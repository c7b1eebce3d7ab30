/** What became of a mutant, and by what. */
export interface MutantJudgement {
  /**
   * equivalent: the model's graph, or every result of the code in it, is what it was; outside: the
   * changed place is never evaluated in this model; hole: it changes behaviour, and nothing sees it;
   * invalid: no program at all, and not counted.
   */
  readonly verdict: 'killed' | 'equivalent' | 'outside' | 'hole' | 'invalid';
  /** A property, replay, TLC or a limit; empty for survivors. */
  readonly by: string;
  readonly reason: string;
  readonly seconds: number;
}

export const firstLine = (text: string): string => text.split('\n')[0] ?? '';
