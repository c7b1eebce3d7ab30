/**
 * The table of a grid as Markdown: one row for each kind, number of operations and of keys, over
 * clients, unknown outcomes and bugs. Times are summed over what both decide; what Porcupine
 * leaves undecided is counted apart, as its time says only how long it tried.
 */
export interface Measure {
  readonly file: string;
  readonly verdict: string;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly operations: number;
}

export interface Pair {
  readonly name: string;
  readonly ours: Measure;
  readonly theirs?: Measure;
}

/** Below this, warm, a ratio says more of the clock than of the checkers. */
const worthComparingMs = 5;

const head = [
  ['set', 'undecided by us', 'by Porcupine', 'ours, ms', 'Porcupine, ms', 'ratio'],
  ['lowest ratio', 'slowest of ours, ms', 'peak MB, ours', 'Porcupine'],
].flat();

export function summaryTable(pairs: readonly Pair[]): string {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const name = groupOf(pair.name);
    groups.set(name, [...(groups.get(name) ?? []), pair]);
  }
  const rows = [...groups].map(([name, all]) => rowOf(name, all));
  const ruler = head.map((_, at) => (at === 0 ? '---' : '---:'));
  return [head, ruler, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** unique-c50-n1000-k100-i5-stale: without clients and faults. */
function groupOf(name: string): string {
  const found = /^(\w+)-c\d+-n(\d+)-k(\d+)-/.exec(name);
  if (found === null) return name;
  const [, kind, operations, keys] = found;
  return `${kind}, ${Number(operations) / 1000} k, ${keys} ${keys === '1' ? 'key' : 'keys'}`;
}

function rowOf(name: string, all: readonly Pair[]): string[] {
  const theirs = all.flatMap((pair) => (pair.theirs === undefined ? [] : [pair.theirs]));
  const both = all.filter(({ ours, theirs: other }) => decided(ours) && decided(other));
  const mine = sum(both.map(({ ours }) => ours.cpuMs));
  const other = sum(both.map((pair) => pair.theirs?.cpuMs ?? 0));
  const comparable = both.filter((pair) => (pair.theirs?.cpuMs ?? 0) >= worthComparingMs);
  const lowest = Math.min(...comparable.map((p) => (p.theirs?.cpuMs ?? 0) / p.ours.cpuMs));
  const none = '–';
  const [spent, took] = both.length === 0 ? [none, none] : [shown(mine), shown(other)];
  const slowest = Math.max(...all.map(({ ours }) => ours.cpuMs));
  return [
    `${name} (${all.length})`,
    ...[String(undecided(all.map(({ ours }) => ours))), String(undecided(theirs)), spent, took],
    both.length === 0 ? none : shown(other / mine),
    comparable.length === 0 ? none : shown(lowest),
    ...[shown(slowest), peak(all.map(({ ours }) => ours)), peak(theirs)],
  ];
}

function decided(measure: Measure | undefined): boolean {
  return measure !== undefined && measure.verdict !== 'unknown';
}

function undecided(all: readonly Measure[]): number {
  return all.filter((measure) => !decided(measure)).length;
}

function sum(all: readonly number[]): number {
  return all.reduce((total, each) => total + each, 0);
}

function peak(all: readonly Measure[]): string {
  return all.length === 0 ? '–' : Math.max(...all.map(({ peakMb }) => peakMb)).toFixed(0);
}

function shown(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
