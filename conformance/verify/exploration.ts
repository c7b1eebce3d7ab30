/**
 * What TLC says of a model, and its state graph where the model is replayed: from TLC, from
 * the cache of earlier runs, or from a recording. What must hold: a graph comes with the facts
 * of the very run it was read from, and a recording of another spec is refused.
 */
import { performance } from 'node:perf_hooks';
import { readFile } from 'node:fs/promises';
import type { Cache } from '../behaviour/cache.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import { decodeGraph, encodeGraph } from '../behaviour/recording.ts';
import { namedTrace } from '../check/namedTrace.ts';
import { behaviourText } from '../report/behaviourText.ts';
import type { ShownBehaviour } from '../report/reportPage.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import { hashParts } from '../sources/contentHash.ts';
import { parseCfg } from '../spec/cfg.ts';
import type { GraphOptions, GraphResult } from '../spec/graphOf.ts';
import { stateGraph } from '../spec/graphOf.ts';
import { runTlc } from '../tlc/run.ts';
import type { TlcResult } from '../tlc/result.ts';
import type { Model } from './project.ts';
import { readRecording, recordingPath } from './recorded.ts';
import { graphReader } from './surroundings.ts';
import type { RunContext, TaskTools } from './task.ts';

/** What is known of a run of TLC, as plain data. */
export interface Facts {
  readonly verdict: TlcResult['verdict'];
  readonly kind?: string;
  readonly property?: string;
  /** What went wrong, with the counterexample, in words. */
  readonly message?: string;
  /** The counterexample, step by step. */
  readonly shown?: ShownBehaviour;
  readonly distinct: number;
  readonly generated: number;
  readonly depth: number;
  readonly seconds: number;
  /** By constant: its value as TLA+ text. Only of runs that give a graph. */
  readonly constants: Readonly<Record<string, string>>;
  readonly parameterNames: Readonly<Record<string, readonly string[]>>;
  readonly boundedLeaves: boolean;
}

export interface Exploration {
  readonly source: 'tlc' | 'recording' | 'none';
  readonly cached: boolean;
  /** Names the exploration in the keys of what is computed from it. */
  readonly key: string;
  readonly facts?: Facts;
  /** Why there are no facts. */
  readonly missing?: string;
  graph(): Promise<StateGraph | undefined>;
}

interface Exploring {
  readonly model: Model;
  readonly context: RunContext;
  readonly cache: Cache;
  readonly tools: TaskTools;
}

const format = '3';

/** Successors below which compiling well costs TLC more than it gains. */
const tinyMax = 150_000;

export async function explore(o: Exploring): Promise<Exploration> {
  const { model, context, cache } = o;
  if (context.tlc === undefined) return recorded(model);
  const { replay, tours, mode } = model.row;
  const wantsGraph = (replay || tours) && mode !== 'simulate';
  const key = hashParts([
    ...['exploration', format, model.hash, context.tlc.sha256, graphReader()],
    wantsGraph ? 'graph' : mode,
  ]);
  const known = (await cache.getJson(key)) as Facts | undefined;
  if (known !== undefined) {
    const bytes = wantsGraph ? await cache.get(graphKey(key)) : undefined;
    if (!wantsGraph || bytes !== undefined) {
      const graph = (): Promise<StateGraph | undefined> =>
        Promise.resolve(bytes === undefined ? undefined : decodeGraph(bytes));
      return { source: 'tlc', cached: true, key, facts: known, graph };
    }
  }
  return fresh(o, key, wantsGraph);
}

const graphKey = (key: string): string => hashParts([key, 'graph']);

async function fresh(o: Exploring, key: string, wantsGraph: boolean): Promise<Exploration> {
  const { model, cache, tools } = o;
  const options = { ...tlcOptions(o), cache };
  const result: GraphResult = wantsGraph
    ? await stateGraph(options)
    : { tlc: await runTlc({ ...options, mode: 'check' }) };
  const facts = factsOf(await readable(result, o));
  // A run that was ended, or hit a limit, says nothing about the next one.
  if (facts.verdict === 'ok' || facts.verdict === 'violation') {
    if (result.graph !== undefined) {
      await cache.put(
        graphKey(key),
        encodeGraph(result.graph, { hash: model.hash, effort: 'fast' }),
      );
    }
    await cache.putJson(key, facts);
  }
  tools.detail('explored');
  const graph = (): Promise<StateGraph | undefined> => Promise.resolve(result.graph);
  return { source: 'tlc', cached: false, key, facts, graph };
}

/** A counterexample with the arguments of its steps and the messages they read. */
async function readable(result: GraphResult, o: Exploring): Promise<GraphResult> {
  if (result.tlc.verdict !== 'violation') return result;
  const { module, cfg, libraryPaths, jar, signal } = tlcOptions(o);
  const source = { module, libraryPaths: libraryPaths ?? [] };
  const tools = { ...(jar ? { jar } : {}), ...(signal ? { signal } : {}) };
  const text = await readFile(cfg, 'utf8');
  const { tlc, parameterNames } = await namedTrace(result.tlc, parseCfg(text, cfg), source, tools);
  return { ...result, tlc, ...(parameterNames === undefined ? {} : { parameterNames }) };
}

export function tlcOptions({ model, context, tools }: Omit<Exploring, 'cache'>): GraphOptions {
  let shownAt = 0;
  return {
    module: model.module,
    cfg: model.cfg,
    libraryPaths: [...context.libraries],
    timeoutMs: context.limits.timeoutMs,
    memoryMb: context.limits.memoryMb,
    tiny: (model.row.expect.generated ?? Infinity) < tinyMax,
    signal: tools.signal,
    ...(context.tlc === undefined ? {} : { jar: { jar: context.tlc.jar } }),
    onProgress: ({ distinct, queue }) => {
      if (performance.now() - shownAt < 200) return;
      shownAt = performance.now();
      tools.detail(`${distinct} states, ${queue} to go`);
    },
  };
}

function factsOf({ tlc, constants, parameterNames, boundedLeaves }: GraphResult): Facts {
  const options = parameterNames === undefined ? {} : { parameterNames };
  const shown = tlc.verdict === 'ok' ? undefined : shownBehaviour(tlc, options);
  const message = shown === undefined ? undefined : behaviourText(shown);
  return {
    verdict: tlc.verdict,
    ...(tlc.kind === undefined ? {} : { kind: tlc.kind }),
    ...(tlc.property === undefined ? {} : { property: tlc.property }),
    ...(message === undefined ? {} : { message }),
    ...(shown === undefined || shown.steps.length === 0 ? {} : { shown }),
    distinct: tlc.distinct,
    generated: tlc.generated,
    depth: tlc.depth,
    seconds: tlc.seconds,
    constants: constants ?? {},
    parameterNames: parameterNames ?? {},
    boundedLeaves: boundedLeaves ?? false,
  };
}

async function recorded(model: Model): Promise<Exploration> {
  const { replay, tours } = model.row;
  const none = { source: 'none', cached: false, key: '', graph: noGraph } as const;
  if (!replay && !tours) return { ...none, missing: 'no Java: TLC alone checks this model' };
  const path = recordingPath(model);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return { ...none, missing: 'no Java, and no recorded graph' };
  }
  const recording = readRecording(path, bytes);
  if (recording.hash !== model.hash) {
    const missing = 'no Java, and the recorded graph is of an older spec or cfg';
    return { ...none, missing: `${missing}: run npm run record where there is Java` };
  }
  return {
    source: 'recording',
    cached: false,
    key: hashParts(['recording', bytes]),
    facts: recording.facts,
    graph: () => Promise.resolve(decodeGraph(recording.graph)),
  };
}

const noGraph = (): Promise<undefined> => Promise.resolve(undefined);
