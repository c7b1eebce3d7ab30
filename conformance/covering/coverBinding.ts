/**
 * What of its spec the runs of one binding reach: a replay, or traces. States of a trace are looked up
 * in the state graph; recordings of events are validated first, and then led through it.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import type { BoundModel } from '../project/bindingFiles.ts';
import { requireFile } from '../project/specFiles.ts';
import { type GraphSettings, type ModelGraph, modelGraph } from '../replaying/modelGraph.ts';
import { replayBinding, type ReplayBindingOptions } from '../replaying/replayBinding.ts';
import { modelValuesIn } from '../replaying/modelTraces.ts';
import { readTraceFiles } from '../replaying/traceFiles.ts';
import type { CoveredBinding } from '../report/coverageReport.ts';
import { readTraces } from '../validate/readTraces.ts';
import { validateTraces, type ValidatedTrace } from '../validate/validateTraces.ts';
import { GraphFinder } from './onGraph.ts';
import { reachedOf } from './reached.ts';
import { RecordingFollower } from './recordingOnGraph.ts';

export interface CoverOptions extends ReplayBindingOptions {
  readonly files: readonly string[];
  /** Results of earlier runs are kept there. */
  readonly cacheFolder: string;
}

export interface Covered {
  readonly covered: CoveredBinding;
  readonly verdict: 'ok' | 'violation' | 'unknown';
}

interface Gathered {
  readonly model: ModelGraph;
  readonly taken: Uint8Array;
  readonly recorded: Map<string, number>;
  readonly from: string[];
  readonly problems: string[];
  verdict: Covered['verdict'];
}

export async function coverBinding(bound: BoundModel, o: CoverOptions): Promise<Covered> {
  const gathered = o.files.length === 0 ? await byReplay(bound, o) : await byFiles(bound, o);
  const { model, taken, recorded, from, problems } = gathered;
  const reached = reachedOf(model.graph, taken, {
    actions: Object.keys(model.facts.parameterNames),
    ignored: bound.binding.ignored ?? [],
    recorded,
  });
  const nothing = reached.reached === 0 && recorded.size === 0;
  if (nothing && gathered.verdict === 'ok') problems.push('nothing of the spec was reached');
  const covered = {
    ...{ binding: bound.binding.name, model: bound.files.name },
    ...{ ...reached, from, problems },
  };
  return {
    covered,
    verdict: nothing && gathered.verdict === 'ok' ? 'violation' : gathered.verdict,
  };
}

async function byReplay(bound: BoundModel, o: CoverOptions): Promise<Gathered> {
  const mode = o.mode === 'simulation' ? 'tours' : o.mode;
  const { mode: _, traces: __, files: ___, cacheFolder: ____, ...rest } = o;
  const { report, taken, graph } = await replayBinding(bound, { ...rest, ...(mode && { mode }) });
  const model = graph!;
  const problems = report.failures.map(({ text }) => text);
  if (report.reason !== null) problems.push(report.reason);
  return {
    ...{ model, taken: taken ?? new Uint8Array(model.graph.edgeCount), recorded: new Map() },
    ...{ from: [`replay of ${report.mode}`], problems, verdict: report.verdict },
  };
}

async function byFiles(bound: BoundModel, o: CoverOptions): Promise<Gathered> {
  const settings: GraphSettings = settingsOf(o);
  const model = await modelGraph(bound.files, settings);
  const from = o.from ?? process.cwd();
  const gathered: Gathered = {
    ...{ model, taken: new Uint8Array(model.graph.edgeCount), recorded: new Map<string, number>() },
    ...{ from: [...o.files], problems: [], verdict: 'ok' },
  };
  const events = o.files.filter((file) => isRecording(resolve(from, file)));
  const states = o.files.filter((file) => !events.includes(file));
  followStates(states, from, gathered);
  if (events.length > 0) await addRecordings(bound, events, { o, from, gathered });
  return gathered;
}

function settingsOf(o: CoverOptions): GraphSettings {
  return {
    jar: o.jar,
    timeoutMs: o.timeoutMs ?? 600_000,
    memoryMb: o.memoryMb ?? 2_048,
    seed: o.seed ?? 1,
    cache: o.cacheFolder,
    signal: o.signal ?? new AbortController().signal,
  };
}

/** Lines of events, as the recorder writes them; anything else holds states. */
function isRecording(path: string): boolean {
  requireFile(path, 'trace', 'Give recordings, or traces in ITF or NDJSON.');
  const head = Buffer.alloc(200);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return /^\s*\{\s*"(bisim|clock)"/.test(head.toString('utf8'));
}

function followStates(files: readonly string[], from: string, gathered: Gathered): void {
  const { model, taken, recorded, problems } = gathered;
  const { graph, facts } = model;
  const finder = new GraphFinder(graph);
  const { variables, values, labels } = graph;
  const modelValues = modelValuesIn({ facts, values, labels });
  const { parameterNames } = facts;
  const read = readTraceFiles(files, { from, values, variables, parameterNames, modelValues });
  for (const [i, { trace }] of read.entries()) {
    const { edges, strayAt } = finder.follow(trace);
    for (const edge of edges) {
      taken[edge] = 1;
      const { action } = labels[graph.edgeLabel[edge]!]!;
      recorded.set(action, (recorded.get(action) ?? 0) + 1);
    }
    if (strayAt === undefined) continue;
    gathered.verdict = 'violation';
    problems.push(`${files[i]!}: state ${strayAt + 1} is not where the model can be there`);
  }
}

async function addRecordings(
  bound: BoundModel,
  files: readonly string[],
  { o, from, gathered }: { o: CoverOptions; from: string; gathered: Gathered },
): Promise<void> {
  const { recorded, problems } = gathered;
  const validated = await validateTraces(bound, files, {
    from,
    cache: new Cache({ folder: o.cacheFolder }),
    ...(o.signal && { signal: o.signal }),
    ...(o.timeoutMs !== undefined && { timeoutMs: o.timeoutMs }),
    ...(o.jar !== undefined && { jar: { jar: o.jar } }),
  });
  for (const { actions } of validated.matchedSteps)
    for (const action of actions) recorded.set(action, (recorded.get(action) ?? 0) + 1);
  await takeEdges(bound, files, { from, gathered, traces: validated.traces });
  if (validated.verdict === 'ok') return;
  gathered.verdict = validated.verdict === 'violation' ? 'violation' : 'unknown';
  const rejected = validated.traces.filter(({ verdict }) => verdict !== 'accepted');
  for (const { name, matched, events } of rejected)
    problems.push(`${name}: ${matched} of ${events} events are steps of the spec`);
  problems.push(...validated.problems);
}

/** The edges that the recordings took; a model with small bounds may not hold all of them. */
async function takeEdges(
  { binding }: BoundModel,
  files: readonly string[],
  o: {
    readonly from: string;
    readonly gathered: Gathered;
    readonly traces: readonly ValidatedTrace[];
  },
): Promise<void> {
  const { model, taken, problems } = o.gathered;
  const { graph, facts } = model;
  const { values, labels } = graph;
  const modelValues = new Set(modelValuesIn({ facts, values, labels }));
  const { traces } = await readTraces(files, { from: o.from, modelValues });
  const { hidden = [], silent = [], silentMax = 2, composed = {}, optional = [] } = binding;
  const { parameterNames } = facts;
  const rules = { parameterNames, hidden, silent, silentMax, composed, optional };
  const follower = new RecordingFollower(graph, rules);
  for (const [i, trace] of traces.entries()) {
    // A run with constants of its own is none of this graph.
    if (trace.constants.size > 0) {
      problems.push(`${trace.name}: it has constants of its own: it covers nothing of the graph`);
      continue;
    }
    const matched = o.traces[i]?.matched ?? 0;
    const { edges, followed } = follower.follow(trace, matched);
    for (const edge of edges) taken[edge] = 1;
    if (followed === matched) continue;
    const { file, line } = trace.events[followed]!;
    problems.push(
      `${file}:${line}: from here on the run is beyond the bounds of the model's graph`,
    );
  }
}
