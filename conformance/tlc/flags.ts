// The command line of one TLC run: what Java is told, and what TLC is told. What must hold: nothing the user wrote can
// be taken for an option, and every file TLC writes lies in the run's own folders.

import { join } from 'node:path';
import type { TlcOptions } from './run.ts';
import type { Stage } from './stage.ts';

/** Behaviours of a random walk; at least one of `num` and the time limit ends it. */
export interface SimulateMode {
  readonly simulate: {
    readonly num: number;
    readonly depth: number;
    readonly seed: number;
    /** Keep each behaviour as a file: TlcResult.traceFiles. */
    readonly traces?: boolean;
  };
}

/** Depth-first search with a bound that grows up to this depth. */
export interface DepthFirstMode {
  readonly dfid: number;
}

export interface Checkpoints {
  /** Where they are written; it outlives the run. */
  readonly folder: string;
  readonly minutes: number;
  /** The folder of the checkpoint to go on from. */
  readonly recover?: string;
}

const coverageMinutes = 1_000;

/**
 * How eagerly Java compiles. The light compiler alone is best up to some 150,000 steps; beyond, the heavy one pays, but
 * only for what is truly hot: with its own thresholds it takes the first ten CPU seconds for itself (measured).
 */
const lightCompiler = ['-XX:TieredStopAtLevel=1'];
const reluctantCompiler = [
  '-XX:Tier4InvocationThreshold=150000',
  '-XX:Tier4MinInvocationThreshold=20000',
  '-XX:Tier4CompileThreshold=500000',
  '-XX:Tier4BackEdgeThreshold=1200000',
];

export const isMany = (workers: TlcOptions['workers']): boolean =>
  workers === 'auto' || (workers ?? 1) > 1;

/** One worker is best served by the serial collector, several by the parallel one (TLC's own advice). */
export function jvmFlags(o: TlcOptions, stage: Stage): string[] {
  const many = isMany(o.workers);
  const compiler = o.tiny ? lightCompiler : reluctantCompiler;
  return [
    many ? '-XX:+UseParallelGC' : '-XX:+UseSerialGC',
    ...(many ? [] : compiler),
    `-Xmx${o.memoryMb}m`,
    '-Xss8m',
    // A thread of TLC that dies of memory can leave the others waiting for ever (measured): end at once.
    '-XX:+ExitOnOutOfMemoryError',
    `-Djava.io.tmpdir=${stage.tmp}`,
    '-Dfile.encoding=UTF-8',
  ];
}

export function tlcFlags(
  o: TlcOptions,
  stage: Stage,
  root: string,
  dump: string | undefined,
): string[] {
  const { checkpoints } = o;
  const meta = checkpoints?.folder ?? stage.meta;
  return [
    '-tool',
    ...['-workers', `${o.workers ?? 1}`, '-metadir', meta, '-config', `${root}.cfg`],
    // Zero: none. TLC would otherwise stop every half hour to write what nobody reads.
    ...['-checkpoint', `${checkpoints?.minutes ?? 0}`],
    ...(checkpoints?.recover === undefined ? [] : ['-recover', checkpoints.recover]),
    ...(o.deadlock === false ? ['-deadlock'] : []),
    ...(o.continueAfter ? ['-continue'] : []),
    ...(o.liveness === undefined ? [] : ['-lncheck', o.liveness]),
    ...(o.coverage ? ['-coverage', `${coverageMinutes}`] : []),
    ...modeFlags(o, stage),
    ...(dump === undefined ? [] : ['-dump', 'dot,actionlabels', dump]),
    `${root}.tla`,
  ];
}

function modeFlags({ mode }: TlcOptions, stage: Stage): string[] {
  if (typeof mode !== 'object') return ['-fp', '0'];
  if ('dfid' in mode) return ['-fp', '0', '-dfid', `${mode.dfid}`];
  const { num, depth, seed, traces } = mode.simulate;
  const file = traces ? `file=${join(stage.meta, 'trace')},` : '';
  return ['-simulate', `${file}num=${num}`, '-depth', `${depth}`, '-seed', `${seed}`];
}
