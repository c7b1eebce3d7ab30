// From a spec and a cfg to its state graph: one TLC run that checks the model and streams its graph into the reader.
// What must hold: a graph is handed out only if TLC finished without a violation and the graph is complete.

import { cacheKey, type Cache } from '../behaviour/cache.ts';
import { assertComplete, type EdgeLabel, type StateGraph } from '../behaviour/graph.ts';
import { readDot } from '../behaviour/readDot.ts';
import { SimulationReader, type Trace } from '../behaviour/simulation.ts';
import { cfgText, runTlc, type SimulateMode, type TlcOptions } from '../tlc/run.ts';
import type { TlcResult } from '../tlc/result.ts';
import { evaluateArguments, type ArgumentRun } from './arguments.ts';
import { parseCfg, type Cfg } from './cfg.ts';
import {
  checkReplayable,
  readBehaviour,
  type SpecAction,
  type SpecBehaviour,
} from './declarations.ts';
import { contentKey } from './loadSpec.ts';
import { wrap, type Wrapper } from './wrap.ts';

export type GraphOptions = Omit<TlcOptions, 'dump' | 'mode' | 'root'> & {
  /** Where what was read of the spec is kept between runs; nowhere if not given. */
  readonly cache?: Cache;
};

/** A spec under a cfg, ready to be run with named arguments. */
export interface PreparedModel {
  readonly cfg: Cfg;
  readonly spec: SpecBehaviour;
  readonly arguments: ArgumentRun;
}

export interface ModelFacts {
  readonly variables: readonly string[];
  readonly actions: readonly SpecAction[];
  /** By action: the parameters' names, in the order of an edge's args. */
  readonly parameterNames: Readonly<Record<string, readonly string[]>>;
  /** By constant: its value as TLA+ text. */
  readonly constants: Readonly<Record<string, string>>;
  /** The cfg has an ACTION_CONSTRAINT: nodes without edges stand beyond its bound. */
  readonly boundedLeaves: boolean;
}

export interface GraphResult extends Partial<ModelFacts> {
  /** Absent unless the verdict is ok. */
  readonly graph?: StateGraph;
  readonly tlc: TlcResult;
}

export interface SimulationResult extends Partial<ModelFacts> {
  readonly tlc: TlcResult;
  /** The behaviours, each step with its action and arguments; they share one table of values. */
  readonly traces: readonly Trace[];
}

function factsOf(model: PreparedModel): ModelFacts {
  const { spec, cfg } = model;
  return {
    variables: spec.declarations.variables,
    actions: spec.actions,
    parameterNames: Object.fromEntries(spec.actions.map(({ name, params }) => [name, params])),
    constants: model.arguments.constants,
    boundedLeaves: cfg.actionConstraints.length > 0,
  };
}

/** Reads the spec and evaluates the arguments: two short starts of Java, or none where the cache has them. */
export async function prepareModel(
  o: Pick<GraphOptions, 'module' | 'cfg' | 'libraryPaths' | 'modules' | 'jar' | 'signal' | 'cache'>,
  kind: 'replay' | 'simulate',
): Promise<{ model?: PreparedModel; tlc?: TlcResult }> {
  const text = await cfgText(o.cfg);
  // A text has no name to tell.
  const cfg = text === o.cfg ? parseCfg(text) : parseCfg(text, o.cfg);
  const key = cacheKey([await contentKey(o), 'prepared', JSON.stringify(cfg)]);
  const kept = await o.cache?.getJson(key);
  let model = kept === undefined ? undefined : ({ ...(kept as object), cfg } as PreparedModel);
  if (!model) {
    const spec = await readBehaviour({ ...o, cfg });
    if (kind === 'replay') checkReplayable(spec.declarations, cfg);
    const { run, tlc } = await evaluateArguments(spec, { ...o, cfg });
    if (!run) return { tlc };
    model = { cfg, spec, arguments: run };
    await o.cache?.putJson(key, { spec, arguments: run });
  }
  if (kind === 'replay') checkReplayable(model.spec.declarations, cfg);
  return { model };
}

/** Steps of a counterexample under the spec's own names, with their arguments. */
function named(tlc: TlcResult, wrapper: Wrapper, actions: readonly SpecAction[]): TlcResult {
  if (!tlc.trace) return tlc;
  const places = new Map(actions.map(({ name, location }) => [name, location]));
  const trace = tlc.trace.map((step) => {
    const found = step.action === undefined ? undefined : wrapper.instance(step.action);
    const state = Object.fromEntries(
      Object.entries(step.state).filter(([name]) => name !== wrapper.stepVariable),
    );
    if (!found) return { ...step, state };
    const { action, args } = found;
    const location = places.get(action);
    return { action, args, ...(location ? { location } : {}), state };
  });
  return { ...tlc, trace };
}

export async function stateGraph(o: GraphOptions): Promise<GraphResult> {
  const { model, tlc: failed } = await prepareModel(o, 'replay');
  if (!model) return { tlc: failed! };
  return graphOfModel(model, o);
}

/** Labels that no edge has are there too: replay must see that the code, too, never does them. */
function withAllLabels(graph: StateGraph, { labels }: Wrapper): StateGraph {
  const { values } = graph;
  const key = ({ action, args }: EdgeLabel): string =>
    [action, ...args.map((arg) => values.intern(arg))].join(' ');
  const seen = new Set(graph.labels.map(key));
  const unseen = labels.filter((label) => !seen.has(key(label)));
  return { ...graph, labels: [...graph.labels, ...unseen] };
}

export async function graphOfModel(model: PreparedModel, o: GraphOptions): Promise<GraphResult> {
  const wrapper = wrap(model.spec, model.arguments, model.cfg);
  let graph: StateGraph | undefined;
  const tlc = await runTlc({
    ...o,
    cfg: wrapper.cfg,
    modules: [...(o.modules ?? []), wrapper.module],
    root: wrapper.module.name,
    dump: async (stream) => {
      graph = await readDot(stream, {
        variables: model.spec.declarations.variables,
        label: (text) => wrapper.label(text),
      });
    },
  });
  const facts = factsOf(model);
  if (tlc.verdict !== 'ok' || !graph)
    return { ...facts, tlc: named(tlc, wrapper, model.spec.actions) };
  const { distinct, generated, queue, initial } = tlc;
  assertComplete(graph, { distinct, generated, queue, initial, constrained: facts.boundedLeaves });
  return { ...facts, graph: withAllLabels(graph, wrapper), tlc };
}

/** Random behaviours, whose steps carry their actions and arguments. */
export async function simulate(
  o: GraphOptions & Omit<SimulateMode['simulate'], 'traces'>,
): Promise<SimulationResult> {
  const { model, tlc: failed } = await prepareModel(o, 'simulate');
  if (!model) return { tlc: failed!, traces: [] };
  const wrapper = wrap(model.spec, model.arguments, model.cfg, { simulation: true });
  const { num, depth, seed } = o;
  const tlc = await runTlc({
    ...o,
    cfg: wrapper.cfg,
    modules: [...(o.modules ?? []), wrapper.module],
    root: wrapper.module.name,
    mode: { simulate: { num, depth, seed, traces: true } },
  });
  const reader = new SimulationReader({
    variables: model.spec.declarations.variables,
    actionVariable: wrapper.stepVariable,
  });
  // The last file of a run that failed may be cut short; what TLC found stands in its result.
  const traces = tlc.verdict === 'ok' ? tlc.traceFiles.map(({ bytes }) => reader.read(bytes)) : [];
  return {
    ...factsOf(model),
    tlc: named({ ...tlc, traceFiles: [] }, wrapper, model.spec.actions),
    traces,
  };
}
