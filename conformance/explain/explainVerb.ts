/** `bisim explain RESULT`: reads a result, and says in words what it came to. */
import { exitCodes } from '../report/exitCodes.ts';
import type { ExplainReport } from '../report/explainReport.ts';
import type { Outcome, ReportVerdict } from '../report/outcome.ts';
import { explanationOf } from './explanations.ts';
import { readResult } from './readResult.ts';

export async function explainVerb(path: string, { cwd }: { cwd: string }): Promise<Outcome> {
  const { verb, report } = await readResult(path, cwd);
  const explained = explanationOf(verb, report);
  const of = verb === 'error' ? String(report.verb) : verb;
  const verdict = report.verdict as ReportVerdict;
  const whole: ExplainReport = { schema: 'bisim.explain.1', of, verdict, ...explained };
  const cases = whole.findings.map(({ title, text, repeat }) => ({
    group: of,
    name: title,
    verdict: verdict === 'violation' ? ('failed' as const) : ('error' as const),
    message: text.split('\n', 1)[0] ?? '',
    details: repeat === null ? text : `${text}\nagain: ${repeat}`,
  }));
  return { exitCode: exitCodes.ok, report: whole, text: textOf(whole), cases };
}

function textOf({ of, summary, findings, next }: ExplainReport): string {
  const parts = findings.map(({ title, text, repeat }) => {
    const head = text.startsWith(title) ? text : `${title}\n${text}`;
    return repeat === null ? head : `${head}\nagain: ${repeat}`;
  });
  const then = next.length === 0 ? [] : [next.map((each) => `next: ${each}`).join('\n')];
  return `${[`${of}: ${summary}`, ...parts, ...then].join('\n\n')}\n`;
}
