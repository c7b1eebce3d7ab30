/**
 * Runs one spec mutant: the killing model on the patched module, checked for the named
 * property alone, so that TLC stops at that property's first violation and no other property
 * can take the credit.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Cfg } from '../spec/cfg.ts';
import { formatCfg, parseCfg } from '../spec/cfg.ts';
import { UsageError } from '../sources/usageError.ts';
import { runTlc } from '../tlc/run.ts';
import type { TlcResult } from '../tlc/result.ts';
import { applyPatch } from './patch.ts';
import type { Patch } from './patch.ts';

export interface SpecMutantOptions {
  readonly patch: Patch;
  /** Absolute path of the file that is patched. */
  readonly file: string;
  readonly property: string;
  /** The killing model. */
  readonly module: string;
  readonly cfg: string;
  /** Files the model is made of: the patched one must be among them. */
  readonly modules: readonly string[];
  readonly libraries: readonly string[];
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly signal: AbortSignal;
  readonly jar?: string;
}

export interface MutantVerdict {
  readonly verdict: 'killed' | 'survived' | 'error';
  readonly reason: string;
  readonly seconds: number;
}

export async function runSpecMutant(o: SpecMutantOptions): Promise<MutantVerdict> {
  if (!o.modules.includes(o.file)) {
    throw new UsageError(
      'not-part-of-model',
      `${o.patch.id}: ${o.patch.file} is no part of ${basename(o.module)}`,
      'Name a model that extends the mutated module.',
    );
  }
  const text = applyPatch(readFileSync(o.file, 'utf8'), o.patch);
  const cfg = narrowed(parseCfg(readFileSync(o.cfg, 'utf8')), o);
  const result = await runTlc({
    module: o.module,
    cfg: formatCfg(cfg),
    modules: [{ name: basename(o.file, '.tla'), text }],
    libraryPaths: [...o.libraries],
    timeoutMs: o.timeoutMs,
    memoryMb: o.memoryMb,
    // A mutant is killed within seconds.
    tiny: true,
    signal: o.signal,
    ...(o.jar === undefined ? {} : { jar: { jar: o.jar } }),
  });
  return judge(result, o.property);
}

// The cfg with the named property alone; a property the cfg does not check kills nothing.
function narrowed(cfg: Cfg, { property, patch, cfg: path }: SpecMutantOptions): Cfg {
  const invariants = cfg.invariants.filter((name) => name === property);
  const properties = cfg.properties.filter((name) => name === property);
  if (invariants.length + properties.length === 1) return { ...cfg, invariants, properties };
  throw new UsageError(
    'no-property',
    `${patch.id}: ${basename(path)} does not check ${property}`,
    'Name a property of the killing model, or add it to the cfg.',
  );
}

function judge(result: TlcResult, property: string): MutantVerdict {
  const { seconds } = result;
  if (result.verdict === 'ok') {
    const reason = `TLC found no violation of ${property} in ${result.distinct} states`;
    return { verdict: 'survived', reason, seconds };
  }
  if (result.verdict !== 'violation') {
    return { verdict: 'error', reason: `${result.kind}: ${result.message ?? ''}`, seconds };
  }
  // TLC names neither a liveness property nor a refinement (it tells the place of its action);
  // the cfg holds no other property.
  const unnamed = result.kind === 'liveness' || result.property?.startsWith('line ') === true;
  const named = unnamed || result.property === property;
  if (!named) {
    const found = result.property ?? result.kind ?? 'something else';
    return { verdict: 'survived', reason: `TLC found ${found} instead of ${property}`, seconds };
  }
  const steps = result.trace?.length ?? 0;
  return { verdict: 'killed', reason: `${property} fails after ${steps} states`, seconds };
}
