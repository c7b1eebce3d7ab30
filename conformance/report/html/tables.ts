/** The sections that are tables: models, coverage, mutants, single checks, problems. */
import { grouped, seconds } from '../columns.ts';
import type { ReportCase } from '../outcome.ts';
import type { CoverageRow, ModelRow, ReportPage, ShownMutant } from '../reportPage.ts';
import type { Markup } from './markup.ts';
import { markup, shortened } from './markup.ts';
import type { Section } from './section.ts';

const messageMax = 20_000;
/** Those after it show their first line until they are opened. */
const problemsOpen = 1;

/** A word of a verdict with its colour; words that are not known stay grey. */
export function badge(verdict: string): Markup {
  return markup`<span class="badge ${tone(verdict)}">${verdict}</span>`;
}

function tone(verdict: string): string {
  const [word = ''] = verdict.split(/[ ,(]/);
  if (['ok', 'passed', 'killed', 'conforms', 'linearizable'].includes(word)) return 'good';
  if (['violation', 'failed', 'survived', 'error', 'rejected'].includes(word)) return 'bad';
  return ['unknown', 'interrupted', 'inconclusive'].includes(word) ? 'warn' : 'dull';
}

function table(head: readonly string[], rows: readonly Markup[], name = ''): Markup {
  const cells = head.map((text) => markup`<th scope="col">${text}</th>`);
  return markup`<div class="scroll"><table class="${name}"><thead><tr>${cells}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

const numberOrNothing = (value: number): string => (value === 0 ? '–' : grouped(value));

export function modelSection(models: readonly ModelRow[]): Section {
  const head = ['Model', 'Verdict', 'States', 'Depth', 'Edges', 'Replayed', 'Seconds'];
  const pieces = models.map(
    (row) => markup`<tr><th scope="row">${row.name}</th><td>${badge(row.verdict)}</td>
<td class="n">${numberOrNothing(row.distinct)}</td><td class="n">${numberOrNothing(row.depth)}</td>
<td class="n">${numberOrNothing(row.edges)}</td><td class="n">${numberOrNothing(row.replayed)}</td>
<td class="n">${seconds(row.seconds)}</td></tr>
`,
  );
  const frame = (rows: readonly Markup[]): Markup => table(head, rows, 'models');
  return { id: 'models', title: 'Models', count: models.length, pieces, frame, unit: 'models' };
}

/** A share as a bar; the number beside it says the same. */
export function bar(part: number, whole: number): Markup {
  const share = whole === 0 ? 0 : Math.min(1, part / whole);
  const tone = part < whole ? 'part' : 'full';
  return markup`<svg class="bar ${tone}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" width="100" height="6"/><rect class="share" width="${(100 * share).toFixed(2)}" height="6"/></svg>`;
}

export function coverageSection(rows: readonly CoverageRow[]): Section {
  const byGroup = new Map<string, CoverageRow[]>();
  for (const row of rows) byGroup.set(row.group, [...(byGroup.get(row.group) ?? []), row]);
  const pieces = [...byGroup].map(([group, list]) => {
    const reached = list.filter((row) => row.reached > 0).length;
    const lines = list.map(coverageRow);
    return markup`<div class="group"><h3>${group} <span class="muted">${reached} of ${list.length} actions reached</span></h3>
${table(['Action', 'Reached', 'Edges', 'Share'], lines, 'coverage')}</div>
`;
  });
  const frame = (parts: readonly Markup[]): Markup => markup`<div class="groups">${parts}</div>`;
  const count = rows.length;
  return { id: 'coverage', title: 'Coverage', count, pieces, frame, unit: 'groups' };
}

function coverageRow({ action, edges, reached }: CoverageRow): Markup {
  const never = reached === 0 ? markup` <span class="badge bad">never reached</span>` : undefined;
  return markup`<tr><th scope="row" class="code">${action}${never}</th><td class="n">${grouped(reached)}</td>
<td class="n">${grouped(edges)}</td><td class="wide">${bar(reached, edges)}</td></tr>
`;
}

export function mutantSection(mutants: readonly ShownMutant[]): Section {
  const head = ['Mutant', 'Verdict', 'What it does', 'Caught by', 'Why'];
  const worst = ['survived', 'error', 'equivalent', 'killed'];
  const sorted = [...mutants].sort((a, b) => worst.indexOf(a.verdict) - worst.indexOf(b.verdict));
  const pieces = sorted.map(
    (
      row,
    ) => markup`<tr data-verdict="${row.verdict}"><th scope="row">${row.id}</th><td>${badge(row.verdict)}</td>
<td>${shortened(row.what, 400)}<span class="path">${row.file}</span></td><td>${row.by}</td><td class="why">${shortened(row.reason, 600)}</td></tr>
`,
  );
  const kinds = worst.flatMap((verdict) => {
    const count = mutants.filter((one) => one.verdict === verdict).length;
    if (count === 0) return [];
    return [markup`<button type="button" data-filter="${verdict}">${verdict} ${count}</button>`];
  });
  const killed = mutants.filter(({ verdict }) => verdict === 'killed').length;
  const frame = (
    rows: readonly Markup[],
  ): Markup => markup`<div class="filters" role="group" aria-label="Filter mutants"><button type="button" data-filter="" aria-pressed="true">all ${mutants.length}</button>${kinds}
<input type="search" placeholder="Find" aria-label="Find mutants by text"></div>
<p class="score">${bar(killed, mutants.length)}<span>${killed} of ${mutants.length} killed</span></p>
${table(head, rows, 'mutants')}`;
  const count = mutants.length;
  return { id: 'mutants', title: 'Mutants', count, pieces, frame, unit: 'mutants' };
}

export function problemSection(problems: NonNullable<ReportPage['problems']>): Section {
  const pieces = problems.map((text, at) => {
    const [first = '', ...rest] = shortened(text, messageMax).split('\n');
    const open = at < problemsOpen ? markup` open` : undefined;
    return rest.length === 0
      ? markup`<li><p class="first">${first}</p></li>
`
      : markup`<li><details${open}><summary class="first">${first}</summary><pre>${rest.join('\n')}</pre></details></li>
`;
  });
  const frame = (list: readonly Markup[]): Markup => markup`<ol class="problems">${list}</ol>`;
  const count = problems.length;
  return { id: 'problems', title: 'Problems', count, pieces, frame, unit: 'problems' };
}

export function caseSection(cases: readonly ReportCase[]): Section {
  const order = ['failed', 'error', 'skipped', 'passed'];
  const sorted = [...together(cases)].sort(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
  );
  const pieces = sorted.map((one) => {
    const { group, name, verdict, message, details, seconds: time } = one;
    const more =
      details === undefined
        ? undefined
        : markup`<details><summary>Details</summary><pre>${shortened(details, messageMax)}</pre></details>`;
    return markup`<tr><td>${badge(verdict)}</td><td>${group}</td><th scope="row">${name}</th>
<td>${shortened(message ?? '', 600)}${more}</td><td class="n">${time === undefined ? '' : seconds(time)}</td></tr>
`;
  });
  const head = ['Verdict', 'Of', 'Check', 'Message', 'Seconds'];
  const frame = (rows: readonly Markup[]): Markup => table(head, rows, 'cases');
  return { id: 'checks', title: 'Checks', count: cases.length, pieces, frame, unit: 'checks' };
}

const togetherMin = 4;

/** What is skipped for one reason is one row: a hundred models not chosen bury the few that were. */
function together(cases: readonly ReportCase[]): ReportCase[] {
  const byReason = new Map<string, ReportCase[]>();
  const skipped = cases.filter(({ verdict }) => verdict === 'skipped');
  for (const one of skipped) {
    const reason = one.message ?? '';
    byReason.set(reason, [...(byReason.get(reason) ?? []), one]);
  }
  const rows = [...byReason].flatMap(([message, list]): ReportCase[] => {
    if (list.length < togetherMin) return list;
    const details = list.map(({ name }) => name).join('\n');
    const name = `${grouped(list.length)} checks`;
    return [{ group: 'skipped', name, verdict: 'skipped', message, details }];
  });
  return [...cases.filter(({ verdict }) => verdict !== 'skipped'), ...rows];
}
