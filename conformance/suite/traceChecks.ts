/** Trace files on the code: failures that replay has kept, counterexamples, traces of other tools. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SpecFiles } from '../project/specFiles.ts';
import type { AnyBinding, AnyRunningBinding } from '../replay/bindingModule.ts';
import { fileTraces } from '../replaying/modelTraces.ts';
import { runShare } from '../replaying/runShare.ts';
import type { ShareSettings } from '../replaying/share.ts';
import { UsageError } from '../sources/usageError.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { ConformanceError } from './conformanceError.ts';

export interface TraceCheck {
  readonly binding: AnyBinding | AnyRunningBinding;
  readonly files: SpecFiles;
  /** The test file. */
  readonly from: string;
  readonly timeoutMs: number;
}

const settings: ShareSettings = {
  ...{ mode: 'trace', coverage: 'edge', inRow: 2, seed: 1 },
  ...{ steps: 0, depth: 0, offers: true, maxFailures: 1 },
};
const memoryMb = 1024;

/** The files named, and those in the folders named; a folder without a trace is refused. */
export function traceFilesOf(given: readonly string[], from: string): string[] {
  return given.flatMap((name) => {
    const path = resolve(dirname(from), name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [name];
    const found = readdirSync(path).filter((file) => /\.(itf\.json|ndjson)$/.test(file));
    if (found.length > 0) return found.sort().map((file) => join(name, file));
    const next = 'Name files, or a folder that bisim replay --save has written to.';
    throw new UsageError('no-traces', `${name} holds no trace`, next);
  });
}

export async function checkTraceFile(path: string, o: TraceCheck): Promise<void> {
  const { binding, files, from, timeoutMs } = o;
  const { signal } = new AbortController();
  const cache = cacheFolder('results');
  const given = { from: dirname(from), timeoutMs, memoryMb, seed: settings.seed, cache, signal };
  const { traces, facts, probes } = await fileTraces(files, [path], given);
  const job = {
    path: from,
    transpiled: '',
    settings,
    shard: { index: 0, count: 1 },
    facts,
    traces,
  };
  const tools = { signal, onProgress: () => undefined };
  const answer = await runShare({ ...job, ...(probes && { probes }) }, tools, binding);
  const [failed] = answer.failures;
  if (failed !== undefined) throw new ConformanceError(failed.failure.text);
  if (answer.verdict !== 'ok') throw new ConformanceError(answer.reason ?? 'undecided');
}
