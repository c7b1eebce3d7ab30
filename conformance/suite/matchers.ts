/**
 * Matchers for single expectations. What must hold: the message of a failure is what a person needs to
 * find the cause (the step, what was allowed, what differs), never a diff of objects; and a check that
 * could not be made is a failure, also under `.not`.
 */
import { expect } from 'vitest';
import { checkLinearizable } from '../history/linearizability.ts';
import type { Model as HistoryModel } from '../history/model.ts';
import type { Operation } from '../history/operation.ts';
import { isRunning, type AnyBinding, type AnyRunningBinding } from '../replay/bindingModule.ts';
import { checkPath, pureRunner, toursOf } from './behaviourChecks.ts';
import { ConformanceError } from './conformanceError.ts';
import { actionsWithFailures, failuresOf, replayEdges } from './edgeChecks.ts';
import { historyModelOf } from './historyModelOf.ts';
import { historyText } from './historyText.ts';
import { modelGraph, replayFacts, type ModelGraph } from './modelGraph.ts';
import { runningRunner } from './runningRunner.ts';
import { testFile } from './testFile.ts';
import { traceSteps, type GivenTrace } from './traceSteps.ts';
import { walkTrace } from './traceWalk.ts';

export interface ConformOptions {
  /** A cfg other than the binding's own, relative to the test file. */
  readonly model?: string;
  /** As of `conformanceSuite`. */
  readonly mode?: 'edges' | 'tours';
  readonly seed?: number;
}

interface Answer {
  readonly pass: boolean;
  readonly message: () => string;
}

type Any = AnyBinding | AnyRunningBinding;

const answer = (failure: string | undefined, passed: string): Answer => ({
  pass: failure === undefined,
  message: () => failure ?? passed,
});

async function toConform(received: unknown, options: ConformOptions = {}): Promise<Answer> {
  const binding = asBinding(received, 'toConform');
  const model = await explored(binding, options.model);
  const passed = `${binding.name} conforms to ${model.name}, and should not`;
  return answer(await firstFailure(binding, model, options), passed);
}

async function firstFailure(
  binding: Any,
  { graph, facts, name, missing }: ModelGraph,
  { mode, seed }: ConformOptions,
): Promise<string | undefined> {
  if (facts === undefined) throw new ConformanceError(`${name}: ${missing ?? 'not explored'}`);
  if (graph === undefined) return facts.message ?? `TLC says ${facts.verdict} of ${name}`;
  const replay = replayFacts(graph, facts);
  if (!isRunning(binding) && mode !== 'tours') {
    const result = replayEdges(graph, binding, replay);
    if (result.verdict === 'ok') return undefined;
    const groups = [undefined, ...actionsWithFailures(result)];
    const texts = groups.flatMap((action) => failuresOf(result, action) ?? []);
    return [...texts, ...(result.reason === undefined ? [] : [result.reason])].join('\n\n');
  }
  const run = isRunning(binding)
    ? runningRunner(graph, binding, replay)
    : pureRunner(graph, binding, replay);
  for (const path of toursOf(graph, binding.ignored ?? [], seed)) {
    try {
      await checkPath(path, { run });
    } catch (error) {
      if (error instanceof ConformanceError) return error.message;
      throw error;
    }
  }
  return undefined;
}

async function toBeBehaviorOf(
  received: unknown,
  given: unknown,
  options: { readonly model?: string } = {},
): Promise<Answer> {
  const binding = asBinding(given, 'toBeBehaviorOf');
  const { graph, facts, name, missing } = await explored(binding, options.model);
  if (graph === undefined || facts === undefined) {
    throw new ConformanceError(missing ?? facts?.message ?? `${name} could not be explored`);
  }
  const { parameterNames } = facts;
  const { variables } = graph;
  const steps = traceSteps(received as GivenTrace, { variables, parameterNames });
  const walked = walkTrace(graph, parameterNames, steps);
  const passed = `the trace of ${steps.length} steps is a behaviour of ${name}, and should not be`;
  return answer(walked.conforms ? undefined : walked.text, passed);
}

function toBeLinearizable(received: unknown, model: string | HistoryModel = 'kv'): Answer {
  if (!Array.isArray(received)) {
    throw new ConformanceError('expect a history: an array of operations (bisim/history)');
  }
  const history = received as readonly Operation[];
  if (history.length === 0) {
    return { pass: false, message: () => 'the history has no operations: nothing is shown' };
  }
  const result = checkLinearizable(history, historyModelOf(model));
  if (result.verdict === 'unknown') throw new ConformanceError(historyText(result));
  const passed = `the history of ${history.length} operations is linearizable, and should not be`;
  return answer(result.verdict === 'ok' ? undefined : historyText(result), passed);
}

function explored(binding: Any, model: string | undefined): Promise<ModelGraph> {
  return modelGraph({ binding, from: testFile(), ...(model !== undefined && { model }) });
}

function asBinding(value: unknown, matcher: string): Any {
  const { spec, actions } = (value ?? {}) as Partial<Any>;
  if (typeof spec === 'string' && typeof actions === 'object') return value as Any;
  throw new ConformanceError(`${matcher} needs what defineBinding or defineRunningBinding returns`);
}

/** Importing bisim/vitest registers them; a setup file may do it for all test files. */
export function registerMatchers(): void {
  expect.extend({ toConform, toBeBehaviorOf, toBeLinearizable });
}
