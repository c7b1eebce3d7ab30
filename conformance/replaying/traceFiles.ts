/**
 * Traces from files: ITF of Apalache, Quint or ours, NDJSON, or what TLC's simulation wrote. What must
 * hold: a file that is no trace of this spec is refused by name before anything runs.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { GraphError } from '../behaviour/graphError.ts';
import { readItf } from '../behaviour/itf.ts';
import { readNdjsonTrace } from '../behaviour/ndjsonTrace.ts';
import { SimulationReader, type Trace } from '../behaviour/simulation.ts';
import { requireFile } from '../project/specFiles.ts';
import { UsageError } from '../sources/usageError.ts';
import type { ValueTable } from '../value/table.ts';
import { type KeptFacts, keptFacts } from './keptTrace.ts';

export interface TraceFile {
  readonly path: string;
  readonly trace: Trace;
  /** What the file was kept for, where it is one of ours. */
  readonly kept?: KeptFacts;
}

export interface TraceFilesOptions {
  readonly from: string;
  readonly values: ValueTable;
  readonly variables: readonly string[];
  readonly parameterNames: Readonly<Record<string, readonly string[]>>;
  readonly modelValues: readonly string[];
}

const bytesMax = 256 << 20;
const next = 'Give a trace in ITF, in NDJSON, or as TLC’s simulation writes it.';

export function readTraceFiles(paths: readonly string[], o: TraceFilesOptions): TraceFile[] {
  return paths.map((given) => readTraceFile(given, o));
}

function simulated(bytes: Buffer, { values, variables }: TraceFilesOptions, given: string): Trace {
  try {
    return new SimulationReader({ values, variables }).read(bytes);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const { code, message } = error;
    throw new GraphError(code, `${given} is no trace: ${message}`, next);
  }
}

function readTraceFile(given: string, o: TraceFilesOptions): TraceFile {
  const path = requireFile(resolve(o.from, given), 'trace', next);
  const { size } = statSync(path);
  if (size === 0) throw new GraphError('no-states', `${given} is empty: it holds no trace`, next);
  if (size > bytesMax) {
    const what = `${given} has ${size} bytes, more than a trace may have (${bytesMax})`;
    throw new UsageError('too-large', what, next);
  }
  const bytes = readFileSync(path);
  const { values, variables, parameterNames, modelValues } = o;
  const named = { file: given, values, variables, parameterNames, modelValues };
  const head = bytes.toString('utf8', 0, 4096).trimStart();
  if (!head.startsWith('{')) {
    return { path, trace: simulated(bytes, o, given) };
  }
  const text = bytes.toString('utf8');
  const isLines = /\.(ndjson|jsonl)$/.test(path);
  const trace = isLines ? readNdjsonTrace(text, named) : readItf(text, named);
  const kept = keptFacts(trace.facts);
  return { path, trace, ...(kept !== undefined && { kept }) };
}
