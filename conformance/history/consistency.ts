/**
 * The consistency models by the names that the command line takes. Which model a history is held
 * to is one value, so that every level is asked for in the same way.
 */
import { HistoryError } from './operation.ts';

export const sessionGuarantees = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;

export type SessionGuarantee = (typeof sessionGuarantees)[number];

export const causalLevels = ['causal', 'causal-convergence', 'causal-memory'] as const;

export type CausalLevel = (typeof causalLevels)[number];

export const isolationLevels = [
  'read-committed',
  'snapshot-isolation',
  'serializable',
  'strict-serializable',
  'serializable-and-per-item-linearizable',
] as const;

export type IsolationLevel = (typeof isolationLevels)[number];

export type Consistency =
  | { readonly kind: 'linearizable' | 'sequential' }
  | { readonly kind: 'causal'; readonly level: CausalLevel }
  | { readonly kind: 'session'; readonly guarantees: readonly SessionGuarantee[] }
  | { readonly kind: 'staleness'; readonly bound: number }
  | { readonly kind: 'transactions'; readonly level: IsolationLevel };

/** All names, as help and errors list them. */
export const consistencyNames: readonly string[] = [
  'linearizable',
  'sequential',
  ...causalLevels,
  'session[=GUARANTEE,…]',
  'staleness=N',
  ...isolationLevels,
];

/** The model by its name: `sequential`, `session=monotonic-reads`, `staleness=500`. */
export function consistencyNamed(text: string): Consistency {
  const [name = '', ...rest] = text.split('=');
  const value = rest.length === 0 ? undefined : rest.join('=');
  if (name === 'session') return { kind: 'session', guarantees: guaranteesOf(value) };
  if (name === 'staleness') return { kind: 'staleness', bound: boundOf(value) };
  if (value !== undefined) throw unknownName(text);
  if (name === 'linearizable' || name === 'sequential') return { kind: name };
  const causal = causalLevels.find((level) => level === name);
  if (causal !== undefined) return { kind: 'causal', level: causal };
  const level = isolationLevels.find((each) => each === name);
  if (level !== undefined) return { kind: 'transactions', level };
  throw unknownName(text);
}

function guaranteesOf(value: string | undefined): readonly SessionGuarantee[] {
  if (value === undefined) return sessionGuarantees;
  return value.split(',').map((name) => {
    const found = sessionGuarantees.find((each) => each === name);
    if (found !== undefined) return found;
    throw new HistoryError(
      `no session guarantee "${name}"; there are ${sessionGuarantees.join(', ')}`,
    );
  });
}

function boundOf(value: string | undefined): number {
  const bound = Number(value);
  if (value !== undefined && /^\d+$/.test(value) && Number.isSafeInteger(bound)) return bound;
  throw new HistoryError('staleness needs a bound in the unit of the times: staleness=500');
}

function unknownName(text: string): HistoryError {
  return new HistoryError(
    `no consistency model "${text}"; there are ${consistencyNames.join(', ')}`,
  );
}
