/** From a result to the plain data of the report, and to an exit code. */
import { relative } from 'node:path';
import type { CheckRun } from '../report/checkReport.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { TlcKind, TlcVerdict } from '../tlc/result.ts';
import type { CheckOptions, CheckResult, CheckStep } from './checkModel.ts';

export interface RunFacts {
  readonly cwd: string;
  readonly mode: CheckRun['mode'];
  /** Keep the expressions, which are many. */
  readonly expressions: boolean;
}

export function checkRun(result: CheckResult, o: CheckOptions, facts: RunFacts): CheckRun {
  const { tlc, jarFacts, verdict, kind } = result;
  const steps = tlc.coverage.filter(({ initial }) => initial === undefined);
  return {
    verdict,
    kind,
    property: result.property,
    message: tlc.message ?? null,
    location: tlc.location ?? null,
    distinct: atLeastZero(tlc.distinct),
    generated: atLeastZero(tlc.generated),
    initial: tlc.initial,
    depth: atLeastZero(tlc.depth),
    queue: atLeastZero(tlc.queue),
    trace: result.trace.map(stepOf),
    lasso: tlc.lasso ?? null,
    back: backOf(result),
    further: tlc.further.map(({ property, trace, ...rest }) => ({
      ...rest,
      property: property ?? null,
      trace: trace.map((step) => stepOf({ ...step, action: step.action ?? 'Init' })),
    })),
    actions: steps.map(({ action, location, distinct, generated }) => ({
      action,
      location,
      distinct,
      generated,
    })),
    neverTaken: steps.filter(({ generated }) => generated === 0).map(({ action }) => action),
    expressions: facts.expressions ? [...tlc.expressions] : [],
    warnings: [...tlc.warnings],
    notes: [...result.notes],
    jar: result.jar,
    tlc: { version: tlc.version, sha256: jarFacts.sha256, source: jarFacts.source },
    spec: relative(facts.cwd, o.files.module),
    cfg: relative(facts.cwd, o.files.cfg),
    workers: o.workers ?? 1,
    mode: facts.mode,
    exhaustive: verdict === 'ok' && facts.mode !== 'simulate' && facts.mode !== 'dfid',
    cached: result.cached,
    seconds: result.seconds,
    exitCode: exitCodeOf(verdict, kind),
  };
}

type Step = CheckRun['trace'][number];

function stepOf({ action, args, state }: CheckStep): Step {
  return { action, ...(args === undefined ? {} : { args: [...args] }), state };
}

function backOf({ tlc: { back } }: CheckResult): CheckRun['back'] {
  if (back?.action === undefined) return null;
  const { action, args } = back;
  return { action, ...(args === undefined ? {} : { args: [...args] }) };
}

const atLeastZero = (count: number): number => Math.max(0, count);

/** A spec that TLC cannot run is the user's to mend; a limit reached decides nothing. */
export function exitCodeOf(verdict: TlcVerdict, kind: TlcKind | null): number {
  if (verdict === 'ok') return exitCodes.ok;
  if (verdict === 'violation') return exitCodes.violation;
  if (kind === 'interrupted') return exitCodes.interrupted;
  if (kind === 'disk' || kind === 'crash') return exitCodes.environment;
  return verdict === 'error' ? exitCodes.usage : exitCodes.inconclusive;
}
