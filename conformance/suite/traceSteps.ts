/** What may be given as a trace: steps in memory, a trace of the toolkit, or a trace file (ITF, NDJSON). */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readItf } from '../behaviour/itf.ts';
import { readNdjsonTrace } from '../behaviour/ndjsonTrace.ts';
import type { Trace } from '../behaviour/simulation.ts';
import type { NamedTrace } from '../behaviour/traceFile.ts';
import type { TlaValue } from '../value/value.ts';
import { ConformanceError } from './conformanceError.ts';
import { testFile } from './testFile.ts';
import type { SeenStep } from './traceWalk.ts';

export type GivenTrace = string | Trace | readonly SeenStep[];

export interface TraceNames {
  readonly variables: readonly string[];
  readonly parameterNames: Readonly<Record<string, readonly string[]>>;
}

export function traceSteps(given: GivenTrace, names: TraceNames): readonly SeenStep[] {
  if (typeof given === 'string') return stepsOf(readTrace(given, names), names);
  if (Array.isArray(given)) {
    const steps = given as readonly unknown[];
    const odd = steps.findIndex((step) => typeof step !== 'object' || step === null);
    if (odd < 0) return steps as readonly SeenStep[];
    throw new ConformanceError(`element ${odd} of the trace is no { action, args, state }`);
  }
  const { states, variables } = (given ?? {}) as Partial<Trace>;
  if (states !== undefined && variables !== undefined) return stepsOf(given as Trace, names);
  throw new ConformanceError(
    'expect a trace: its steps, a trace of bisim, or the path of its file',
  );
}

function readTrace(path: string, { variables, parameterNames }: TraceNames): NamedTrace {
  const file = [resolve(path), resolve(dirname(testFile()), path)].find((one) => existsSync(one));
  if (file === undefined) throw new ConformanceError(`there is no trace file ${path}`);
  const text = readFileSync(file, 'utf8');
  const options = { file: path, variables, parameterNames };
  return /\.(nd)?jsonl?$/.test(path) && !/\.json$/.test(path)
    ? readNdjsonTrace(text, options)
    : readItf(text, options);
}

function stepsOf(trace: Trace | NamedTrace, { parameterNames }: TraceNames): SeenStep[] {
  const { variables, values, states, labels, length } = trace;
  const width = variables.length;
  return Array.from({ length }, (_, at): SeenStep => {
    const state = Object.fromEntries(
      variables.map((name, i) => [name, values.value(states[at * width + i]!)]),
    );
    const named = 'named' in trace ? trace.named[at - 1] : undefined;
    if (named !== undefined) {
      return { action: named.action, args: Object.fromEntries(named.args), state };
    }
    const label = labels[at - 1];
    if (label === undefined) return { state };
    return { action: label.action, args: argumentsOf(label, parameterNames), state };
  });
}

function argumentsOf(
  { action, args }: { readonly action: string; readonly args: readonly TlaValue[] },
  parameterNames: TraceNames['parameterNames'],
): Record<string, TlaValue> {
  const names = parameterNames[action] ?? [];
  return Object.fromEntries(args.map((value, i) => [names[i] ?? String(i), value]));
}
