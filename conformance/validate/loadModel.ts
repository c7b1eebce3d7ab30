/**
 * The spec and cfg that recordings are held to, read once per content. What must hold: the key names
 * all that decides a verdict on the side of the spec: every module, the cfg, the jar.
 */
import { cacheKey, type Cache } from '../behaviour/cache.ts';
import { modelValuesOf } from '../spec/arguments.ts';
import { parseCfg, type Cfg } from '../spec/cfg.ts';
import { readBehaviour, type SpecBehaviour } from '../spec/declarations.ts';
import { contentKey } from '../spec/loadSpec.ts';
import type { JarOptions } from '../tlc/jar.ts';
import { cfgText } from '../tlc/run.ts';
import { ValueTable } from '../value/table.ts';
import { ValueError } from '../value/valueError.ts';

export interface ModelFilesGiven {
  readonly module: string;
  readonly cfg: string;
  readonly libraryPaths: readonly string[];
  readonly jar?: JarOptions;
  readonly signal?: AbortSignal;
  readonly cache?: Cache;
}

export interface LoadedModel {
  readonly spec: SpecBehaviour;
  readonly cfg: Cfg;
  /** The names of all model values of the cfg. */
  readonly modelValues: ReadonlySet<string>;
  readonly key: string;
}

export async function loadModel(o: ModelFilesGiven): Promise<LoadedModel> {
  const cfg = parseCfg(await cfgText(o.cfg), o.cfg);
  const key = cacheKey([await contentKey(o), 'validate-1', JSON.stringify(cfg)]);
  const kept = (await o.cache?.getJson(key)) as SpecBehaviour | undefined;
  const spec = kept ?? (await readBehaviour({ ...o, cfg }));
  if (kept === undefined) await o.cache?.putJson(key, spec);
  return { spec, cfg, modelValues: modelValuesIn(cfg), key };
}

/** Bare names in the values of constants, as TLC itself reads them. */
function modelValuesIn(cfg: Cfg): ReadonlySet<string> {
  const names = new Set<string>();
  const table = new ValueTable();
  for (const { kind, value } of cfg.constants) {
    if (kind !== '=') continue;
    try {
      modelValuesOf(table.value(table.parse(value)), names);
    } catch (error) {
      // TLC will say what is wrong with it.
      if (!(error instanceof ValueError)) throw error;
    }
  }
  return names;
}
