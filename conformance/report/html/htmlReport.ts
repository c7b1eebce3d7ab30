/**
 * The report as one HTML file that needs nothing else: no request leaves it, which its policy
 * enforces. What must hold: everything is escaped, and beyond its size whole pieces are left out,
 * the most telling last, with a note of how many.
 */
import { createHash } from 'node:crypto';
import type { Outcome } from '../outcome.ts';
import type { ReportPage } from '../reportPage.ts';
import { behaviourSection } from './behaviourSection.ts';
import { graphSection } from './graphSection.ts';
import { historySection } from './historySection.ts';
import { Markup, markup, none, shortened } from './markup.ts';
import { pageScript } from './pageScript.ts';
import { pageStyle } from './pageStyle.ts';
import type { Section } from './section.ts';
import { fitting } from './section.ts';
import {
  badge,
  caseSection,
  coverageSection,
  modelSection,
  mutantSection,
  problemSection,
} from './tables.ts';

export const reportBytesMax = 8_000_000;

/** Whoever is cut first comes last here; the page shows them in the order of `shownOrder`. */
const takenOrder = [
  'problems',
  'counterexamples',
  'models',
  'coverage',
  'checks',
  'mutants',
  'histories',
  'graph',
];
const shownOrder = [
  'problems',
  'models',
  'counterexamples',
  'graph',
  'coverage',
  'histories',
  'mutants',
  'checks',
];

export async function htmlReport(outcome: Outcome, bytesMax = reportBytesMax): Promise<string> {
  const page = outcome.page ?? bare(outcome);
  const sections = await sectionsOf(page, outcome);
  sections.sort((a, b) => takenOrder.indexOf(a.id) - takenOrder.indexOf(b.id));
  const shell = document(page, [], []);
  let left = bytesMax - shell.bytes - 1_000 * sections.length;
  const html = new Map<string, Markup>();
  for (const section of sections) {
    const fitted = fitting(section, left);
    left -= fitted.bytes;
    html.set(section.id, fitted.html);
  }
  sections.sort((a, b) => shownOrder.indexOf(a.id) - shownOrder.indexOf(b.id));
  const bodies = sections.map(({ id }) => html.get(id) ?? none);
  return document(page, sections, bodies).text;
}

/** A verb that fills no sections still has its cases. */
function bare({ report, cases }: Outcome): ReportPage {
  const verb = report.schema.split('.')[1] ?? '';
  const facts = [['Checks', String(cases.length)]] as const;
  return { title: `bisim ${verb}`, verdict: report.verdict, facts };
}

async function sectionsOf(page: ReportPage, { cases }: Outcome): Promise<Section[]> {
  const { models, graphs, coverage, counterexamples, histories, mutants, problems } = page;
  const some = <T>(list: readonly T[] | undefined, make: (list: readonly T[]) => Section) =>
    list === undefined || list.length === 0 ? [] : [make(list)];
  return [
    ...some(problems, problemSection),
    ...some(models, modelSection),
    ...some(counterexamples, behaviourSection),
    ...(graphs === undefined || graphs.length === 0 ? [] : [await graphSection(graphs)]),
    ...some(coverage, coverageSection),
    ...some(histories, historySection),
    ...some(mutants, mutantSection),
    ...some(cases, caseSection),
  ];
}

/** Allows what stands in the page itself, and no other thing whatever. */
function policy(): string {
  const hash = createHash('sha256').update(pageScript).digest('base64');
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function document(
  { title, verdict, facts }: ReportPage,
  sections: readonly Section[],
  bodies: readonly Markup[],
): Markup {
  const links = sections.map(
    ({ id, title: name, count }) =>
      markup`<li><a href="#${id}">${name} <span class="count">${count}</span></a></li>`,
  );
  const shown = facts.map(
    ([label, value]) => markup`<div><dt>${label}</dt><dd>${shortened(value, 400)}</dd></div>`,
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}: ${verdict}</title>
<style>${Markup.trusted(pageStyle)}</style>
</head>
<body>
<header><div><div class="head"><h1>${title}</h1>${badge(verdict)}</div>
<dl class="facts">${shown}</dl></div></header>
<nav aria-label="Sections"><ul>${links}</ul></nav>
<main>
${bodies}</main>
<footer>Made by bisim. This file is complete in itself and loads nothing.</footer>
<script>${Markup.trusted(pageScript)}</script>
</body>
</html>
`;
}
