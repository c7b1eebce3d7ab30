/**
 * What `bisim linearize` does: history files in, for each a verdict; the worst one decides the
 * exit code. Nothing is printed here: the caller gets text and JSON.
 */
import { checkHistory } from './checkHistory.ts';
import { consistencyNamed } from './consistency.ts';
import { readHistoryFile } from './historyFile.ts';
import { describing, operationText } from './explain.ts';
import type { HistoryResult, HistoryVerdict } from './linearizability.ts';
import type { Model } from './model.ts';
import type { TimelineOptions } from './timeline.ts';
import { FAIL, operationsOf } from './columns.ts';
import type { Columns } from './columns.ts';
import { modelNamed, modelNames } from './models.ts';
import { HistoryError } from './operation.ts';
import { prefixLines } from './prefixLines.ts';
import type { Operation } from './operation.ts';

export interface LinearizeOptions {
  /** A built-in model's name, or a model of one's own. */
  readonly model: string | Model;
  /** What the history is held to, by its name; linearizable by default. */
  readonly consistency?: string;
  /** What a file is called in errors; its path by default. */
  readonly name?: string;
  /** Wall time for each file. */
  readonly limitMs?: number;
  readonly maxMemoryBytes?: number;
  readonly recover?: boolean;
  readonly signal?: AbortSignal;
  /** Draws a timeline of each file. */
  readonly timeline?: Omit<TimelineOptions, 'title'>;
}

export interface FileResult extends HistoryResult {
  readonly file: string;
  readonly seconds: number;
  /** One HTML file, where it was asked for. */
  readonly timeline?: string;
}

export interface LinearizeResult {
  /** violation where any file violates, else unknown where any is undecided. */
  readonly verdict: HistoryVerdict;
  readonly operations: number;
  readonly seconds: number;
  readonly reason?: string;
  readonly operationsInvolved?: readonly Operation[];
  readonly files: readonly FileResult[];
}

/** 0 ok, 1 violation, 4 unknown; bad input is a HistoryError, which the command turns into 2. */
export function exitCodeOf(verdict: HistoryVerdict): 0 | 1 | 4 {
  return verdict === 'ok' ? 0 : verdict === 'violation' ? 1 : 4;
}

export async function linearizeFiles(
  paths: readonly string[],
  options: LinearizeOptions,
): Promise<LinearizeResult> {
  if (paths.length === 0) throw new HistoryError('no history file is given');
  const files: FileResult[] = [];
  for (const file of paths) files.push(await linearizeFile(file, options));
  return together(files);
}

/** One file, read to its end and then checked. */
export async function linearizeFile(file: string, options: LinearizeOptions): Promise<FileResult> {
  const begin = performance.now();
  const consistency = consistencyNamed(options.consistency ?? 'linearizable');
  const model = consistency.kind === 'transactions' ? await transactions() : chosen(options.model);
  const { recover = false, name = file } = options;
  const columns = await readHistoryFile(file, { model, recover, name });
  if (columns.count === 0) throw new HistoryError(`${name}: the history has no operation`);
  if (columns.status.subarray(0, columns.count).every((status) => status === FAIL)) {
    throw new HistoryError(`${name}: every operation failed, so there is nothing to check`);
  }
  const { limitMs, maxMemoryBytes, signal } = options;
  const result = await checkHistory(columns, model, consistency, {
    ...(limitMs === undefined ? {} : { limitMs }),
    ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
    ...(signal === undefined ? {} : { signal }),
  });
  const notes = [...tornNote(columns), ...(result.notes ?? [])];
  const seconds = (performance.now() - begin) / 1000;
  const checked = { file, ...result, ...(notes.length === 0 ? {} : { notes }), seconds };
  if (options.timeline === undefined) return checked;
  const { timelineHtml } = await import('./timeline.ts');
  const history = operationsOf(columns);
  return {
    ...checked,
    timeline: timelineHtml(history, result, {
      ...options.timeline,
      title: name,
      describe: describing(model),
    }),
  };
}

function tornNote({ torn }: Columns): string[] {
  if (torn === undefined) return [];
  return [`line ${torn} is cut off and left out; what was open there is of unknown outcome`];
}

async function transactions(): Promise<Model> {
  const { transactionModel } = await import('./transactionModel.ts');
  return transactionModel;
}

/** The worst verdict of several files, and its reason. */
export function together(files: readonly FileResult[]): LinearizeResult {
  const worst = (wanted: HistoryVerdict): FileResult | undefined =>
    files.find(({ verdict }) => verdict === wanted);
  const first = worst('violation') ?? worst('unknown');
  const { reason, operationsInvolved } = first ?? {};
  return {
    verdict: first?.verdict ?? 'ok',
    operations: files.reduce((sum, each) => sum + each.operations, 0),
    seconds: files.reduce((sum, each) => sum + each.seconds, 0),
    ...(reason === undefined ? {} : { reason }),
    ...(operationsInvolved === undefined ? {} : { operationsInvolved }),
    files,
  };
}

function chosen(model: string | Model): Model {
  if (typeof model !== 'string') return model;
  const found = modelNamed(model);
  if (found !== undefined) return found;
  throw new HistoryError(`no model "${model}"; there are ${modelNames.join(', ')}`);
}

/** The report on one file, for people. */
export function linearizeText(result: FileResult): string {
  const { file, verdict, operations, seconds, reason, longestPrefix } = result;
  const lines = [`${file}: ${verdict} (${operations} operations, ${seconds.toFixed(3)} s)`];
  if (reason !== undefined) lines.push(`  ${reason}`);
  for (const note of result.notes ?? []) lines.push(`  ${note}`);
  const texts = result.told ?? (result.operationsInvolved ?? []).map(operationText);
  for (const text of texts) lines.push(`    ${text}`);
  if (longestPrefix !== undefined)
    lines.push(...prefixLines(longestPrefix).map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}
