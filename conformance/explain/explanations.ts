/**
 * What a result came to, in words, by the verb it is of. What must hold: nothing is said that the
 * result does not hold; whatever failed has its place and the command that repeats it.
 */
import type { CheckReport, CheckRun } from '../report/checkReport.ts';
import type { DoctorReport } from '../report/doctorReport.ts';
import type { ErrorReport } from '../report/errorReport.ts';
import type { ExplainReport, Finding } from '../report/explainReport.ts';
import type { LinearizeReport } from '../report/linearizeReport.ts';
import type { MutateReport } from '../report/mutateReport.ts';
import type { ReplayReport } from '../report/replayReport.ts';
import type { ReportingVerb } from '../report/reportSchemas.ts';
import type { SimulateReport } from '../report/simulateReport.ts';
import type { ValidateReport } from '../report/validateReport.ts';
import type { VerifyReport } from '../report/verifyReport.ts';
import { behaviourOf } from './behaviourOf.ts';
import { command } from './command.ts';
import { rejectionText } from './rejectionText.ts';

export type Explanation = Pick<ExplainReport, 'summary' | 'findings' | 'next'>;

const findingsMax = 10;

/** `report` must keep the verb's schema: readResult has seen to it. */
export function explanationOf(verb: ReportingVerb, report: object): Explanation {
  const explained = explain(verb, report);
  const { findings } = explained;
  const more = findings.length - findingsMax;
  if (more <= 0) return explained;
  return {
    ...explained,
    findings: findings.slice(0, findingsMax),
    next: [...explained.next, `The result holds ${more} more.`],
  };
}

function explain(verb: ReportingVerb, report: object): Explanation {
  switch (verb) {
    case 'check':
      return ofCheck(report as CheckReport);
    case 'simulate':
      return ofSimulate(report as SimulateReport);
    case 'replay':
      return ofReplay(report as ReplayReport);
    case 'validate':
      return ofValidate(report as ValidateReport);
    case 'linearize':
      return ofLinearize(report as LinearizeReport);
    case 'mutate':
      return ofMutate(report as MutateReport);
    case 'verify':
      return ofVerify(report as VerifyReport);
    case 'error':
      return ofError(report as ErrorReport);
    case 'doctor':
      return ofDoctor(report as DoctorReport);
    default:
      return ofAny(verb, report);
  }
}

const verdicts: Readonly<Record<string, string>> = {
  ok: 'it conforms',
  violation: 'it does not conform',
  error: 'it could not be decided: something is wrong with what was given',
  unknown: 'it is undecided: a limit was reached before the end',
  skipped: 'it was not done',
  interrupted: 'it was interrupted',
};

const inWords = (verdict: string): string => verdicts[verdict] ?? verdict;

function ofCheck(report: CheckReport): Explanation {
  const runs: readonly CheckRun[] = report.runs ?? [report];
  const failed = runs.filter(({ verdict }) => verdict !== 'ok');
  const findings = failed.flatMap((run): Finding[] => {
    const repeat = command('check', run.spec, ['--config', run.cfg]);
    const title = `${run.property ?? run.kind ?? run.verdict} in ${run.cfg}`;
    const first = { title, text: behaviourOf(run, run.trace), repeat };
    const further = run.further.map((each) => ({
      title: `${each.property ?? each.kind} in ${run.cfg}`,
      text: behaviourOf({ ...each, verdict: 'violation', lasso: null }, each.trace),
      repeat,
    }));
    return [first, ...further];
  });
  const states = runs.reduce((sum, { distinct }) => sum + distinct, 0);
  const searched = `${states} states in ${runs.length} ${runs.length === 1 ? 'model' : 'models'}`;
  // A search that ended early says nothing of what lies beyond.
  const unreached = runs
    .filter(({ exhaustive }) => exhaustive)
    .flatMap(({ neverTaken, cfg }) =>
      neverTaken.map((action) => `${action} is never taken in ${cfg}: is a guard too strong?`),
    );
  return { summary: `${inWords(report.verdict)} (${searched})`, findings, next: unreached };
}

function ofSimulate(report: SimulateReport): Explanation {
  const { verdict, behaviours, traces, spec, cfg, seed } = report;
  const repeat = command('simulate', spec, ['--config', cfg, '--seed', String(seed)]);
  const [trace = []] = traces;
  const title = report.property ?? report.kind ?? verdict;
  const text = behaviourOf({ ...report, lasso: null }, trace);
  const findings = verdict === 'ok' ? [] : [{ title, text, repeat }];
  return { summary: `${inWords(verdict)} (${behaviours} behaviours)`, findings, next: [] };
}

function ofReplay(report: ReplayReport): Explanation {
  const { verdict, failures, edges, replayed, binding, model, knownBad } = report;
  const findings = failures.map(({ kind, summary, text, repeat }) => ({
    title: `${kind}: ${summary}`,
    text,
    repeat,
  }));
  const blind = knownBad.filter(({ rejected }) => !rejected);
  const summary = `${inWords(verdict)}: ${binding} against ${model}, ${replayed} of ${edges} edges`;
  const reason = report.reason === null || failures.length > 0 ? [] : [report.reason];
  const next = blind.map(
    ({ check, what }) => `The check ${check} missed a planted fault: ${what}.`,
  );
  return { summary, findings, next: [...reason, ...next] };
}

function ofValidate(report: ValidateReport): Explanation {
  const { verdict, traces, matched, events, spec, cfg } = report;
  const failed = traces.filter((trace) => trace.verdict !== 'accepted');
  const findings = failed.map((trace) => ({
    title: `${trace.name} is ${trace.verdict}`,
    text: rejectionText(trace),
    repeat: command('validate', 'BINDING', [trace.name, '--config', cfg]),
  }));
  const summary = `${inWords(verdict)}: ${matched} of ${events} events are steps of ${spec}`;
  return { summary, findings, next: [...report.problems] };
}

function ofLinearize(report: LinearizeReport): Explanation {
  const failed = report.files.filter(({ verdict }) => verdict !== 'ok');
  const findings = failed.map((each) => ({
    title: `${each.file} is ${each.verdict === 'unknown' ? 'undecided' : 'wrong'}`,
    text: [
      each.reason ?? 'no reason was given',
      ...(each.operationsInvolved ?? []).map((operation) => `  ${JSON.stringify(operation)}`),
    ].join('\n'),
    repeat: report.repeat,
  }));
  const { operations, model, consistency, verdict } = report;
  const what = `${operations} operations against ${model}, ${consistency}`;
  return { summary: `${inWords(verdict)} (${what})`, findings, next: [] };
}

function ofMutate(report: MutateReport): Explanation {
  const { binding, killed, judged, equivalent, outside, holes, seed } = report;
  const findings = report.mutants
    .filter(({ verdict }) => verdict === 'hole')
    .map(({ id, operator, file, line, inside, before, after, reason }) => ({
      title: `${id} survived: ${operator} in ${inside}`,
      text: [`at ${file}:${line}`, `  - ${before}`, `  + ${after}`, reason].join('\n'),
      repeat: command('mutate', binding, ['--only', inside, '--seed', String(seed)]),
    }));
  const rest = `${equivalent} equivalent, ${outside} outside the model, ${holes} holes`;
  return { summary: `${killed} of ${judged} mutants were killed; ${rest}`, findings, next: [] };
}

function ofVerify(report: VerifyReport): Explanation {
  const ofModels = report.models
    .filter(({ problems }) => problems.length > 0)
    .map(({ name, problems }) => ({
      title: `the model ${name}`,
      text: problems.join('\n'),
      repeat: `${command('verify', undefined, ['--only', name])} --no-cache`,
    }));
  const ofMutants = report.mutants.list
    .filter(({ verdict }) => verdict === 'survived' || verdict === 'error')
    .map(({ id, title, model, file, reason }) => ({
      title: `the mutant ${id} (${title}) of ${file}`,
      text: reason,
      repeat: command('verify', undefined, ['--only', model]),
    }));
  const told = [...ofModels, ...ofMutants].map(({ text }) => text).join('\n');
  const others = report.problems
    .filter((problem) => !told.includes(problem))
    .map((text) => ({ title: text.split('\n', 1)[0] ?? '', text, repeat: null }));
  const next = report.skipped.map(({ what, reason }) => `Not done: ${what} (${reason}).`);
  const { length } = report.models;
  const summary = `${inWords(report.verdict)} (${length} models, ${report.edges} edges replayed)`;
  return { summary, findings: [...ofModels, ...ofMutants, ...others], next };
}

function ofError({ verb, message, next, exitCode }: ErrorReport): Explanation {
  const finding = { title: `${verb} could not do its work`, text: message, repeat: null };
  const because = exitCode === 3 ? 'the machine lacks something' : 'something given is wrong';
  const summary = exitCode === 130 ? 'it was interrupted' : `nothing was checked: ${because}`;
  return { summary, findings: [finding], next: next === undefined ? [] : [next] };
}

function ofDoctor({ findings, verdict }: DoctorReport): Explanation {
  const wrong = findings.filter(({ state }) => state !== 'ok' && state !== 'absent');
  return {
    summary: wrong.length === 0 ? 'nothing is missing' : inWords(verdict),
    findings: wrong.map(({ name, found }) => ({
      title: name,
      text: found,
      repeat: 'bisim doctor',
    })),
    next: wrong.flatMap(({ next }) => (next === undefined ? [] : [next])),
  };
}

/** Results that are seldom a failure: their verdict, and what they say of it. */
function ofAny(verb: string, report: object): Explanation {
  const { verdict, message, reason } = report as Record<string, unknown>;
  const said = [message, reason].filter((each) => typeof each === 'string');
  const findings = said.map((text) => ({ title: verb, text, repeat: null }));
  return { summary: inWords(String(verdict)), findings, next: [] };
}
