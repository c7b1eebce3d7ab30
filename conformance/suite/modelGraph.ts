/**
 * The state graph that a binding is held to in a test: from TLC, from the cache of earlier runs, or
 * from a recording where there is no Java. What must hold: a model that TLC refuses is never replayed,
 * and where nothing could be explored the reason is said.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import { configNames, configSchema, findConfig, loadConfig, type Config } from '../config.ts';
import { boundModel } from '../project/bindingFiles.ts';
import type { SpecFiles } from '../project/specFiles.ts';
import type { AnyBinding, AnyRunningBinding } from '../replay/bindingModule.ts';
import type { ReplayOptions } from '../replay/driver.ts';
import { asModel, contextOf, tlcIfAny } from '../replaying/modelGraph.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { explore, type Facts } from '../verify/exploration.ts';
import { constantsOf } from '../verify/replaying.ts';

export interface ModelGraph {
  /** The cfg's stem. */
  readonly name: string;
  readonly files: SpecFiles;
  /** What TLC said; absent where `missing` says why nobody could ask it. */
  readonly facts?: Facts;
  /** Only where TLC found nothing wrong. */
  readonly graph?: StateGraph;
  readonly missing?: string;
  /** No TLC ran: this is the recorded graph. */
  readonly recorded: boolean;
}

export interface ModelOf {
  readonly binding: AnyBinding | AnyRunningBinding;
  /** The test file: paths of the binding are relative to its project. */
  readonly from: string;
  /** A cfg other than the binding's own, relative to the test file. */
  readonly model?: string;
}

const known = new Map<string, Promise<ModelGraph>>();

/** Explored once for all suites of a test file; the next run takes it from the cache. */
export async function modelGraph({ binding, from, model }: ModelOf): Promise<ModelGraph> {
  const { files } = await boundModel(binding, {
    path: from,
    from: dirname(from),
    ...(model !== undefined && { cfg: model }),
  });
  const key = `${files.module} ${files.cfg}`;
  const explored = known.get(key) ?? exploreFiles(files);
  known.set(key, explored);
  return explored;
}

async function exploreFiles(files: SpecFiles): Promise<ModelGraph> {
  const { timeoutMs, memoryMb, seed } = await settings(files.root);
  const folder = cacheFolder('results');
  mkdirSync(folder, { recursive: true });
  const limits = { timeoutMs, memoryMb, seed, cache: folder };
  const context = contextOf(files, await tlcIfAny(undefined), limits);
  const cache = new Cache({ folder, warn: () => undefined });
  const tools = {
    signal: new AbortController().signal,
    detail: () => undefined,
    warn: () => undefined,
  };
  const explored = await explore({ model: asModel(files), context, cache, tools });
  const { facts, missing, source } = explored;
  const graph = facts?.verdict === 'ok' ? await explored.graph() : undefined;
  return {
    name: files.name,
    files,
    recorded: source === 'recording',
    ...(facts && { facts }),
    ...(graph && { graph }),
    ...(missing !== undefined && { missing }),
  };
}

async function settings(root: string): Promise<Config> {
  const named = configNames.some((name) => existsSync(join(root, name)));
  if (named) return (await loadConfig(findConfig(root))).config;
  return configSchema.parse({ rooms: [{ specs: '.' }] });
}

/** What replay needs to know of the model beside its graph. */
export function replayFacts(graph: StateGraph, facts: Facts): ReplayOptions {
  const { parameterNames, boundedLeaves } = facts;
  return { constants: constantsOf(graph, facts), parameterNames, boundedLeaves };
}
