/**
 * One JVM, many traces: how far each of them got. What must hold: a trace that makes TLC fail (a
 * recorded value of a kind that the spec cannot compare) costs no other trace its verdict.
 */
import { UsageError } from '../sources/usageError.ts';
import type { GeneratedModule } from '../tlc/stage.ts';
import { runTlc, type TlcOptions } from '../tlc/run.ts';
import type { TlcResult } from '../tlc/result.ts';
import { toolsModule } from './tools.ts';

export type TlcLimits = Pick<
  TlcOptions,
  'module' | 'libraryPaths' | 'jar' | 'signal' | 'timeoutMs' | 'memoryMb'
>;

/** TLC's run of a generated module. */
export async function runGenerated(
  o: TlcLimits,
  made: { readonly module: GeneratedModule; readonly cfg: string },
): Promise<TlcResult> {
  return runTlc({
    ...o,
    cfg: made.cfg,
    modules: [toolsModule, made.module],
    root: made.module.name,
    deadlock: false,
    tiny: true,
  });
}

export interface Reached {
  /** By trace: how many events were matched; -1: no initial state fits. */
  readonly matched: readonly number[];
  /** By trace: what TLC said where it failed on it. */
  readonly failures: ReadonlyMap<number, string>;
  /** TLC was ended by a limit or a signal before it was done. */
  readonly cut?: { readonly kind: string; readonly message: string };
  readonly seconds: number;
  readonly jar: string;
  readonly version: string;
}

const reachLine = /^<<"@bisim", (\d+), (\d+)>>$/;

/** Runs the traces with these numbers; `build` writes their module, numbered from 1 in their order. */
export async function reachAll(
  count: number,
  run: (numbers: readonly number[]) => Promise<TlcResult>,
): Promise<Reached> {
  const matched = new Array<number>(count).fill(-1);
  const failures = new Map<number, string>();
  const facts = { seconds: 0, jar: '', version: '' };
  let cut: Reached['cut'];
  const open: (readonly number[])[] = [Array.from({ length: count }, (_, i) => i)];
  for (let numbers = open.pop(); numbers !== undefined; numbers = open.pop()) {
    if (numbers.length === 0) continue;
    const tlc = await run(numbers);
    facts.seconds += tlc.seconds;
    Object.assign(facts, { jar: tlc.jar, version: tlc.version });
    takeReached(tlc.prints, numbers, matched);
    if (tlc.verdict === 'ok') continue;
    if (tlc.verdict === 'unknown') {
      cut = { kind: tlc.kind ?? 'unknown', message: tlc.message ?? 'TLC was ended.' };
      break;
    }
    if (tlc.kind !== 'evaluation' && tlc.kind !== 'assert') throw refused(tlc);
    open.push(...without(tlc, numbers, failures));
  }
  return { matched, failures, ...facts, ...(cut === undefined ? {} : { cut }) };
}

function takeReached(
  prints: readonly string[],
  numbers: readonly number[],
  matched: number[],
): void {
  for (const line of prints) {
    const [, trace, at] = reachLine.exec(line) ?? [];
    const number = numbers[Number(trace) - 1];
    if (number !== undefined) matched[number] = Math.max(matched[number]!, Number(at));
  }
}

/** The traces left to run once the one that TLC failed on is known, or halves of them. */
function without(
  tlc: TlcResult,
  numbers: readonly number[],
  failures: Map<number, string>,
): (readonly number[])[] {
  const told = tlc.trace?.at(-1)?.state['bisimTrace'];
  const guilty = numbers.length === 1 ? numbers[0] : numbers[Number(told) - 1];
  if (guilty !== undefined) {
    failures.set(guilty, tlc.message ?? 'TLC could not evaluate this step');
    return [numbers.filter((number) => number !== guilty)];
  }
  const middle = numbers.length >> 1;
  return [numbers.slice(0, middle), numbers.slice(middle)];
}

/** The generated module did not run at all: the spec, its cfg or the binding is at fault. */
function refused(tlc: TlcResult): Error {
  const place = tlc.location ? `${tlc.location.file}:${tlc.location.line}: ` : '';
  const message = `TLC refuses the model: ${place}${tlc.message ?? tlc.kind ?? 'no reason given'}`;
  return new UsageError(
    'spec',
    message,
    'Check the spec and its cfg: bisim check SPEC --config CFG.',
  );
}
