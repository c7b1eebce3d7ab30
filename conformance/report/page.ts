/**
 * The one page that `bisim verify` prints: models, edges, behaviours, histories, mutants,
 * what was skipped and why, and every failure in full.
 */
import { columns, grouped, seconds } from './columns.ts';
import type { MutantReport, VerifyReport } from './verifyReport.ts';

const shownMax = 8;

export function verifyPage(report: VerifyReport): string {
  const parts = [
    heading(report),
    modelTable(report),
    totals(report).join('\n'),
    skippedList(report),
    problemList(report),
    closing(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function heading({ environment, seed }: VerifyReport): string {
  const java = environment.java === null ? 'no Java' : `Java ${environment.java}`;
  const tlc = environment.tlc === null ? 'no TLC' : `TLC ${environment.tlc}`;
  return `bisim verify: ${tlc}, ${java}, Node ${environment.node}, seed ${seed}`;
}

function modelTable({ models }: VerifyReport): string {
  const rows = [['model', 'states', 'depth', 'TLC s', 'edges', 'replayed', 'histories', 'verdict']];
  for (const model of models) {
    const graph = model.edges === 0 ? ['', ''] : [grouped(model.edges), grouped(model.replayed)];
    rows.push([
      model.name,
      model.distinct === 0 ? '' : grouped(model.distinct),
      model.depth === 0 ? '' : grouped(model.depth),
      model.source === 'tlc' ? seconds(model.seconds) : '',
      ...graph,
      model.histories === 0 ? '' : grouped(model.histories),
      verdictText(model),
    ]);
  }
  return ['Models', ...columns(rows, { right: [1, 2, 3, 4, 5, 6] })].join('\n');
}

// A recorded graph that replays is no model that was checked, and is not called so.
function verdictText(model: VerifyReport['models'][number]): string {
  const recorded = model.source === 'recording';
  const word = recorded && model.verdict === 'ok' ? 'replayed, not checked' : model.verdict;
  const notes = [recorded ? 'recorded graph' : '', model.cached ? 'cached' : ''];
  const shown = notes.filter((note) => note !== '').join(', ');
  return shown === '' ? word : `${word} (${shown})`;
}

function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const value = (100 * part) / whole;
  return part < whole ? `${Math.min(value, 99.99).toFixed(2)} %` : '100 %';
}

function totals(report: VerifyReport): string[] {
  const { edges, edgesTotal, mutants, knownBad } = report;
  const share = percent(edges, edgesTotal);
  const rows = [
    [
      'Edges',
      `${grouped(edges)} of ${grouped(edgesTotal)} replayed (${share}), both directions${leastReplayed(report)}`,
    ],
    ['Behaviours', `${grouped(report.behaviours)} run on the code`],
    ['Histories', `${grouped(report.histories)} checked for linearizability`],
    [
      'Mutants',
      `${mutants.killed} of ${mutants.total} killed (${kinds(mutants.list)})${cachedNote(mutants.list)}`,
    ],
    ['Known bad', `${knownBad.rejected} of ${knownBad.total} cases rejected`],
  ];
  return columns(rows, { indent: '' });
}

// Of all actions, the one whose edges are fewest: the weakest evidence on the page.
function leastReplayed({ models }: VerifyReport): string {
  const sums = new Map<string, number>();
  for (const { room, actions } of models) {
    for (const { action, replayed } of actions) {
      const key = `${action} (${room})`;
      sums.set(key, (sums.get(key) ?? 0) + replayed);
    }
  }
  const [least] = [...sums].sort(([, a], [, b]) => a - b);
  return least === undefined ? '' : `; least: ${least[0]} ${grouped(least[1])}`;
}

function kinds(list: readonly MutantReport[]): string {
  const of = (kind: string, some: readonly MutantReport[]): string =>
    `${kind} ${some.filter(({ verdict }) => verdict === 'killed').length} of ${some.length}`;
  return [
    of(
      'spec',
      list.filter(({ file }) => file.endsWith('.tla')),
    ),
    of(
      'code',
      list.filter(({ file }) => !file.endsWith('.tla')),
    ),
  ].join(', ');
}

function cachedNote(list: readonly MutantReport[]): string {
  const cached = list.filter((one) => one.cached).length;
  return cached === 0 ? '' : `, ${cached} cached`;
}

// What is skipped for one reason stands together; a long list is cut, the JSON has it all.
function skippedList({ skipped }: VerifyReport): string {
  if (skipped.length === 0) return 'Skipped     nothing';
  const byReason = new Map<string, string[]>();
  for (const { what, reason } of skipped) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
  }
  const lines = [...byReason].map(([reason, list]) => {
    const more = list.length > shownMax ? ` and ${list.length - shownMax} more` : '';
    return `  ${list.slice(0, shownMax).join(', ')}${more}: ${reason}`;
  });
  return ['Skipped', ...lines].join('\n');
}

function problemList({ problems }: VerifyReport): string {
  if (problems.length === 0) return '';
  return ['Problems', ...problems.map((text) => `- ${text.replaceAll('\n', '\n  ')}`)].join('\n');
}

function closing(report: VerifyReport): string {
  const words = {
    ok: 'conforms',
    violation: 'VIOLATION',
    error: 'ERROR',
    unknown: 'INCONCLUSIVE',
    interrupted: 'INTERRUPTED',
  };
  const cached = report.cached ? ', all from the cache' : '';
  return `${words[report.verdict]} in ${seconds(report.seconds)} s${cached} (exit ${report.exitCode})`;
}
