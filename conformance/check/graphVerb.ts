/** The body of `bisim graph SPEC`: the state graph, cached, summarised, exported. */
import { totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Cache, cacheKey } from '../behaviour/cache.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import { graphSummary, type GraphSummary } from '../behaviour/graphSummary.ts';
import { decodeGraph, encodeGraph } from '../behaviour/recording.ts';
import { specFiles, type SpecFiles } from '../project/specFiles.ts';
import { behaviourText } from '../report/behaviourText.ts';
import { columns, grouped, seconds } from '../report/columns.ts';
import { drawnGraph } from '../report/drawnGraph.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { GraphReport } from '../report/graphReport.ts';
import type { Outcome } from '../report/outcome.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import { stateGraph } from '../spec/graphOf.ts';
import { contentKey } from '../spec/loadSpec.ts';
import { getJar } from '../tlc/jar.ts';
import type { TlcResult } from '../tlc/result.ts';
import { checkedSpec } from './checkedSpec.ts';
import { checksProgress } from './checkProgress.ts';
import { exitCodeOf } from './checkRun.ts';
import type { VerbSurroundings } from './checkVerb.ts';
import { requireGraphFormat, writeGraphFile } from './graphFile.ts';

export interface GraphFlags {
  readonly config?: string;
  readonly library?: readonly string[];
  readonly out?: string;
  readonly timeout?: number;
  readonly memory?: number;
  readonly jar?: string;
  readonly cache: boolean;
}

const megabyte = 2 ** 20;
const timeoutSecondsDefault = 3_600;
/** Changes with the form of what is kept. */
const form = 'graph-1';

interface Found {
  readonly tlc: TlcResult;
  readonly graph?: StateGraph;
  readonly boundedLeaves: boolean;
  readonly cached: boolean;
}

export async function graphVerb(
  spec: string,
  flags: GraphFlags,
  around: VerbSurroundings,
): Promise<Outcome> {
  const { cwd } = around;
  if (flags.out !== undefined) requireGraphFormat(flags.out);
  const files = await specFiles({
    spec,
    from: cwd,
    ...(flags.config === undefined ? {} : { cfg: flags.config }),
    ...(flags.library ? { libraries: flags.library } : {}),
  });
  checkedSpec(files);
  const key = await keyOf(files, flags);
  const cache = flags.cache ? new Cache() : undefined;
  const found = (await kept(cache, key)) ?? (await explored(files, flags, around, cache, key));
  const out = flags.out === undefined ? null : resolve(cwd, flags.out);
  if (out !== null && found.graph) await writeGraphFile(out, found.graph, key);
  return outcomeOf(found, files, cwd, out);
}

async function keyOf({ module, cfg, libraryPaths }: SpecFiles, flags: GraphFlags): Promise<string> {
  const jar = flags.jar === undefined ? {} : { jar: flags.jar };
  const content = await contentKey({ module, libraryPaths, jar });
  return cacheKey([form, content, readFileSync(cfg)]);
}

interface KeptFacts {
  readonly tlc: TlcResult;
  readonly boundedLeaves: boolean;
}

const factsKey = (key: string): string => cacheKey([key, 'facts']);

async function kept(cache: Cache | undefined, key: string): Promise<Found | undefined> {
  const facts = (await cache?.getJson(factsKey(key))) as KeptFacts | undefined;
  const bytes = facts && (await cache?.get(key));
  if (facts === undefined || bytes === undefined) return undefined;
  return { ...facts, graph: decodeGraph(bytes, { hash: key }), cached: true };
}

async function explored(
  files: SpecFiles,
  flags: GraphFlags,
  { signal, environment, progress: sink }: VerbSurroundings,
  cache: Cache | undefined,
  key: string,
): Promise<Found> {
  const jar = await getJar({ signal, ...(flags.jar === undefined ? {} : { jar: flags.jar }) });
  const progress = checksProgress({ sink, environment, total: 1 });
  const run = progress.start(files.name);
  let said = 'error';
  try {
    const { graph, tlc, boundedLeaves } = await stateGraph({
      module: files.module,
      cfg: files.cfg,
      libraryPaths: files.libraryPaths,
      timeoutMs: (flags.timeout ?? timeoutSecondsDefault) * 1000,
      memoryMb: flags.memory ?? Math.floor(totalmem() / 4 / megabyte),
      jar: { jar: jar.path },
      signal,
      onProgress: (reported) => run.report(reported),
      ...(cache ? { cache } : {}),
    });
    said = tlc.verdict;
    const facts = { tlc, boundedLeaves: boundedLeaves ?? false };
    if (graph && cache) {
      await cache.put(key, encodeGraph(graph, { hash: key, effort: 'fast' }));
      await cache.putJson(factsKey(key), facts);
    }
    return { ...facts, ...(graph ? { graph } : {}), cached: false };
  } finally {
    run.end(said);
    progress.end();
  }
}

function outcomeOf(found: Found, files: SpecFiles, cwd: string, out: string | null): Outcome {
  const { tlc, graph, boundedLeaves } = found;
  const summary = graph ? graphSummary(graph) : undefined;
  const verdict = summary && summary.edges === 0 ? 'violation' : tlc.verdict;
  const empty = summary !== undefined && summary.edges === 0;
  const report: GraphReport = {
    schema: 'bisim.graph.1',
    verdict,
    kind: empty ? 'empty' : (tlc.kind ?? null),
    property: tlc.property ?? null,
    message: empty ? 'The graph has no edge: nothing ever happens.' : (tlc.message ?? null),
    spec: relative(cwd, files.module),
    cfg: relative(cwd, files.cfg),
    summary: summary ? { ...summary, actions: [...summary.actions], boundedLeaves } : null,
    out: graph ? out : null,
    jar: tlc.jar,
    cached: found.cached,
    seconds: tlc.seconds,
  };
  const text = summary
    ? summaryText(report, summary)
    : `${report.cfg}: ${verdict}\n${behaviourText(shownBehaviour(tlc))}\n`;
  const message = report.message?.split('\n')[0] ?? verdict;
  return {
    exitCode: empty ? exitCodes.violation : exitCodeOf(verdict, tlc.kind ?? null),
    report,
    text,
    cases: [
      {
        group: report.spec,
        name: report.cfg,
        verdict: verdict === 'ok' ? 'passed' : verdict === 'violation' ? 'failed' : 'error',
        seconds: report.seconds,
        ...(verdict === 'ok' ? {} : { message, details: text }),
      },
    ],
    page: {
      title: `graph ${report.spec}`,
      verdict,
      facts: [],
      ...(graph ? { graphs: [drawnGraph(files.name, graph)] } : {}),
      ...(graph ? {} : { counterexamples: [shownBehaviour(tlc)] }),
    },
  };
}

function summaryText(report: GraphReport, s: GraphSummary): string {
  const leaves = report.summary?.boundedLeaves ? 'leaves or deadlocks' : 'deadlocks';
  const degree = ({ min, mean, max }: GraphSummary['out']): string =>
    `${min} to ${max}, mean ${mean}`;
  const rows = s.actions.map(({ action, edges }) => [action, grouped(edges)]);
  return [
    `${report.cfg}: ${grouped(s.states)} states, ${grouped(s.edges)} edges, depth ${s.depth}`,
    `  ${s.initial} initial, ${grouped(s.deadlocks)} ${leaves}, ${grouped(s.loops)} loops`,
    `  out-degree ${degree(s.out)}; in-degree ${degree(s.in)}`,
    `  ${seconds(report.seconds)} s${report.cached ? ' when it ran (cached)' : ''}`,
    '',
    ...columns([['action', 'edges'], ...rows], { right: [1] }),
    ...(report.message === null ? [] : ['', report.message]),
    ...(report.out === null ? [] : ['', `written: ${report.out}`]),
    '',
  ].join('\n');
}
