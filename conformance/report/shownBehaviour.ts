/**
 * What TLC found, or a trace, as a behaviour for people: the actions with named arguments, and what
 * each step changed.
 */
import type { NamedTrace } from '../behaviour/traceFile.ts';
import type { Trace } from '../behaviour/simulation.ts';
import type { TlcResult } from '../tlc/result.ts';
import type { ShownBehaviour } from './reportPage.ts';
import { shownSteps, type PlainStep } from './shownSteps.ts';

export interface ShownOptions {
  /** By action: the names of its parameters. */
  readonly parameterNames?: Readonly<Record<string, readonly string[]>>;
  readonly title?: string;
  readonly reason?: string;
  /** The command that repeats it. */
  readonly repeat?: string;
}

type Found = Pick<
  TlcResult,
  'verdict' | 'kind' | 'property' | 'message' | 'location' | 'trace' | 'lasso' | 'back'
>;

/** TLC's counterexample. Run `nameSteps` first where the run was not made with named arguments. */
export function shownBehaviour(tlc: Found, o: ShownOptions = {}): ShownBehaviour {
  const steps = (tlc.trace ?? []).map(({ action, args, state, reads }) => ({
    ...plainStep(action, args ?? [], state, o),
    ...(reads === undefined ? {} : { reads }),
  }));
  return {
    title: o.title ?? titleOf(tlc),
    reason: o.reason ?? reasonOf(tlc),
    steps: shownSteps(steps),
    ...(tlc.lasso === undefined ? {} : { lasso: tlc.lasso }),
    ...(tlc.back === undefined ? {} : { back: backStep(tlc.back, o) }),
    ...(o.repeat === undefined ? {} : { repeat: o.repeat }),
  };
}

function backStep({ action, args }: NonNullable<Found['back']>, o: ShownOptions): PlainBack {
  const { state: _, args: named = [], ...rest } = plainStep(action, args ?? [], {}, o);
  return { ...rest, args: named };
}

type PlainBack = NonNullable<ShownBehaviour['back']>;

function plainStep(
  action: string | undefined,
  args: readonly string[],
  state: PlainStep['state'],
  { parameterNames }: ShownOptions,
): PlainStep {
  const own = action !== undefined && parameterNames !== undefined;
  const names = own && Object.hasOwn(parameterNames, action) ? parameterNames[action] : undefined;
  return {
    ...(action === undefined ? {} : { action }),
    args: args.map((value, index) => ({ name: names?.[index] ?? '', value })),
    state,
  };
}

function titleOf({ kind, property, verdict }: Found): string {
  switch (kind) {
    case 'invariant':
      return `${property ?? 'An invariant'} does not hold`;
    case 'action-property':
      return `${property ?? 'An action property'} does not hold`;
    case 'liveness':
      return `${property ?? 'A temporal property'} does not hold`;
    case 'deadlock':
      return 'A state has no successor';
    case 'assume':
      return 'An ASSUME is false';
    case 'assert':
      return 'An Assert failed';
    default:
      return property ?? kind ?? verdict;
  }
}

function reasonOf({ message, location, property, kind, verdict }: Found): string {
  const said = message ?? `TLC: ${property ?? kind ?? verdict}`;
  if (location === undefined) return said;
  const { file, line, column } = location;
  const module = file.endsWith('.tla') ? file : `${file}.tla`;
  return `${said}\nat ${module}, line ${line}, column ${column}`;
}

/** A simulated behaviour, a trace file, a failing path. */
export function shownTrace(
  trace: Trace & Partial<Pick<NamedTrace, 'named' | 'loop'>>,
  o: ShownOptions & { readonly title: string; readonly reason: string },
): ShownBehaviour {
  const { values, variables, length } = trace;
  const text = (value: Parameters<typeof values.intern>[0]) => values.format(values.intern(value));
  const steps = Array.from({ length }, (_, k): PlainStep => {
    const row = trace.states.subarray(k * variables.length);
    const state = Object.fromEntries(variables.map((name, i) => [name, values.format(row[i]!)]));
    const [label, named] = [trace.labels[k - 1], trace.named?.[k - 1]];
    if (label !== undefined) return plainStep(label.action, label.args.map(text), state, o);
    if (named === undefined) return { state };
    const args = [...named.args].map(([name, value]) => ({ name, value: text(value) }));
    return { action: named.action, args, state };
  });
  const { loop } = trace;
  const lasso = loop === undefined ? undefined : loop === length - 1 ? 'stuttering' : loop + 1;
  return {
    title: o.title,
    reason: o.reason,
    steps: shownSteps(steps),
    ...(lasso === undefined ? {} : { lasso }),
    ...(o.repeat === undefined ? {} : { repeat: o.repeat }),
  };
}
