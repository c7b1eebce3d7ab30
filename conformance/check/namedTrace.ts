/**
 * Gives the steps of counterexamples their arguments, where the spec's Next can be taken apart.
 * What must hold: a spec of any other shape keeps its traces as TLC printed them.
 */
import type { SpecFiles } from '../project/specFiles.ts';
import type { Cfg } from '../spec/cfg.ts';
import { readBehaviour, type SpecBehaviour } from '../spec/declarations.ts';
import { SpecError } from '../spec/specError.ts';
import { messagesRead } from '../spec/messagesRead.ts';
import { namedSteps, nameSteps } from '../spec/stepNames.ts';
import type { TlcResult, TlcTraceStep, TlcViolation } from '../tlc/result.ts';
import type { TlcOptions } from '../tlc/run.ts';

export type ParameterNames = Readonly<Record<string, readonly string[]>>;

export interface Named {
  readonly tlc: TlcResult;
  readonly parameterNames?: ParameterNames;
}

/** Each takes a run of TLC: the other violations of a run that went on keep TLC's labels. */
const furtherNamedMax = 8;

export async function namedTrace(
  tlc: TlcResult,
  cfg: Cfg,
  { module, libraryPaths }: Pick<SpecFiles, 'module' | 'libraryPaths'>,
  o: Pick<TlcOptions, 'jar' | 'signal'>,
): Promise<Named> {
  const traces = [tlc, ...tlc.further].map(({ trace }) => trace ?? []);
  if (traces.every(({ length }) => length < 2)) return { tlc };
  const source = { ...o, module, libraryPaths, cfg };
  try {
    const spec = await readBehaviour(source);
    const parameterNames = Object.fromEntries(spec.actions.map((each) => [each.name, each.params]));
    const steps = traces.flatMap((trace) => trace.slice(1));
    const plain = takesNoArguments(spec, [...steps, ...(tlc.back ? [tlc.back] : [])]);
    const named = plain ? withNoArguments(tlc) : await nameSteps(tlc, spec, source);
    const further: TlcViolation[] = [];
    for (const [index, each] of named.further.entries()) {
      const ask = !plain && index < furtherNamedMax;
      further.push(ask ? { ...each, trace: await namedSteps(each.trace, spec, source) } : each);
    }
    const trace = await messagesRead(named.trace ?? [], spec, source);
    return { tlc: { ...named, trace, further }, parameterNames };
  } catch (error) {
    if (error instanceof SpecError) return { tlc };
    throw error;
  }
}

type Step = Pick<TlcTraceStep, 'action' | 'args'>;

/** The label alone tells all: nobody need be asked. */
function takesNoArguments({ actions }: SpecBehaviour, steps: readonly Step[]): boolean {
  const without = new Set(actions.filter(({ params }) => params.length === 0).map((a) => a.name));
  return steps.every(({ action }) => action !== undefined && without.has(action));
}

function withNoArguments(tlc: TlcResult): TlcResult {
  const all = <S extends Step>(step: S): S =>
    step.action === undefined ? step : { ...step, args: [] };
  return {
    ...tlc,
    ...(tlc.trace ? { trace: tlc.trace.map(all) } : {}),
    ...(tlc.back ? { back: all(tlc.back) } : {}),
    further: tlc.further.map((each) => ({ ...each, trace: each.trace.map(all) })),
  };
}
