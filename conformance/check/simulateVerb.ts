/**
 * The body of `bisim simulate SPEC`: random behaviours as trace files. What must hold: the same
 * seed gives the same behaviours; no behaviour at all is no pass.
 */
import { rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { writeItf } from '../behaviour/itf.ts';
import { writeNdjsonTrace } from '../behaviour/ndjsonTrace.ts';
import { SimulationReader, type Trace } from '../behaviour/simulation.ts';
import { specFiles, type SpecFiles } from '../project/specFiles.ts';
import { behaviourText } from '../report/behaviourText.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome } from '../report/outcome.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';
import type { SimulateReport } from '../report/simulateReport.ts';
import { simulate, type SimulationResult } from '../spec/graphOf.ts';
import { SpecError } from '../spec/specError.ts';
import { getJar } from '../tlc/jar.ts';
import { runTlc } from '../tlc/run.ts';
import { checkedSpec } from './checkedSpec.ts';
import { exitCodeOf } from './checkRun.ts';
import type { VerbSurroundings } from './checkVerb.ts';
import { outFolder } from './outFolder.ts';

export interface SimulateFlags {
  readonly config?: string;
  readonly library?: readonly string[];
  readonly num: number;
  readonly depth: number;
  readonly seed: number;
  readonly out?: string;
  readonly timeout?: number;
  readonly memory?: number;
  readonly jar?: string;
}

const megabyte = 2 ** 20;
const timeoutSecondsDefault = 3_600;
/** Shapes of Next that have no arguments to name, yet can be simulated. */
const otherShapes = new Set([
  'unnamed-action',
  'state-dependent',
  'overridden-action',
  'instanced-action',
  'name-clash',
]);

export async function simulateVerb(
  spec: string,
  flags: SimulateFlags,
  { cwd, signal }: VerbSurroundings,
): Promise<Outcome> {
  const files = await specFiles({
    spec,
    from: cwd,
    ...(flags.config === undefined ? {} : { cfg: flags.config }),
    ...(flags.library ? { libraries: flags.library } : {}),
  });
  checkedSpec(files);
  const jar = await getJar({ signal, ...(flags.jar === undefined ? {} : { jar: flags.jar }) });
  const found = await behaviours(files, flags, jar.path, signal);
  const written = await write(found, files, flags, cwd);
  return outcomeOf(found, files, flags, { cwd, written });
}

async function behaviours(
  { module, cfg, libraryPaths }: SpecFiles,
  { num, depth, seed, timeout, memory }: SimulateFlags,
  jar: string,
  signal: AbortSignal,
): Promise<SimulationResult> {
  const common = {
    ...{ module, cfg, libraryPaths, signal },
    jar: { jar },
    timeoutMs: (timeout ?? timeoutSecondsDefault) * 1000,
    memoryMb: memory ?? Math.floor(totalmem() / 4 / megabyte),
  };
  try {
    return await simulate({ ...common, num, depth, seed });
  } catch (error) {
    if (!(error instanceof SpecError) || !otherShapes.has(error.code)) throw error;
    const tlc = await runTlc({ ...common, mode: { simulate: { num, depth, seed, traces: true } } });
    const reader = new SimulationReader();
    const files = tlc.verdict === 'ok' ? tlc.traceFiles : [];
    return { tlc, traces: files.map(({ bytes }) => reader.read(bytes)) };
  }
}

async function write(
  found: SimulationResult,
  { module, cfg, name }: SpecFiles,
  { out, seed }: SimulateFlags,
  cwd: string,
): Promise<string[]> {
  if (out === undefined || found.traces.length === 0) return [];
  const folder = resolve(cwd, out);
  await outFolder(folder);
  const digits = String(found.traces.length).length;
  const facts = {
    source: relative(cwd, module),
    cfg: relative(cwd, cfg),
    seed: `${seed}`,
  };
  const written: string[] = [];
  for (const [index, trace] of found.traces.entries()) {
    const number = String(index + 1).padStart(digits, '0');
    const path = join(folder, `${name}-${seed}-${number}.itf.json`);
    try {
      await writeFile(path, writeItf(trace, { facts, ...parametersOf(found) }));
    } catch (error) {
      // Half a trace is none.
      await rm(path, { force: true });
      throw error;
    }
    written.push(relative(cwd, path));
  }
  return written;
}

const parametersOf = ({
  parameterNames,
}: SimulationResult): Pick<SimulationResult, 'parameterNames'> =>
  parameterNames === undefined ? {} : { parameterNames };

function outcomeOf(
  found: SimulationResult,
  files: SpecFiles,
  flags: SimulateFlags,
  { cwd, written }: { cwd: string; written: readonly string[] },
): Outcome {
  const { tlc, traces } = found;
  const empty = tlc.verdict === 'ok' && traces.length === 0;
  const verdict = empty ? 'violation' : tlc.verdict;
  const report: SimulateReport = {
    schema: 'bisim.simulate.1',
    verdict,
    kind: empty ? 'empty' : (tlc.kind ?? null),
    property: tlc.property ?? null,
    message: empty ? 'There is no behaviour: Init is true in no state.' : (tlc.message ?? null),
    spec: relative(cwd, files.module),
    cfg: relative(cwd, files.cfg),
    seed: flags.seed,
    behaviours: traces.length,
    states: traces.reduce((sum, { length }) => sum + length, 0),
    files: [...written],
    traces: flags.out === undefined && tlc.verdict === 'ok' ? traces.map(stepsOf) : [],
    jar: tlc.jar,
    seconds: tlc.seconds,
  };
  if (tlc.trace) {
    const steps = tlc.trace.map(({ action = 'Init', args = [], state }) => ({
      ...{ action, state },
      args: [...args],
    }));
    report.traces.push(steps);
  }
  const text = textOf(found, report, flags);
  return {
    exitCode: empty ? exitCodes.violation : exitCodeOf(verdict, tlc.kind ?? null),
    report,
    text,
    cases: [
      {
        group: report.spec,
        name: report.cfg,
        verdict: verdict === 'ok' ? 'passed' : verdict === 'violation' ? 'failed' : 'error',
        seconds: report.seconds,
        ...(verdict === 'ok' ? {} : { message: report.message ?? verdict, details: text }),
      },
    ],
  };
}

function textOf(found: SimulationResult, report: SimulateReport, { out }: SimulateFlags): string {
  if (report.verdict !== 'ok') {
    const shown = shownBehaviour(found.tlc, parametersOf(found));
    const said = report.kind === 'empty' ? (report.message ?? '') : behaviourText(shown);
    return `${report.cfg}: ${report.verdict}\n${said}\n`;
  }
  if (out === undefined) {
    return found.traces.map((trace) => writeNdjsonTrace(trace, parametersOf(found))).join('');
  }
  const { behaviours, states, seed } = report;
  return `${behaviours} behaviours of ${states} states (seed ${seed}) in ${out}\n`;
}

function stepsOf(trace: Trace): SimulateReport['traces'][number] {
  const { values, variables, states, labels } = trace;
  return Array.from({ length: trace.length }, (_, k) => {
    const label = labels[k - 1];
    const at = k * variables.length;
    return {
      action: label?.action ?? (k === 0 ? 'Init' : 'Next'),
      args: (label?.args ?? []).map((arg) => values.format(values.intern(arg))),
      state: Object.fromEntries(variables.map((name, i) => [name, values.format(states[at + i]!)])),
    };
  });
}
