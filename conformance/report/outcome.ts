/**
 * What a verb came to, for every reporter: the JSON object, the text, the single cases that
 * JUnit and GitHub annotations list, and the sections of the HTML page.
 */
import type { ReportPage } from './reportPage.ts';

export type ReportVerdict = 'ok' | 'violation' | 'error' | 'unknown' | 'skipped' | 'interrupted';

/** One thing that was checked: a model, a tour, a trace, a history, a mutant. */
export interface ReportCase {
  /** What it belongs to: a model, a binding, a file. */
  readonly group: string;
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'error' | 'skipped';
  readonly seconds?: number;
  /** One line. */
  readonly message?: string;
  /** In full, with the command that repeats it. */
  readonly details?: string;
  /** Where in the user's files, for annotations; relative to the current folder. */
  readonly file?: string;
  readonly line?: number;
}

export interface Outcome {
  readonly exitCode: number;
  /** What --json prints; `schema` is "bisim.<verb>.<version>". */
  readonly report: { readonly schema: string; readonly verdict: ReportVerdict };
  /** For people; ends with a newline. */
  readonly text: string;
  readonly cases: readonly ReportCase[];
  /** For the HTML report; the cases alone where it is absent. */
  readonly page?: ReportPage;
}
