/**
 * Gives the steps of a counterexample their arguments, and the messages they read, where the spec's Next can be taken apart.
 * What must hold: a spec of any other shape keeps the trace as TLC printed it.
 */
import type { SpecFiles } from '../project/specFiles.ts';
import type { Cfg } from '../spec/cfg.ts';
import { readBehaviour } from '../spec/declarations.ts';
import { SpecError } from '../spec/specError.ts';
import { messagesRead } from '../spec/messagesRead.ts';
import { nameSteps } from '../spec/stepNames.ts';
import type { TlcResult } from '../tlc/result.ts';
import type { TlcOptions } from '../tlc/run.ts';

export type ParameterNames = Readonly<Record<string, readonly string[]>>;

export interface Named {
  readonly tlc: TlcResult;
  readonly parameterNames?: ParameterNames;
}

export async function namedTrace(
  tlc: TlcResult,
  cfg: Cfg,
  { module, libraryPaths }: Pick<SpecFiles, 'module' | 'libraryPaths'>,
  o: Pick<TlcOptions, 'jar' | 'signal'>,
): Promise<Named> {
  if ((tlc.trace?.length ?? 0) < 2) return { tlc };
  const source = { ...o, module, libraryPaths, cfg };
  try {
    const spec = await readBehaviour(source);
    const parameterNames = Object.fromEntries(spec.actions.map((each) => [each.name, each.params]));
    const labels = new Set(spec.actions.map(({ name }) => name));
    const plain = (tlc.trace ?? []).slice(1).every(({ action }) => {
      return action !== undefined && labels.has(action) && parameterNames[action]?.length === 0;
    });
    const named = plain ? tlc : await nameSteps(tlc, spec, source);
    const trace = await messagesRead(named.trace ?? [], spec, source);
    return { tlc: { ...named, trace }, parameterNames };
  } catch (error) {
    if (error instanceof SpecError) return { tlc };
    throw error;
  }
}
