/**
 * Traces to replay without a graph: TLC's random walks through a model of any size, or files. What
 * must hold: they come with what the spec says of its actions and constants.
 */
import { Cache } from '../behaviour/cache.ts';
import { hashParts } from '../sources/contentHash.ts';
import type { SpecFiles } from '../project/specFiles.ts';
import { behaviourText } from '../report/behaviourText.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import { UsageError } from '../sources/usageError.ts';
import { prepareModel, simulate } from '../spec/graphOf.ts';
import { wrap } from '../spec/wrap.ts';
import { type TlaValue, isModelValue } from '../value/value.ts';
import { ValueTable } from '../value/table.ts';
import {
  type GraphSettings,
  type ModelFacts,
  modelGraph,
  ModelUndecided,
  tlcIfAny,
} from './modelGraph.ts';
import { keyOf, packTraces, type PackedTraces } from './packedTraces.ts';
import type { PackedProbe } from './share.ts';
import { readTraceFiles } from './traceFiles.ts';

export interface ModelTraces {
  readonly traces: PackedTraces;
  readonly facts: ModelFacts;
  readonly probes?: readonly (PackedProbe | undefined)[];
  /** Names the traces in the keys of what is computed from them. */
  readonly key: string;
}

export async function simulatedTraces(
  files: SpecFiles,
  o: GraphSettings & { readonly num: number; readonly depth: number },
): Promise<ModelTraces> {
  const tlc = await tlcIfAny(o.jar);
  if (tlc === undefined) {
    const next =
      'Install Java 11 or newer, or use --mode tours, which needs none where the graph is recorded.';
    throw new UsageError('no-java', 'TLC makes the simulation, and there is no Java', next);
  }
  const { num, depth, seed, signal, timeoutMs, memoryMb } = o;
  const { module, cfg, libraryPaths } = files;
  const run = await simulate({
    ...{ module, cfg, libraryPaths, num, depth, seed, signal, timeoutMs, memoryMb },
    jar: { jar: tlc.jar },
    cache: new Cache({ folder: o.cache, warn: o.onWarning }),
  });
  const { traces, constants = {}, parameterNames = {} } = run;
  if (run.tlc.kind === 'interrupted') throw new ModelUndecided('interrupted');
  if (run.tlc.verdict === 'unknown') throw new ModelUndecided('TLC did not finish its simulation');
  const [first] = traces;
  if (run.tlc.verdict !== 'ok' || first === undefined) {
    const next = 'Run bisim check on the model first.';
    throw new UsageError(
      'model-fails',
      `TLC refuses the model: ${behaviourText(shownBehaviour(run.tlc))}`,
      next,
    );
  }
  const { variables, values } = first;
  const packed = packTraces(values, traces, { variables, labels: [] });
  return {
    traces: packed,
    facts: { constants, parameterNames, boundedLeaves: run.boundedLeaves ?? false },
    key: keyOf(packed),
  };
}

interface Spec {
  readonly facts: ModelFacts;
  readonly variables: readonly string[];
  readonly labels: readonly { readonly action: string; readonly args: readonly TlaValue[] }[];
  readonly values: ValueTable;
}

/** What the spec says, read by two short starts of Java, or from the recorded graph. */
async function specOf(files: SpecFiles, o: GraphSettings): Promise<Spec> {
  const tlc = await tlcIfAny(o.jar);
  if (tlc === undefined) {
    const { graph, facts } = await modelGraph(files, o);
    return { facts, variables: graph.variables, labels: graph.labels, values: graph.values };
  }
  const { module, cfg, libraryPaths } = files;
  const { model, tlc: failed } = await prepareModel(
    {
      ...{ module, cfg, libraryPaths, signal: o.signal, jar: { jar: tlc.jar } },
      cache: new Cache({ folder: o.cache, warn: o.onWarning }),
    },
    'simulate',
  );
  if (model === undefined) {
    if (o.signal.aborted) throw new ModelUndecided('interrupted');
    const what = failed === undefined ? 'it cannot be read' : behaviourText(shownBehaviour(failed));
    throw new UsageError('model-fails', `TLC refuses the model: ${what}`, 'Run bisim check first.');
  }
  const { spec, cfg: read, arguments: run } = model;
  return {
    facts: {
      constants: run.constants,
      parameterNames: Object.fromEntries(spec.actions.map(({ name, params }) => [name, params])),
      boundedLeaves: read.actionConstraints.length > 0,
    },
    variables: spec.declarations.variables,
    labels: wrap(spec, run, read).labels,
    values: new ValueTable(),
  };
}

export async function fileTraces(
  files: SpecFiles,
  paths: readonly string[],
  o: GraphSettings & { readonly from: string },
): Promise<ModelTraces> {
  const spec = await specOf(files, o);
  const { values, variables, facts, labels } = spec;
  const { parameterNames } = facts;
  const read = readTraceFiles(paths, {
    ...{ from: o.from, values, variables, parameterNames },
    modelValues: modelValuesIn(spec),
  });
  const traces = read.map(({ trace }) => trace);
  const probes = read.some(({ kept }) => kept !== undefined)
    ? read.map(({ kept }) => kept?.probe)
    : undefined;
  const packed = packTraces(values, traces, { variables, labels });
  return {
    traces: packed,
    facts,
    ...(probes !== undefined && { probes }),
    key: hashParts([keyOf(packed), JSON.stringify(probes ?? [])]),
  };
}

/** Model values that constants and arguments name: other tools write them as strings. */
export function modelValuesIn({
  facts,
  values,
  labels,
}: Pick<Spec, 'facts' | 'values' | 'labels'>): string[] {
  const found = new Set<string>();
  const visit = (value: TlaValue): void => {
    if (isModelValue(value)) found.add(value.name);
    else if (value instanceof Set || Array.isArray(value))
      for (const each of value) visit(each as TlaValue);
    else if (value instanceof Map)
      for (const pair of value) pair.forEach((each) => visit(each as TlaValue));
    else if (typeof value === 'object')
      Object.values(value as object).forEach((each) => visit(each as TlaValue));
  };
  for (const text of Object.values(facts.constants)) visit(values.value(values.parse(text)));
  for (const { args } of labels) args.forEach(visit);
  return [...found];
}
