// The errors of one run as TLC reports them, each with the behaviour that follows it. What must hold: the first error
// is the run's; with -continue TLC reports one property many times, of which the first, shortest behaviour is kept.

import type { Meaning } from './codes.ts';
import type { TlcLocation, TlcTraceStep, TlcViolation } from './result.ts';

export const traceStepsMax = 100_000;
/** Distinct properties beyond are counted, not kept. */
export const violationsMax = 64;

export interface Finding {
  readonly meaning: Meaning;
  message: string;
  readonly property: string | undefined;
  location: TlcLocation | undefined;
  readonly trace: TlcTraceStep[];
  lasso: 'stuttering' | number | undefined;
  back: { readonly action: string } | undefined;
}

export function findingOf(meaning: Meaning, message: string, property?: string): Finding {
  return {
    meaning,
    message,
    property,
    location: undefined,
    trace: [],
    lasso: undefined,
    back: undefined,
  };
}

export class Violations {
  readonly #kept: Finding[] = [];
  readonly #seen = new Set<string>();
  /** States of a repeated violation go nowhere. */
  #current: Finding | undefined;
  #count = 0;

  get first(): Finding | undefined {
    return this.#kept[0];
  }

  get count(): number {
    return this.#count;
  }

  /** What TLC could not finish outranks what it found before. */
  override(finding: Finding): void {
    const trace = this.first?.trace ?? [];
    this.#kept.splice(0, this.#kept.length, { ...finding, trace });
    this.#current = undefined;
  }

  add(finding: Finding): void {
    this.#count += finding.meaning.verdict === 'violation' ? 1 : 0;
    const key = `${finding.meaning.kind} ${finding.property ?? ''}`;
    const isNew = !this.#seen.has(key) && this.#kept.length < violationsMax;
    this.#seen.add(key);
    this.#current = finding;
    if (isNew) this.#kept.push(finding);
  }

  step(step: TlcTraceStep): void {
    const trace = this.#current?.trace;
    if (trace !== undefined && trace.length < traceStepsMax) trace.push(step);
  }

  lasso(end: 'stuttering' | number, action?: string): void {
    if (!this.#current) return;
    this.#current.lasso = end;
    this.#current.back = action === undefined ? undefined : { action };
  }

  further(): TlcViolation[] {
    return this.#kept.slice(1).map(({ meaning, property, message, trace }) => ({
      kind: meaning.kind,
      ...(property === undefined ? {} : { property }),
      message,
      trace,
    }));
  }
}
