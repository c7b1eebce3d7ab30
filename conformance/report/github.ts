/**
 * An outcome for GitHub Actions: workflow commands, which it shows beside the lines of a change,
 * and a page for the summary of the job. What must hold: no text of a spec, a history or an error
 * can end a command, begin another, or leave its place in the summary.
 */
import type { Outcome, ReportCase } from './outcome.ts';

/** One command a line; a case without a file is shown with the job. */
export function githubAnnotations({ cases }: Outcome): string {
  const failed = cases.filter(isFailure).map(annotation);
  const skipped = cases.filter(({ verdict }) => verdict === 'skipped');
  if (skipped.length > 0) {
    const list = skipped.slice(0, skippedMax).map(({ name, message }) => `${name}: ${message}`);
    const more = skipped.length > skippedMax ? [`and ${skipped.length - skippedMax} more`] : [];
    const text = [`${skipped.length} skipped`, ...list, ...more].join('\n');
    failed.push(`::notice title=bisim::${data(text)}`);
  }
  return failed.map((line) => `${line}\n`).join('');
}

const skippedMax = 10;
const annotationMax = 4_000;
const detailsMax = 20;
/** The runner refuses a summary beyond 1 MiB, and shows nothing of it. */
const detailsLengthMax = 20_000;

function isFailure({ verdict }: ReportCase): boolean {
  return verdict === 'failed' || verdict === 'error';
}

function annotation({ group, name, message = '', details, file, line }: ReportCase): string {
  const title = group === name ? name : `${group}: ${name}`;
  const place = file === undefined ? [] : [`file=${property(file)}`];
  if (file !== undefined && line !== undefined) place.push(`line=${line}`);
  const text = shortened(withDetails(message, details));
  return `::error ${[...place, `title=${property(title)}`].join(',')}::${data(text || title)}`;
}

/** Details mostly begin with the message, which is then not said twice. */
function withDetails(message: string, details = ''): string {
  if (details.startsWith(message)) return details;
  return [message, details].filter((part) => part !== '').join('\n');
}

function shortened(text: string): string {
  if (text.length <= annotationMax) return text;
  return `${text.slice(0, annotationMax)}\n… the report has it in full`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Markdown for $GITHUB_STEP_SUMMARY. */
export function githubSummary({ report, cases, page }: Outcome): string {
  const count = (wanted: ReportCase['verdict']): number =>
    cases.filter(({ verdict }) => verdict === wanted).length;
  const failed = cases.filter(isFailure);
  const verb = report.schema.split('.')[1] ?? '';
  const lines = [
    `### ${plain(page?.title ?? `bisim ${verb}`)}: ${plain(report.verdict)}`,
    '',
    `${count('passed')} passed, ${failed.length} failed, ${count('skipped')} skipped`,
    ...factTable(page?.facts ?? []),
    ...failed.slice(0, detailsMax).flatMap(failureLines),
  ];
  if (failed.length > detailsMax) lines.push('', `… and ${failed.length - detailsMax} more`);
  return `${lines.join('\n')}\n`;
}

function factTable(facts: readonly (readonly [string, string])[]): string[] {
  if (facts.length === 0) return [];
  const rows = facts.map(([label, value]) => `| ${plain(label)} | ${plain(value)} |`);
  return ['', '| | |', '| --- | --- |', ...rows];
}

function failureLines({ group, name, message = '', details = '' }: ReportCase): string[] {
  const body = details.slice(0, detailsLengthMax);
  const cut = details.length > body.length ? ['(cut: the report has it in full)'] : [];
  const title = plain(group === name ? name : `${group}: ${name}`);
  const text = body === '' ? [] : fenced(body);
  return ['', `#### ${title}`, '', plain(message), ...(text.length ? ['', ...text] : []), ...cut];
}

// A fence ends at a line of as many backticks: this one is longer than any within.
function fenced(text: string): string[] {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3));
  return [fence, text, fence];
}

// Each character that Markdown or HTML could read as its own stands as a reference.
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,;/()%='-]/gu, (c) =>
    /\s/.test(c) ? ' ' : `&#${c.codePointAt(0)};`,
  );
}
