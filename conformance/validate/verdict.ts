/**
 * What a validation comes to. What must hold: `ok` only if something was checked, all of it was
 * accepted, and every spoilt copy that ran beside it was rejected.
 */
export interface VerdictFacts {
  readonly traces: readonly {
    readonly name: string;
    readonly verdict: 'accepted' | 'rejected' | 'unknown';
    readonly events: number;
  }[];
  readonly knownBad: { readonly rejected: number; readonly total: number };
  /** Why TLC was ended before it was done. */
  readonly cut: string | undefined;
}

export interface Verdict {
  readonly verdict: 'ok' | 'violation' | 'unknown' | 'error';
  readonly problems: readonly string[];
}

export function verdictOf({ traces, knownBad, cut }: VerdictFacts): Verdict {
  const problems = traces
    .filter(({ events }) => events === 0)
    .map(({ name }) => `${name}: no events: nothing was checked`);
  if (traces.length === 0) problems.push('no traces: nothing was checked');
  if (cut !== undefined) problems.push(cut);
  const nothing = traces.every(({ events }) => events === 0);
  const blind = cut === undefined && !nothing && knownBad.rejected < Math.max(1, knownBad.total);
  if (blind) {
    problems.push('a spoilt copy of a trace was not rejected: this check is blind');
    return { verdict: 'error', problems };
  }
  const failed = traces.some(({ verdict, events }) => verdict === 'rejected' || events === 0);
  if (failed || traces.length === 0) return { verdict: 'violation', problems };
  const unsettled = cut !== undefined || traces.some(({ verdict }) => verdict === 'unknown');
  return { verdict: unsettled ? 'unknown' : 'ok', problems };
}
