/** What each idea of the engine is worth: the CPU time of the check with that idea turned off. */
import { allOn } from '../../conformance/history/switches.ts';
import { ourRun } from './checkers.ts';
import type { Limits } from './checkers.ts';

export interface AblationColumn {
  readonly name: string;
  /** First value of every key, as JSON. */
  readonly init: string;
  readonly files: readonly string[];
}

/** The lines of a Markdown table, each as soon as it is measured; milliseconds of CPU. */
export function* ablationTable(
  columns: readonly AblationColumn[],
  limits: Limits,
): Iterable<string> {
  yield `| turned off | ${columns.map(({ name }) => name).join(' | ')} |`;
  yield `| --- | ${columns.map(() => '---:').join(' | ')} |`;
  for (const off of ['nothing', ...Object.keys(allOn)]) {
    const switches = off === 'nothing' ? {} : { [off]: false };
    const cells = columns.map((column) => cell(column, limits, switches));
    yield `| ${off} | ${cells.join(' | ')} |`;
  }
}

/** The sum over the files, or how many of them stay undecided. */
function cell({ files, init }: AblationColumn, limits: Limits, switches: object): string {
  const all = ourRun(files, init, limits, switches);
  const open = all.filter(({ verdict }) => verdict === 'unknown').length;
  const spent = all.reduce((total, { cpuMs }) => total + cpuMs, 0);
  if (open === 0) return spent < 10 ? spent.toFixed(1) : spent.toFixed(0);
  return files.length === 1 ? `over ${limits.timeout} s` : `${open} undecided`;
}
