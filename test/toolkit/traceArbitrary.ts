/** Arbitrary traces, for the properties of trace files. */
import fc from 'fast-check';
import type { Trace } from '../../conformance/behaviour/simulation.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import { anyValue } from './valueArbitrary.ts';

export interface ArbitraryTrace {
  readonly trace: Trace;
  readonly parameterNames: Readonly<Record<string, readonly string[]>>;
  readonly loop: number | undefined;
}

const names = fc.uniqueArray(fc.constantFrom('x', 'msgs', '__proto__', 'toString', 'k_1', 'Z'), {
  minLength: 1,
  maxLength: 4,
});
const actions = ['Inc', 'Accept', 'constructor', '__proto__'];

export const anyTrace: fc.Arbitrary<ArbitraryTrace> = fc
  .record({
    variables: names,
    rows: fc.array(fc.array(anyValue, { minLength: 4, maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    }),
    steps: fc.array(fc.option(fc.tuple(fc.constantFrom(...actions), anyValue, anyValue)), {
      minLength: 5,
      maxLength: 5,
    }),
    loop: fc.option(fc.nat(4)),
    isNamed: fc.boolean(),
  })
  .map(({ variables, rows, steps, loop, isNamed }) => {
    const values = new ValueTable();
    const states = rows.flatMap((row) => variables.map((_, i) => values.intern(row[i]!)));
    const labels = rows.slice(1).map((_, k) => {
      const step = steps[k] ?? undefined;
      return step === undefined ? undefined : { action: step[0]!, args: [step[1], step[2]] };
    });
    const trace: Trace = {
      variables,
      values,
      length: rows.length,
      states: Int32Array.from(states),
      labels: labels.map((label) =>
        label === undefined
          ? undefined
          : {
              action: label.action,
              args: label.args.map((arg) => values.value(values.intern(arg))),
            },
      ),
    };
    const own = actions.map((action) => [action, ['p', 'q']] as const);
    return {
      trace,
      parameterNames: isNamed ? Object.fromEntries(own) : {},
      loop: loop === null || loop >= rows.length ? undefined : loop,
    };
  });

/** The trace as text that is the same for equal traces, whatever their tables. */
export function plainTrace({ variables, values, length, states, labels }: Trace): unknown {
  const width = variables.length;
  const text = (arg: Parameters<typeof values.intern>[0]) => values.format(values.intern(arg));
  return {
    variables,
    states: Array.from({ length }, (_, k) =>
      variables.map((__, i) => values.format(states[k * width + i]!)),
    ),
    labels: labels.map((label) =>
      label === undefined ? null : [label.action, ...label.args.map(text)],
    ),
  };
}
