/**
 * From the answers of all tasks to the one report: totals, problems in words, the verdict and
 * the exit code.
 */
import { exitCodes } from '../report/exitCodes.ts';
import type { ModelReport, MutantReport, VerifyReport } from '../report/verifyReport.ts';
import type { Project } from './project.ts';
import type { TaskAnswer, TaskError } from './task.ts';

const noBasis = 'nothing was verified: there is no Java, and no recorded graph fits the specs';
const noBasisNext =
  'Install Java 11 or newer, or take specs/**/recorded/ from a machine that has it (npm run record).';

export interface SummaryInput {
  readonly project: Project;
  readonly answers: readonly TaskAnswer[];
  readonly skipped: VerifyReport['skipped'];
  readonly environment: VerifyReport['environment'];
  /** Every model of the tier ran, none was left out by --only. */
  readonly complete: boolean;
  readonly interrupted: boolean;
  readonly seconds: number;
}

export function summarize(input: SummaryInput): VerifyReport {
  const { project, answers } = input;
  const models = inOrder(
    answers.flatMap((one) => one.models),
    project.models.map(({ name }) => name),
  );
  const mutants = withControls(
    answers.flatMap((one) => one.mutants),
    project,
    models,
  );
  const errors = answers.flatMap((one) => one.errors);
  const knownBad = answers.flatMap((one) => one.knownBad);
  const problems = [
    ...models.flatMap(({ name, problems: list }) => list.map((text) => `${name}: ${text}`)),
    ...mutants.filter(isProblem).filter(notSaidBy(errors)).map(mutantProblem),
    ...knownBad
      .filter(({ rejected }) => !rejected)
      .map(({ check, what }) => `${check} did not reject a known-bad case: ${what}`),
    ...(knownBad.length === 0 && models.some(isChecked) ? [unproved] : []),
    ...errors.map(errorText),
    ...(input.complete ? unreached(models) : []),
    ...(models.length === 0 && errors.length === 0 ? ['no model was checked'] : []),
    ...(nothingRan(models) ? [`${noBasis}\nnext: ${noBasisNext}`] : []),
  ];
  const exit = exitOf(input, { models, mutants, errors, problems });
  return {
    schema: 'bisim.verify.1',
    verdict: verdictOf(exit),
    exitCode: exitCodes[exit],
    models,
    edges: sum(models, (one) => one.replayed),
    edgesTotal: sum(models, (one) => one.edges),
    behaviours: sum(models, (one) => one.behaviours),
    histories: sum(models, (one) => one.histories),
    mutants: {
      killed: mutants.filter(({ verdict }) => verdict === 'killed').length,
      total: mutants.length,
      list: mutants,
    },
    knownBad: {
      rejected: knownBad.filter(({ rejected }) => rejected).length,
      total: knownBad.length,
    },
    skipped: [...input.skipped, ...answers.flatMap((one) => one.skipped)],
    problems,
    cached: models.length > 0 && [...models, ...mutants].every(({ cached }) => cached),
    environment: input.environment,
    seed: project.seed,
    seconds: input.seconds,
  };
}

/** Nothing was shown to the checks that they must reject: their passes prove nothing. */
const unproved = 'no known-bad case was run: the check itself is not checked';
const isChecked = ({ verdict }: ModelReport): boolean => verdict === 'ok';

type Exit = keyof typeof exitCodes;

interface Found {
  readonly models: readonly ModelReport[];
  readonly mutants: readonly MutantReport[];
  readonly errors: readonly TaskError[];
  readonly problems: readonly string[];
}

// A violation outweighs what could not be done: it is certain. On a machine that fails, what
// looks like a mistake in a spec may be its doing: a full disk cuts files short.
function exitOf(input: SummaryInput, { models, mutants, errors, problems }: Found): Exit {
  if (input.interrupted) return 'interrupted';
  const kinds = new Set<Exit>(errors.map(({ exit }) => exit));
  const violated =
    models.some(({ verdict }) => verdict === 'violation') ||
    mutants.some(({ verdict }) => verdict === 'survived');
  if (violated || kinds.has('violation')) return 'violation';
  for (const kind of ['environment', 'usage', 'inconclusive'] as const) {
    if (kinds.has(kind)) return kind;
  }
  if (nothingRan(models)) return 'environment';
  if (models.some(({ verdict }) => verdict === 'unknown')) return 'inconclusive';
  return problems.length > 0 ? 'violation' : 'ok';
}

function verdictOf(exit: Exit): VerifyReport['verdict'] {
  if (exit === 'usage' || exit === 'environment') return 'error';
  return exit === 'inconclusive' ? 'unknown' : exit;
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

function inOrder(models: readonly ModelReport[], names: readonly string[]): ModelReport[] {
  return [...models].sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

// Killing proves nothing where the unpatched model fails as well.
function withControls(
  mutants: readonly MutantReport[],
  project: Project,
  models: readonly ModelReport[],
): MutantReport[] {
  const controls = new Map(
    project.mutants.map(({ row, control }) => [`${row.id} ${row.file}`, control.name]),
  );
  const order = [...controls.keys()];
  const place = ({ id, file }: MutantReport): number => order.indexOf(`${id} ${file}`);
  return [...mutants]
    .sort((a, b) => place(a) - place(b))
    .map((mutant) => {
      const name = controls.get(`${mutant.id} ${mutant.file}`);
      const control = models.find((model) => model.name === name);
      if (mutant.verdict !== 'killed' || control?.verdict === 'ok') return mutant;
      const reason = `its control ${name ?? ''} did not pass (${control?.verdict ?? 'not run'})`;
      return { ...mutant, verdict: 'error' as const, reason };
    });
}

function isProblem({ verdict }: MutantReport): boolean {
  return verdict === 'survived' || verdict === 'error';
}

/** Models too small to reach an action show nothing of it; some model of the room must. */
function unreached(models: readonly ModelReport[]): string[] {
  const missing = models.some(
    ({ verdict, mode }) =>
      verdict === 'error' || verdict === 'unknown' || (verdict === 'skipped' && mode === 'check'),
  );
  if (missing) return [];
  const reached = new Map<string, number>();
  for (const { room, actions } of models) {
    for (const { action, edges } of actions) {
      const key = `${room}: no model that was replayed reaches ${action}`;
      reached.set(key, (reached.get(key) ?? 0) + edges);
    }
  }
  return [...reached].filter(([, edges]) => edges === 0).map(([text]) => text);
}

/** An error that has a line of its own is not said twice. */
function notSaidBy(errors: readonly TaskError[]): (mutant: MutantReport) => boolean {
  const said = new Set(errors.map(({ what }) => what));
  return ({ id, file }) => !said.has(`mutant ${id} (${file})`);
}

/** Not even one model could be checked or replayed: that is no pass. */
function nothingRan(models: readonly ModelReport[]): boolean {
  return models.length > 0 && models.every(({ verdict }) => verdict === 'skipped');
}

function mutantProblem({ id, title, file, model, verdict, reason }: MutantReport): string {
  return `mutant ${id} (${title}; ${file}) ${verdict === 'error' ? 'could not be judged' : verdict} in ${model}: ${reason}`;
}

function errorText({ what, message, next }: TaskError): string {
  return [`${what}: ${message}`, ...(next === undefined ? [] : [`next: ${next}`])].join('\n');
}
