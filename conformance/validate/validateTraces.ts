/**
 * Did recorded runs obey the spec? What must hold: `ok` only if at least one trace with at least one
 * event was checked, all of them were matched to their ends, and the spoilt copies that ran beside
 * them were rejected.
 */
import { cacheKey, type Cache } from '../behaviour/cache.ts';
import type { BoundModel } from '../project/bindingFiles.ts';
import type { MergedTrace } from '../recording/mergeRecordings.ts';
import { checkBinding } from '../replay/binding.ts';
import { UsageError } from '../sources/usageError.ts';
import type { JarOptions } from '../tlc/jar.ts';
import { reachAll, runGenerated, type Reached, type TlcLimits } from './batch.ts';
import { diagnose } from './diagnose.ts';
import { loadModel, type LoadedModel } from './loadModel.ts';
import { readTraces, type ReadTraces } from './readTraces.ts';
import type { Rejection } from './rejection.ts';
import { noneName } from './tools.ts';
import { traceModule, type ModuleTrace } from './traceModule.ts';
import { verdictOf } from './verdict.ts';
import { TracePlan, type PlannedTrace, type TraceRules } from './tracePlan.ts';

export interface ValidateOptions {
  readonly timeoutMs?: number;
  readonly memoryMb?: number;
  readonly jar?: JarOptions;
  readonly signal?: AbortSignal;
  readonly cache?: Cache;
  /** All files are one trace. */
  readonly merge?: boolean;
  /** False: rejected traces are not run once more for their reason. */
  readonly explain?: boolean;
  /** What relative names in reports start from. */
  readonly from?: string;
  readonly onProgress?: (text: string) => void;
}

/** One event that the spec allowed: for coverage by implementation traces. */
export interface MatchedStep {
  readonly trace: string;
  readonly file: string;
  readonly line: number;
  readonly actions: readonly string[];
  /** Arguments as TLA+ text, by parameter; those recorded. */
  readonly args: Readonly<Record<string, string>>;
}

export interface ValidatedTrace {
  readonly name: string;
  readonly verdict: 'accepted' | 'rejected' | 'unknown';
  readonly events: number;
  /** How many events, from the first, are steps of the spec. */
  readonly matched: number;
  readonly notes: readonly string[];
  readonly rejection?: Rejection;
}

export interface ValidateOutcome {
  readonly verdict: 'ok' | 'violation' | 'unknown' | 'error';
  readonly spec: string;
  readonly cfg: string;
  readonly traces: readonly ValidatedTrace[];
  readonly matchedSteps: readonly MatchedStep[];
  /** Spoilt copies that ran in the same JVM: all must be rejected where they were spoilt. */
  readonly knownBad: { readonly rejected: number; readonly total: number };
  readonly problems: readonly string[];
  readonly cached: boolean;
  readonly seconds: number;
  readonly tlc: string;
}

/** Changes with the meaning of what is cached. */
const form = 'validate-outcome-3';
const timeoutMsDefault = 600_000;
/** The figure the benchmark holds: 10,000 events in 1 GB, this process and TLC together. */
const memoryMbDefault = 768;
/** A batch is one JVM: traces of one set of constants, not many more events than this. */
const batchEventsMax = 60_000;
const diagnosedMax = 5;
const spoiltTraces = 3;
const spoiltEvents = 20;

function rulesOf({ binding }: BoundModel): TraceRules {
  const { hidden = [], silent = [], silentMax = 2, composed = {}, optional = [] } = binding;
  if (!Number.isSafeInteger(silentMax) || silentMax < 1 || silentMax > 100) {
    throw new UsageError('binding', `silentMax is ${silentMax}`, 'Give a whole number, 1 to 100.');
  }
  return { hidden, silent, silentMax, composed, optional };
}

export async function validateTraces(
  bound: BoundModel,
  paths: readonly string[],
  o: ValidateOptions = {},
): Promise<ValidateOutcome> {
  const model = await loadModel({ ...bound.files, ...o });
  const actions = new Set(model.spec.actions.map(({ name }) => name));
  checkBinding(bound.binding, { actions, variables: model.spec.declarations.variables });
  const read = await readTraces(paths, { ...o, modelValues: model.modelValues });
  const rules = rulesOf(bound);
  const key = cacheKey([form, model.key, JSON.stringify(rules), `${o.explain}`, read.key]);
  const kept = (await o.cache?.getJson(key)) as ValidateOutcome | undefined;
  if (kept !== undefined) return { ...kept, cached: true };
  const outcome = await validated({ bound, model, rules, read, o });
  const lasting = outcome.verdict === 'ok' || outcome.verdict === 'violation';
  if (lasting) await o.cache?.putJson(key, outcome);
  return outcome;
}

interface Setting {
  readonly bound: BoundModel;
  readonly model: LoadedModel;
  readonly rules: TraceRules;
  readonly read: ReadTraces;
  readonly o: ValidateOptions;
}

async function validated(setting: Setting): Promise<ValidateOutcome> {
  const { bound, model, read, rules, o } = setting;
  const plan = new TracePlan(model.spec, rules);
  const planned = read.traces.map((trace) => plan.plan(trace));
  const limits: TlcLimits = {
    ...bound.files,
    ...(o.jar && { jar: o.jar }),
    ...(o.signal && { signal: o.signal }),
    timeoutMs: o.timeoutMs ?? timeoutMsDefault,
    memoryMb: o.memoryMb ?? memoryMbDefault,
  };
  const runs: BatchRun[] = [];
  const checkable = planned.filter(({ events }) => events.length > 0);
  for (const batch of batchesOf(checkable)) {
    o.onProgress?.(`${batch.length} traces, ${eventCount(batch)} events`);
    runs.push(await runBatch(batch, plan, model, limits));
    if (runs.at(-1)!.reached.cut !== undefined) break;
  }
  const traces: ValidatedTrace[] = [];
  let toDiagnose = o.explain === false ? 0 : diagnosedMax;
  for (const [i, trace] of planned.entries()) {
    const reached = placeOf(runs, trace);
    const rejected = reached !== undefined && reached.matched < trace.events.length;
    const isOpen = !rejected || reached.cut !== undefined;
    const rejection = isOpen
      ? undefined
      : await diagnose({ trace, ...reached, ask: toDiagnose-- > 0, plan, model, limits });
    traces.push(validatedTrace(read.traces[i]!, reached, rejection));
  }
  return outcomeOf(setting, planned, runs, traces);
}

function validatedTrace(
  { name, events, notes }: MergedTrace,
  reached: Place | undefined,
  rejection: Rejection | undefined,
): ValidatedTrace {
  const matched = Math.max(0, reached?.matched ?? 0);
  const facts = { name, events: events.length, matched, notes };
  // Nothing was checked of it: never a pass.
  if (events.length === 0) return { ...facts, verdict: 'rejected' };
  if (reached?.matched === events.length) {
    return { ...facts, verdict: 'accepted' };
  }
  if (reached === undefined || reached.cut !== undefined) return { ...facts, verdict: 'unknown' };
  return { ...facts, verdict: 'rejected', ...(rejection === undefined ? {} : { rejection }) };
}

interface BatchRun {
  readonly batch: readonly PlannedTrace[];
  readonly reached: Reached;
  readonly spoilt: readonly Spoilt[];
}

const eventCount = (batch: readonly PlannedTrace[]): number =>
  batch.reduce((sum, { events }) => sum + events.length, 0);

function batchesOf(planned: readonly PlannedTrace[]): PlannedTrace[][] {
  const batches: PlannedTrace[][] = [];
  const open = new Map<string, { batch: PlannedTrace[]; events: number }>();
  for (const trace of planned) {
    const key = JSON.stringify(trace.constants);
    let last = open.get(key);
    if (last === undefined || last.events + trace.events.length > batchEventsMax) {
      open.set(key, (last = { batch: [], events: 0 }));
      batches.push(last.batch);
    }
    last.batch.push(trace);
    last.events += trace.events.length;
  }
  return batches;
}

interface Spoilt {
  /** Position in the batch of the trace it is a copy of. */
  readonly of: number;
  readonly trace: ModuleTrace;
}

/** Copies of the beginnings of some traces, their last event spoilt. */
function spoiltCopies(batch: readonly PlannedTrace[], plan: TracePlan): Spoilt[] {
  const order = [...batch.keys()].sort((a, b) => batch[a]!.events.length - batch[b]!.events.length);
  return [...new Set([...order.slice(0, spoiltTraces - 1), ...order.slice(-1)])].map((of) => {
    const { start, events } = batch[of]!;
    const prefix = events.slice(0, spoiltEvents);
    const last = plan.spoil(prefix.at(-1)!, noneName);
    return { of, trace: { start, events: [...prefix.slice(0, -1), last] } };
  });
}

async function runBatch(
  batch: readonly PlannedTrace[],
  plan: TracePlan,
  model: LoadedModel,
  limits: TlcLimits,
): Promise<BatchRun> {
  const spoilt = spoiltCopies(batch, plan);
  const all: readonly ModuleTrace[] = [...batch, ...spoilt.map(({ trace }) => trace)];
  const reached = await reachAll(all.length, (numbers) =>
    runGenerated(
      limits,
      traceModule(
        plan,
        numbers.map((i) => all[i]!),
        { ...model, constants: batch[0]!.constants },
      ),
    ),
  );
  return { batch, reached, spoilt };
}

interface Place {
  readonly matched: number;
  readonly failure: string | undefined;
  readonly cut: Reached['cut'];
}

function placeOf(runs: readonly BatchRun[], trace: PlannedTrace): Place | undefined {
  for (const { batch, reached } of runs) {
    const i = batch.indexOf(trace);
    if (i < 0) continue;
    const { matched, failures, cut } = reached;
    return { matched: matched[i]!, failure: failures.get(i), cut };
  }
  return undefined;
}

/** A spoilt copy was rejected if it went no further than its last whole event. */
function knownBadOf(runs: readonly BatchRun[]): { rejected: number; total: number } {
  let rejected = 0;
  let total = 0;
  for (const { batch, reached, spoilt } of runs) {
    for (const [i, { trace }] of spoilt.entries()) {
      total += 1;
      if (reached.matched[batch.length + i]! < trace.events.length) rejected += 1;
    }
  }
  return { rejected, total };
}

function outcomeOf(
  { bound, model }: Setting,
  planned: readonly PlannedTrace[],
  runs: readonly BatchRun[],
  traces: readonly ValidatedTrace[],
): ValidateOutcome {
  const knownBad = knownBadOf(runs);
  const cut = runs.map(({ reached }) => reached.cut?.message).find((each) => each !== undefined);
  return {
    ...verdictOf({ traces, knownBad, cut }),
    spec: model.spec.declarations.module,
    cfg: bound.files.name,
    traces,
    matchedSteps: matchedSteps(planned, traces),
    knownBad,
    cached: false,
    seconds: runs.reduce((sum, { reached }) => sum + reached.seconds, 0),
    tlc: runs[0]?.reached.version ?? '',
  };
}

function matchedSteps(
  planned: readonly PlannedTrace[],
  traces: readonly ValidatedTrace[],
): MatchedStep[] {
  return planned.flatMap(({ events }, i) => {
    const { name, matched } = traces[i]!;
    return events.slice(0, matched).map(({ event, args }) => {
      const { file, line, actions } = event;
      return { trace: name, file, line, actions, args };
    });
  });
}
