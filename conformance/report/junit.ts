/**
 * An outcome as JUnit XML, the form that GitLab, Jenkins and Azure read: a suite a group, a case a
 * check. Written here because of what readers need of it: `failure` and `error` apart, the reason
 * of a skipped case, and no character that XML forbids, whatever a spec or a history holds.
 */
import type { Outcome, ReportCase } from './outcome.ts';

export function junit({ cases }: Outcome): string {
  const groups = new Map<string, ReportCase[]>();
  for (const one of cases) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  const suites = [...groups].flatMap(([group, list]) => [
    `  <testsuite${attributes({ name: group, ...totals(list) })}>`,
    ...list.flatMap(caseLines),
    '  </testsuite>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'bisim', ...totals(cases) })}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function totals(list: readonly ReportCase[]): Record<string, string> {
  const count = (wanted: ReportCase['verdict']): string =>
    String(list.filter(({ verdict }) => verdict === wanted).length);
  const time = list.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  return {
    tests: String(list.length),
    failures: count('failed'),
    errors: count('error'),
    skipped: count('skipped'),
    time: time.toFixed(3),
  };
}

const elements = { failed: 'failure', error: 'error', skipped: 'skipped' } as const;

function caseLines(one: ReportCase): string[] {
  const { group, name, verdict, seconds = 0, message = '', details = '', file, line } = one;
  const opening = `    <testcase${attributes({
    name,
    classname: group,
    time: seconds.toFixed(3),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: String(line) }),
  })}`;
  if (verdict === 'passed') return [`${opening}/>`];
  const element = elements[verdict];
  const said = `      <${element}${attributes(message === '' ? {} : { message })}`;
  const inner = details === '' ? `${said}/>` : `${said}>${escaped(details)}</${element}>`;
  return [`${opening}>`, inner, '    </testcase>'];
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value).replace(/[\t\n\r]/g, numbered)}"`)
    .join('');
}

const numbered = (char: string): string => `&#${char.charCodeAt(0)};`;

// XML 1.0 has no way to write these, not even as a reference.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escaped(text: string): string {
  return text.replace(forbidden, '\ufffd').replace(/[&<>"']/g, numbered);
}
