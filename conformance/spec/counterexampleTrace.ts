// A counterexample of TLC as a trace, to be written to a file or replayed. What must hold: undefined only where there is
// no trace, or where it holds a value that is no finite one.

import type { Trace } from '../behaviour/simulation.ts';
import type { TlcResult } from '../tlc/result.ts';
import { ValueTable } from '../value/table.ts';
import { ValueError } from '../value/valueError.ts';

/** `loop`: the state (from 0) that the behaviour goes back to; its last one where it stutters. */
export type LassoTrace = Trace & { readonly loop?: number };

export function counterexampleTrace(
  tlc: Pick<TlcResult, 'trace' | 'lasso'>,
  values: ValueTable = new ValueTable(),
): LassoTrace | undefined {
  const steps = tlc.trace ?? [];
  const [first] = steps;
  if (first === undefined) return undefined;
  const variables = Object.keys(first.state);
  try {
    const rows = steps.flatMap(({ state }) =>
      variables.map((name) => values.parse(state[name] ?? '')),
    );
    const labels = steps.slice(1).map(({ action, args }) => {
      // An action whose arguments are unknown is no label: replay would take it for one without any.
      if (action === undefined || args === undefined) return undefined;
      return { action, args: args.map((arg) => values.value(values.parse(arg))) };
    });
    const last = steps.length - 1;
    const loop = tlc.lasso === 'stuttering' ? last : (tlc.lasso ?? 0) - 1;
    return {
      variables,
      values,
      length: steps.length,
      states: Int32Array.from(rows),
      labels,
      ...(loop < 0 ? {} : { loop }),
    };
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}
