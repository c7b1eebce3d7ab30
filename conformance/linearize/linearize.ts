/**
 * `bisim linearize`: history files in, one outcome out. What must hold: the worst file decides
 * the exit code, unknown is never a pass, and what cannot be read whole gives no verdict.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { consistencyNamed } from '../history/consistency.ts';
import { exitCodeOf, linearizeText, together } from '../history/linearizeFiles.ts';
import type { FileResult } from '../history/linearizeFiles.ts';
import { HistoryError } from '../history/operation.ts';
import type { Outcome, ReportCase } from '../report/outcome.ts';
import { UsageError } from '../sources/usageError.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import { checkFiles } from './checkFiles.ts';
import { durationMs } from './duration.ts';
import { repeatCommand } from './repeat.ts';

export interface LinearizeRequest {
  readonly files: readonly string[];
  readonly model: string;
  readonly consistency: string;
  readonly limit?: string;
  readonly recover: boolean;
  /** Where the timeline of the first file that is not ok is written, or of the first one. */
  readonly html?: string;
  /** Some reporter shows timelines. */
  readonly drawn?: boolean;
  /** Spans to mark in timelines. */
  readonly faults?: string;
  /** Threads for several files; as many as there are cores by default. */
  readonly workers?: number;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export async function linearize(request: LinearizeRequest): Promise<Outcome> {
  const { files, model, consistency, recover, limit } = request;
  if (files.length === 0) {
    throw new UsageError('no-file', 'no history is named', 'bisim linearize history.jsonl');
  }
  const repeat = (named: readonly string[]): string =>
    repeatCommand({ files: named, model, consistency, recover, ...(limit && { limit }) });
  const timed = limit === undefined ? {} : { limitMs: durationMs(limit) };
  const asked = asUsage(() => consistencyNamed(consistency));
  const isDrawn = request.html !== undefined || request.drawn === true;
  const drawn = isDrawn ? { timeline: { bands: await bands(request) } } : {};
  const results = await failing(() =>
    checkFiles({ ...request, ...timed, ...drawn, consistency: asked, named: consistency, repeat }),
  );
  const all = together(results);
  if (request.html !== undefined) write(resolve(request.cwd, request.html), results);
  const exitCode = exitCodeOf(all.verdict);
  const common = { schema: 'bisim.linearize.1', exitCode, model, consistency } as const;
  const { files: each, ...summary } = all;
  const shown = each.map(({ timeline: _timeline, ...rest }) => rest);
  const again = repeat(files);
  const report = { ...common, ...summary, files: shown, repeat: again };
  return {
    exitCode,
    report,
    text: textOf(results, exitCode === 0 ? undefined : again),
    cases: results.map((result) => caseOf(result, repeat([result.file]))),
    page: {
      title: 'bisim linearize',
      verdict: all.verdict,
      facts: [
        ['consistency', consistency],
        ['model', model],
        ['operations', String(all.operations)],
      ],
      histories: results.map(({ file, verdict, reason, timeline = '' }) => {
        return { title: file, verdict, timeline, ...(reason === undefined ? {} : { reason }) };
      }),
    },
  };
}

async function bands({ faults, cwd }: LinearizeRequest) {
  if (faults === undefined) return [];
  const { readBands } = await import('./bands.ts');
  return readBands(resolve(cwd, faults));
}

function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw usage(cause);
  }
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw usage(cause);
  }
}

/** A history that cannot be read is the user's to correct. */
function usage(cause: unknown): unknown {
  if (!(cause instanceof HistoryError)) return cause;
  const next = 'Correct the file or the command; nothing was decided.';
  return new UsageError('bad-history', cause.message, next, cause);
}

function write(path: string, results: readonly FileResult[]): void {
  const shown = results.find(({ verdict }) => verdict !== 'ok') ?? results[0];
  try {
    writeFileSync(path, shown?.timeline ?? '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const next = 'Name a file in a folder that can be written, on a disk with space.';
    throw new EnvironmentError('disk', `cannot write ${path}: ${reason}`, next, cause);
  }
}

function textOf(results: readonly FileResult[], repeat: string | undefined): string {
  const text = results.map(linearizeText).join('');
  return repeat === undefined ? text : `${text}To repeat: ${repeat}\n`;
}

function caseOf(result: FileResult, repeat: string): ReportCase {
  const { file, verdict, seconds, reason } = result;
  const passed = verdict === 'ok' ? 'passed' : verdict === 'violation' ? 'failed' : 'error';
  const details = `${linearizeText(result)}To repeat: ${repeat}\n`;
  const told = reason === undefined ? {} : { message: reason, details, file };
  return { group: 'linearize', name: file, verdict: passed, seconds, ...told };
}
