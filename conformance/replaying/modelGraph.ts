/**
 * The state graph a binding is held to: from TLC, from the cache of earlier runs, or from a recording
 * where there is no Java. What must hold: a model that TLC refuses, or did not finish, is never
 * replayed, and the user is told which of the two it was.
 */
import { mkdirSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import type { SpecFiles } from '../project/specFiles.ts';
import type { ParameterNames } from '../replay/offers.ts';
import { hashFiles, hashParts } from '../sources/contentHash.ts';
import { specClosure } from '../sources/specClosure.ts';
import { UsageError } from '../sources/usageError.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import { getJar } from '../tlc/jar.ts';
import { findJava } from '../tlc/java.ts';
import { explore, type Facts } from '../verify/exploration.ts';
import type { Model } from '../verify/project.ts';
import type { RunContext } from '../verify/task.ts';

export interface GraphSettings {
  readonly jar?: string | undefined;
  /** Of one run of TLC. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly seed: number;
  /** Results of earlier runs are kept there. */
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly onDetail?: (text: string) => void;
  readonly onWarning?: (text: string) => void;
}

/** What is said of a model's actions and constants, as plain data. */
export interface ModelFacts {
  /** By constant: its value as TLA+ text. */
  readonly constants: Readonly<Record<string, string>>;
  readonly parameterNames: ParameterNames;
  readonly boundedLeaves: boolean;
}

export interface ModelGraph {
  readonly graph: StateGraph;
  readonly facts: ModelFacts;
  /** Names the graph in the keys of what is computed from it. */
  readonly key: string;
  readonly source: 'tlc' | 'recording';
  readonly cached: boolean;
}

/** A limit was reached before TLC had seen all states. */
export class ModelUndecided extends Error {
  override readonly name = 'ModelUndecided';
}

export async function modelGraph(files: SpecFiles, o: GraphSettings): Promise<ModelGraph> {
  const tlc = await tlcIfAny(o.jar);
  mkdirSync(o.cache, { recursive: true });
  const { signal, onDetail: detail = nothing, onWarning: warn = nothing } = o;
  const explored = await explore({
    model: asModel(files),
    context: contextOf(files, tlc, o),
    cache: new Cache({ folder: o.cache, warn }),
    tools: { signal, detail, warn },
  });
  const { facts, missing, source, key, cached } = explored;
  if (facts === undefined || source === 'none') throw notExplored(files, missing);
  if (facts.verdict !== 'ok') throw refused(files, facts);
  const graph = await explored.graph();
  if (graph === undefined) throw notExplored(files, 'TLC gave no graph');
  return { graph, facts, key, source, cached };
}

const nothing = (): void => undefined;

/** No Java is no failure: recorded graphs are replayed. */
export async function tlcIfAny(jar: string | undefined): Promise<RunContext['tlc']> {
  try {
    await findJava();
  } catch (error) {
    if (error instanceof EnvironmentError && error.code === 'no-java') return undefined;
    throw error;
  }
  const { path, sha256, version } = await getJar(jar === undefined ? {} : { jar });
  return { jar: path, sha256, version };
}

export function contextOf(
  { root, libraryPaths }: SpecFiles,
  tlc: RunContext['tlc'],
  { timeoutMs, memoryMb, seed, cache }: Omit<GraphSettings, 'signal'>,
): RunContext {
  return {
    root,
    libraries: libraryPaths,
    limits: { timeoutMs, memoryMb },
    seed,
    cache,
    transpiled: cacheFolder('transpiled'),
    temporary: cache,
    surroundings: '',
    record: false,
    ...(tlc && { tlc }),
  };
}

/** A model of the main job, for files that no table names. */
export function asModel({ module, cfg, name, root, libraryPaths }: SpecFiles): Model {
  const closure = specClosure(module, libraryPaths);
  return {
    name,
    row: {
      model: name,
      cfg: relative(dirname(module), cfg),
      mode: 'check',
      replay: true,
      tours: true,
      tier: 'fast',
      expect: { verdict: 'ok' },
      about: '',
    },
    room: relative(root, dirname(module)),
    module,
    cfg,
    closure,
    hash: hashParts([hashFiles(root, closure.files), hashFiles(root, [cfg])]),
  };
}

function notExplored({ name }: SpecFiles, missing = 'nothing is known of it'): Error {
  const next = 'Install Java 11 or newer (bisim doctor), or record the graph where there is Java.';
  return new EnvironmentError('no-java', `${name}: ${missing}`, next);
}

/** What kept TLC from a graph; a spec that violates its own properties is no measure for code. */
function refused({ name, module, cfg }: SpecFiles, { verdict, kind, message }: Facts): Error {
  const what = message ?? kind ?? verdict;
  if (kind === 'interrupted') return new ModelUndecided('interrupted');
  if (kind === 'disk') {
    const next = 'Free space on the disk, or point TMPDIR elsewhere.';
    return new EnvironmentError('disk', `${name}: ${what}`, next);
  }
  if (verdict === 'unknown' || kind === 'timeout' || kind === 'memory') {
    return new ModelUndecided(
      `${name}: TLC did not finish (${what}); raise --timeout or --memory, or take a smaller model`,
    );
  }
  const next = `Run bisim check ${relative(process.cwd(), module)} --config ${relative(process.cwd(), cfg)} first.`;
  return new UsageError('model-fails', `TLC refuses the model ${name}: ${what}`, next);
}
