// What a TLC can do, read off its version line: the 1.7 series is the base, 1.8 has more. What must hold: nothing is
// asked of a version that would overlook it in silence.

import { isRolling } from './jarVersion.ts';

export interface TlcFeatures {
  /** ALIAS in a cfg: what a counterexample shows instead of the variables. */
  readonly alias: boolean;
  /** POSTCONDITION in a cfg: evaluated once the search has ended. */
  readonly postcondition: boolean;
}

export function featuresOf(version: string): TlcFeatures {
  const rolling = isRolling(version);
  return { alias: rolling, postcondition: rolling };
}
