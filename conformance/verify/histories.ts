/**
 * Behaviours run through the code, and what their clients saw checked for linearizability:
 * tours that take every edge of a graph, or TLC's random walks through larger models. What
 * must hold: no behaviour, or none with an operation, is a failure, and `unknown` is no pass.
 */
import type { Trace } from '../behaviour/simulation.ts';
import { edgeTours, pathTree } from '../behaviour/tour.ts';
import { kv } from '../history/kv.ts';
import type { HistoryResult } from '../history/linearizability.ts';
import { checkLinearizable } from '../history/linearizability.ts';
import { timelineHtml } from '../history/timeline.ts';
import type { Operation } from '../history/operation.ts';
import { historyOf } from '../history/operation.ts';
import { BehaviourRunner, traceOf } from '../replay/behaviours.ts';
import type { BehaviourOptions } from '../replay/behaviours.ts';
import type { ShownHistory } from '../report/reportPage.ts';
import { simulate } from '../spec/graphOf.ts';
import { UsageError } from '../sources/usageError.ts';
import type { TlaValue } from '../value/value.ts';
import type { AnyBinding } from '../replay/bindingModule.ts';
import { loadBinding } from '../replay/bindingModule.ts';
import { tlcOptions } from './exploration.ts';
import type { Model } from './project.ts';
import type { Setting } from './replaying.ts';
import { replayOptions } from './replaying.ts';
import type { KnownBadCase, RunContext, TaskTools } from './task.ts';

export interface Histories {
  readonly verdict: 'ok' | 'violation' | 'unknown';
  readonly behaviours: number;
  /** Behaviours in which a client called. */
  readonly histories: number;
  readonly operations: number;
  readonly seconds: number;
  readonly problems: readonly string[];
  readonly knownBad: readonly KnownBadCase[];
  /** Timelines of the violations. */
  readonly shown: readonly ShownHistory[];
}

export interface HistoriesOptions {
  readonly seed: number;
  readonly tools: TaskTools;
  /** One problem is enough: the judging of a mutant. */
  readonly stopAtFirst?: boolean;
}

/** Tours a little longer than the graph is deep: many, and each goes far. */
const tourLengthMin = 30;
const tourBeyondDepth = 10;
const problemsMax = 5;
/** Of one history; these are short, so reaching it is news. */
const historyStepsMax = 5_000_000;

export async function historiesOf(
  model: string,
  setting: Setting,
  options: HistoriesOptions,
): Promise<Histories> {
  const { graph, binding } = setting;
  const deepest = pathTree(graph).depth.reduce((a, b) => Math.max(a, b), 0);
  const maxLength = Math.max(tourLengthMin, deepest + tourBeyondDepth);
  const tours = edgeTours(graph, { maxLength, seed: options.seed });
  const given = { ...replayOptions(setting), labels: graph.labels };
  const runner = new BehaviourRunner(graph, binding, given);
  const checking = new Checking(model, runner, options);
  const begun = performance.now();
  for (const path of tours) {
    if (!checking.take(traceOf(graph, path))) break;
    if (checking.behaviours % 500 === 0) await pause();
  }
  return checking.result((performance.now() - begun) / 1_000);
}

/** Lets a message through that ends the run. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function simulatedHistories(o: {
  readonly model: Model;
  readonly context: RunContext;
  readonly tools: TaskTools;
}): Promise<Histories> {
  const { model, context, tools } = o;
  const { simulate: walks } = model.row;
  if (walks === undefined || model.binding === undefined) {
    const next = 'Add simulate: { num, depth, seed } to its row in models.json.';
    throw new UsageError('no-simulation', `${model.name} does not say what to simulate`, next);
  }
  const { tlc, traces, constants, parameterNames } = await simulate({ ...tlcOptions(o), ...walks });
  const [first] = traces;
  if (tlc.verdict !== 'ok' || first === undefined || constants === undefined) {
    const next = 'Run the model by mode check, or correct it.';
    const what = tlc.message ?? `TLC made ${traces.length} behaviours`;
    throw new UsageError('simulation-failed', `${model.name}: ${what}`, next);
  }
  const binding = await loadBinding(model.binding.path, context.transpiled);
  const runner = runnerOf(first, binding, { constants, parameterNames: parameterNames ?? {} });
  const checking = new Checking(model.name, runner, { seed: context.seed, tools });
  for (const trace of traces) if (!checking.take(trace)) break;
  return checking.result(tlc.seconds);
}

function runnerOf(
  first: Trace,
  binding: AnyBinding,
  given: {
    readonly constants: Readonly<Record<string, string>>;
    readonly parameterNames: BehaviourOptions['parameterNames'];
  },
): BehaviourRunner<unknown> {
  const { values } = first;
  const constants: Record<string, TlaValue> = {};
  for (const [name, text] of Object.entries(given.constants)) {
    constants[name] = values.value(values.parse(text));
  }
  return new BehaviourRunner(first, binding, { ...given, constants });
}

/** Runs and checks one behaviour after the other, and keeps what is to be reported. */
class Checking {
  behaviours = 0;
  private readonly model: string;
  private readonly runner: BehaviourRunner<unknown>;
  private readonly options: HistoriesOptions;
  private histories = 0;
  private operations = 0;
  private violations = 0;
  private unknowns = 0;
  private readonly problems: string[] = [];
  private readonly shown: ShownHistory[] = [];
  private readable: readonly Operation[] | undefined;

  constructor(model: string, runner: BehaviourRunner<unknown>, options: HistoriesOptions) {
    this.model = model;
    this.runner = runner;
    this.options = options;
  }

  /** False: enough was seen. */
  take(trace: Trace): boolean {
    this.behaviours += 1;
    const { events, failure } = this.runner.run(trace);
    if (failure !== undefined) this.violated(failure.text);
    const operations = historyOf(events);
    if (operations.length > 0) this.check(operations);
    if (this.behaviours % 500 === 0) {
      this.options.tools.detail(`${this.behaviours} behaviours, ${this.histories} histories`);
    }
    const enough = this.options.stopAtFirst === true ? 1 : problemsMax;
    return this.violations < enough && !this.options.tools.signal.aborted;
  }

  private check(operations: readonly Operation[]): void {
    this.histories += 1;
    this.operations += operations.length;
    this.readable ??= operations.some(isRead) ? operations : undefined;
    const checked = checkLinearizable(operations, kv, { maxSteps: historyStepsMax });
    if (checked.verdict === 'violation') {
      const involved = checked.operationsInvolved ?? operations;
      const shown = involved.map((operation) => JSON.stringify(operation));
      this.show(operations, checked);
      this.violated(['history is not linearizable', checked.reason ?? '', ...shown].join('\n'));
    }
    if (checked.verdict === 'unknown') this.unknowns += 1;
  }

  private show(operations: readonly Operation[], checked: HistoryResult): void {
    const title = `${this.model}, behaviour ${this.behaviours}`;
    const timeline = timelineHtml(operations, checked, { title });
    const { verdict, reason } = checked;
    this.shown.push({ title, verdict, ...(reason === undefined ? {} : { reason }), timeline });
  }

  private violated(problem: string): void {
    this.violations += 1;
    this.problems.push(`behaviour ${this.behaviours} (seed ${this.options.seed}): ${problem}`);
  }

  result(seconds: number): Histories {
    const problems = [...this.problems];
    if (this.unknowns > 0) problems.push(`${this.unknowns} histories could not be decided`);
    const { behaviours, histories, operations } = this;
    if (histories === 0) problems.push(`no history among ${behaviours} behaviours`);
    const failed = this.violations > 0 || histories === 0;
    const verdict = failed ? 'violation' : this.unknowns > 0 ? 'unknown' : 'ok';
    const knownBad = failed ? [] : this.knownBad();
    return {
      verdict,
      behaviours,
      histories,
      operations,
      seconds,
      problems,
      knownBad,
      shown: this.shown,
    };
  }

  // The first read of a real history, told to have seen what nobody wrote.
  private knownBad(): KnownBadCase[] {
    if (this.readable === undefined) return [];
    const at = this.readable.findIndex(isRead);
    const spoilt = this.readable.map((operation, index) =>
      index === at ? { ...operation, result: 'what nobody wrote' } : operation,
    );
    const rejected = checkLinearizable(spoilt, kv).verdict === 'violation';
    const what = `${this.model} with a read of what nobody wrote`;
    return [{ check: 'history', what, rejected }];
  }
}

function isRead({ op, status, eventual }: Operation): boolean {
  return op === 'get' && status === 'ok' && eventual !== true;
}
