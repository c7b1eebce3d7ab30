/** `bisim doctor`: what is there, what is missing, and how to get it. It changes nothing of the project. */
import type { Outcome, ReportCase } from '../report/outcome.ts';
import type { DoctorReport } from '../report/doctorReport.ts';
import { exitCodes, type ExitCode } from '../report/exitCodes.ts';
import type { Finding, FindingState } from './findings.ts';
import { machineFindings } from './machineFindings.ts';
import { projectFindings } from './projectFindings.ts';

export interface DoctorOptions {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly offline: boolean;
  readonly config?: string;
  readonly jar?: string;
}

export async function doctor(o: DoctorOptions): Promise<Outcome> {
  const machine = await machineFindings(o);
  const tlc = machine.some(({ name, state }) => name === 'TLC' && state === 'ok');
  const project = await projectFindings({ ...o, tlc });
  return outcomeOf([...machine, ...project]);
}

/** The machine first: without it nothing else can be told. */
export function exitOf(findings: readonly Finding[]): ExitCode {
  const has = (wanted: FindingState): boolean => findings.some(({ state }) => state === wanted);
  if (has('missing')) return exitCodes.environment;
  if (has('wrong')) return exitCodes.usage;
  return has('stale') ? exitCodes.violation : exitCodes.ok;
}

const marks: Record<FindingState, string> = {
  ok: 'ok',
  absent: '-',
  missing: 'MISSING',
  wrong: 'WRONG',
  stale: 'STALE',
};

function outcomeOf(findings: readonly Finding[]): Outcome {
  const exitCode = exitOf(findings);
  const verdict =
    exitCode === exitCodes.ok ? 'ok' : exitCode === exitCodes.violation ? 'violation' : 'error';
  const report: DoctorReport = { schema: 'bisim.doctor.1', verdict, findings: [...findings] };
  const wide = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, state, found, next }) => [
    `${marks[state].padEnd(8)}${name.padEnd(wide + 2)}${found.replaceAll('\n', `\n${' '.repeat(wide + 10)}`)}`,
    ...(next === undefined ? [] : [`${' '.repeat(wide + 10)}${next}`]),
  ]);
  const end = exitCode === exitCodes.ok ? 'nothing is missing' : 'see the lines in capitals';
  const text = `${lines.join('\n')}\n\n${end} (exit ${exitCode})\n`;
  return { exitCode, report, text, cases: findings.map(caseOf) };
}

function caseOf({ name, state, found, next }: Finding): ReportCase {
  const verdict = state === 'ok' ? 'passed' : state === 'absent' ? 'skipped' : 'failed';
  const message = found.split('\n')[0] ?? '';
  return { group: 'doctor', name, verdict, message, ...(next !== undefined && { details: next }) };
}
