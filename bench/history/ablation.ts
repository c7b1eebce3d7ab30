/** What each idea of the engine is worth: the CPU time of the check with that idea turned off. */
import { allOn } from '../../conformance/history/switches.ts';
import { ourRun } from './checkers.ts';
import type { Limits } from './checkers.ts';
import type { Measure } from './summary.ts';

export interface AblationColumn {
  readonly name: string;
  readonly files: readonly string[];
}

/** The lines of a Markdown table, each as soon as it is measured; milliseconds of CPU. */
export function* ablationTable(
  columns: readonly AblationColumn[],
  limits: Limits,
): Iterable<string> {
  yield `| turned off | ${columns.map(({ name }) => name).join(' | ')} |`;
  yield `| --- | ${columns.map(() => '---:').join(' | ')} |`;
  const files = columns.flatMap((column) => column.files);
  for (const off of ['nothing', ...Object.keys(allOn)]) {
    const switches = off === 'nothing' ? {} : { [off]: false };
    const all = new Map(ourRun(files, 'null', limits, switches).map((one) => [one.file, one]));
    const cells = columns.map((column) => {
      return cell(column.files.map((file) => all.get(file) as Measure));
    });
    yield `| ${off} | ${cells.join(' | ')} |`;
  }
}

/** The sum over the files, or how many of them stay undecided. */
function cell(all: readonly Measure[]): string {
  const open = all.filter(({ verdict }) => verdict === 'unknown').length;
  const spent = all.reduce((total, { cpuMs }) => total + cpuMs, 0);
  if (open === 0) return spent < 10 ? spent.toFixed(1) : spent.toFixed(0);
  return all.length === 1 ? 'undecided' : `${open} undecided`;
}
