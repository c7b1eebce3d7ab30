/**
 * Checks one model with TLC. What must hold: the verdict is TLC's own, on the spec as it stands;
 * only finished verdicts come from the cache; a search that found no state at all is no pass; what
 * the jar at hand cannot do is refused, never left out in silence.
 */
import type { Cache } from '../behaviour/cache.ts';
import type { SpecFiles } from '../project/specFiles.ts';
import { UsageError } from '../sources/usageError.ts';
import { formatCfg, type Cfg } from '../spec/cfg.ts';
import { featuresOf } from '../tlc/features.ts';
import { getJar, type Jar, type JarOptions } from '../tlc/jar.ts';
import type { TlcKind, TlcProgress, TlcResult, TlcVerdict } from '../tlc/result.ts';
import { runTlc, type TlcOptions } from '../tlc/run.ts';
import { checkedSpec, type CheckedSpec } from './checkedSpec.ts';
import { openCheckpoints } from './checkpoints.ts';
import { checkKey, searchKey } from './checkKey.ts';
import { namedTrace, type Named, type ParameterNames } from './namedTrace.ts';

export interface CheckOptions {
  readonly files: SpecFiles;
  readonly mode?: TlcOptions['mode'];
  readonly workers?: number | 'auto';
  /** Go on after a violated invariant, to find the other ones. */
  readonly continueAfter?: boolean;
  /** Overrides CHECK_DEADLOCK of the cfg. */
  readonly deadlock?: boolean;
  /** `off` leaves the cfg's PROPERTIES out. */
  readonly liveness?: 'default' | 'final' | 'off';
  /** On unless false. */
  readonly coverage?: boolean;
  /** Folder of checkpoints, and minutes between them; a checkpoint found there is gone on from. */
  readonly checkpoints?: { readonly folder: string; readonly minutes?: number };
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly jar?: JarOptions;
  readonly allowOverrides?: boolean;
  /** Where verdicts are kept; nowhere if not given. */
  readonly cache?: Cache;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TlcProgress) => void;
  /** Runs TLC otherwise than as one process here: distributed. */
  readonly run?: (options: TlcOptions) => Promise<TlcResult>;
}

export interface CheckStep {
  /** The label of the action, `Init` for an initial state. */
  readonly action: string;
  /** Its arguments as TLA+ text, where they could be told. */
  readonly args?: readonly string[];
  /** By variable, as TLA+ text. */
  readonly state: Readonly<Record<string, string>>;
}

export interface CheckResult {
  readonly verdict: TlcVerdict;
  readonly kind: TlcKind | null;
  readonly property: string | null;
  readonly distinct: number;
  readonly generated: number;
  readonly depth: number;
  readonly trace: readonly CheckStep[];
  /** The jar's path. */
  readonly jar: string;
  /** Of TLC, as measured when it ran. */
  readonly seconds: number;
  readonly cached: boolean;
  readonly model: CheckedSpec;
  readonly jarFacts: Jar;
  /** By action, as far as the spec's Next could be taken apart. */
  readonly parameterNames: ParameterNames;
  /** Everything TLC said. */
  readonly tlc: TlcResult;
  /** What a reader should know of this verdict beside it. */
  readonly notes: readonly string[];
}

export async function checkModel(o: CheckOptions): Promise<CheckResult> {
  const model = checkedSpec(o.files);
  const jar = await getJar({ ...o.jar, ...(o.signal ? { signal: o.signal } : {}) });
  if (model.cfg) refuseMissingFeatures(model.cfg, jar);
  const key = checkKey(model, jar, keyOptions(o));
  const cacheable = o.cache !== undefined && !o.allowOverrides && !o.checkpoints;
  const kept = cacheable ? ((await o.cache?.getJson(key)) as Named | undefined) : undefined;
  const found = kept ?? (await foundNow(o, model, jar));
  const finished = found.tlc.verdict === 'ok' || found.tlc.verdict === 'violation';
  if (cacheable && kept === undefined && finished) await o.cache?.putJson(key, found);
  return resultOf(found, { o, model, jar, cached: kept !== undefined });
}

async function foundNow(o: CheckOptions, model: CheckedSpec, jar: Jar): Promise<Named> {
  const tlc = { ...(await searched(o, model, jar)), traceFiles: [] };
  if (o.mode === undefined || o.mode === 'check') return named(refuseEmpty(tlc), o, model);
  return named(tlc, o, model);
}

function named(tlc: TlcResult, o: CheckOptions, { cfg, files }: CheckedSpec): Promise<Named> {
  const ask = cfg !== undefined && tlc.verdict === 'violation' && !o.signal?.aborted;
  if (!ask) return Promise.resolve({ tlc });
  const { jar, signal } = o;
  return namedTrace(tlc, cfg, files, { ...(jar ? { jar } : {}), ...(signal ? { signal } : {}) });
}

/** What changes the verdict or what is shown of it; limits alone do not. */
function keyOptions(o: CheckOptions): Record<string, unknown> {
  return {
    mode: o.mode ?? 'check',
    workers: o.workers ?? 1,
    continueAfter: o.continueAfter ?? false,
    deadlock: o.deadlock ?? null,
    liveness: o.liveness ?? null,
    coverage: o.coverage ?? true,
    distributed: o.run !== undefined,
  };
}

async function searched(o: CheckOptions, model: CheckedSpec, jar: Jar): Promise<TlcResult> {
  const { folder, minutes } = o.checkpoints ?? {};
  const checkpoints =
    folder === undefined
      ? undefined
      : await openCheckpoints({ folder, minutes, key: searchKey(model, jar) });
  try {
    const result = await (o.run ?? runTlc)({
      module: o.files.module,
      libraryPaths: o.files.libraryPaths,
      cfg: cfgFor(model, o),
      workers: o.workers ?? 1,
      timeoutMs: o.timeoutMs,
      memoryMb: o.memoryMb,
      coverage: o.coverage ?? true,
      jar: { ...o.jar, jar: jar.path },
      ...(o.mode === undefined ? {} : { mode: o.mode }),
      ...(o.continueAfter ? { continueAfter: true } : {}),
      ...(o.liveness === 'final' || o.liveness === 'default' ? { liveness: o.liveness } : {}),
      ...(checkpoints ? { checkpoints: checkpoints.flags } : {}),
      ...(o.allowOverrides ? { allowOverrides: true } : {}),
      ...(o.deadlock === false ? { deadlock: false } : {}),
      ...(o.signal ? { signal: o.signal } : {}),
      ...(o.onProgress ? { onProgress: o.onProgress } : {}),
    });
    await checkpoints?.ended(result.verdict);
    return result;
  } finally {
    await checkpoints?.release();
  }
}

/** The cfg as it is written, unless an option changes it. */
function cfgFor({ cfg, cfgText }: CheckedSpec, o: CheckOptions): string {
  if (cfg === undefined || (o.deadlock === undefined && o.liveness !== 'off'))
    return `${cfgText}\n`;
  return formatCfg({
    ...cfg,
    ...(o.deadlock === undefined ? {} : { checkDeadlock: o.deadlock }),
    ...(o.liveness === 'off' ? { properties: [] } : {}),
  });
}

function refuseMissingFeatures(cfg: Cfg, jar: Jar): void {
  const features = featuresOf(jar.version);
  for (const keyword of ['alias', 'postcondition'] as const) {
    if (cfg[keyword] === undefined || features[keyword]) continue;
    throw new UsageError(
      'needs-1.8',
      `the cfg has ${keyword.toUpperCase()} ${cfg[keyword]}, which TLC ${jar.version} does not know`,
      'Remove it, or name a TLC 1.8 pre-release by --jar.',
    );
  }
}

/** Where Init is never true TLC says that no error was found, of nothing. */
function refuseEmpty(tlc: TlcResult): TlcResult {
  if (tlc.verdict !== 'ok' || tlc.distinct > 0) return tlc;
  const message = 'Init is true in no state: nothing was checked.';
  return { ...tlc, verdict: 'violation', kind: 'empty', message };
}

/** TLC does not say which temporal property it means; where there is one alone, nobody need ask. */
function withProperty(tlc: TlcResult, { cfg }: CheckedSpec): TlcResult {
  const [property, ...others] = cfg?.properties ?? [];
  if (tlc.kind !== 'liveness' || tlc.property !== undefined || property === undefined) return tlc;
  if (others.length === 0) return { ...tlc, property };
  const message = `${tlc.message ?? ''} It is one of ${[property, ...others].join(', ')}.`.trim();
  return { ...tlc, message };
}

interface Around {
  readonly o: CheckOptions;
  readonly model: CheckedSpec;
  readonly jar: Jar;
  readonly cached: boolean;
}

function resultOf({ tlc: found, parameterNames }: Named, around: Around): CheckResult {
  const { o, model, jar, cached } = around;
  const tlc = withProperty(found, model);
  return {
    verdict: tlc.verdict,
    kind: tlc.kind ?? null,
    property: tlc.property ?? null,
    distinct: tlc.distinct,
    generated: tlc.generated,
    depth: tlc.depth,
    trace: (tlc.trace ?? []).map(({ action, args, state }, index) => ({
      action: action ?? (index === 0 ? 'Init' : 'Next'),
      ...(args === undefined ? {} : { args }),
      state,
    })),
    parameterNames: parameterNames ?? {},
    jar: jar.path,
    seconds: tlc.seconds,
    cached,
    model,
    jarFacts: jar,
    tlc,
    notes: [...jar.notes, ...notesOf(tlc, model, o)],
  };
}

function notesOf(tlc: TlcResult, { cfg }: CheckedSpec, o: CheckOptions): string[] {
  const notes: string[] = [];
  if (typeof o.mode === 'object' && tlc.verdict === 'ok') {
    const bound = 'dfid' in o.mode ? `to depth ${o.mode.dfid}` : 'random behaviours';
    notes.push(`not every state was searched: ${bound}`);
  }
  const deadlock = o.deadlock ?? cfg?.checkDeadlock ?? true;
  const { invariants = [], properties = [] } = cfg ?? {};
  const left = o.liveness === 'off' ? 0 : properties.length;
  if (cfg && invariants.length + left === 0) {
    const only = deadlock ? 'deadlock alone' : 'nothing but that the spec can be evaluated';
    notes.push(`the cfg names no property: TLC looked for ${only}`);
  }
  if (o.continueAfter && tlc.verdict === 'violation') {
    notes.push('steps are counted again for each counterexample that TLC shows');
  }
  if (o.liveness === 'off' && properties.length > 0) {
    notes.push(`left out by --liveness off: ${properties.join(', ')}`);
  }
  return notes;
}
