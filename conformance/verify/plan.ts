/**
 * Which tasks a run has, and what it leaves out and why. What must hold: whatever the project
 * names and this run does not do is listed as skipped with a reason.
 */
import type { VerifyReport } from '../report/verifyReport.ts';
import type { Model, Mutant, Project } from './project.ts';
import type { Scheduled } from './schedule.ts';
import type { Task } from './task.ts';

export interface PlanOptions {
  readonly tier: 'fast' | 'long';
  /** Models whose name or room holds this text, and the mutants they kill. */
  readonly only?: string;
  readonly java: boolean;
}

export interface Plan {
  readonly tasks: readonly Scheduled<Task>[];
  readonly skipped: VerifyReport['skipped'];
}

export function plan(project: Project, options: PlanOptions): Plan {
  const chosen = project.models.filter((model) => isChosen(model, options));
  const names = new Set(chosen.map(({ name }) => name));
  const mutants = project.mutants.filter(({ model }) => names.has(model.name));
  // A mutant's control runs too, else its killing would prove nothing.
  for (const { control } of mutants) names.add(control.name);
  const models = project.models.filter(({ name }) => names.has(name));
  const tasks = [
    ...models.map(modelTask),
    ...codeMutantTasks(mutants),
    ...(options.java ? mutants.filter(isSpec).map(specMutantTask) : []),
    ...(options.java ? [knownBadTask()] : []),
  ];
  return { tasks, skipped: leftOut(project, { names, mutants, options }) };
}

const isSpec = ({ kind }: Mutant): boolean => kind === 'spec';

function isChosen({ name, room, row }: Model, { tier, only }: PlanOptions): boolean {
  if (only !== undefined) return `${room}/${name}`.includes(only);
  return tier === 'long' || row.tier === 'fast';
}

// Seconds where the table says them, else a guess from the states TLC generates.
function costOf({ row }: Model): number {
  const { expect, simulate } = row;
  const guess =
    row.mode === 'simulate'
      ? ((simulate?.num ?? 0) * (simulate?.depth ?? 0)) / 20_000
      : (expect.generated ?? (expect.distinct ?? 0) * 4) / 20_000;
  return 1 + (row.seconds ?? guess * (row.mode === 'liveness' ? 3 : 1));
}

function modelTask(model: Model): Scheduled<Task> {
  const task: Task = { kind: 'model', name: model.name, model };
  // Models go before mutants: what waits for their graphs then never waits long.
  return { task, id: model.name, cost: 1_000 + costOf(model) };
}

function specMutantTask(mutant: Mutant): Scheduled<Task> {
  const { row, model } = mutant;
  const name = `${row.id} in ${model.name}`;
  return {
    task: { kind: 'spec-mutant', name, mutant },
    id: `${name} ${row.file}`,
    cost: costOf(model) / 2,
  };
}

function codeMutantTasks(mutants: readonly Mutant[]): Scheduled<Task>[] {
  const byModel = new Map<Model, Mutant[]>();
  for (const mutant of mutants) {
    if (isSpec(mutant)) continue;
    byModel.set(mutant.model, [...(byModel.get(mutant.model) ?? []), mutant]);
  }
  return [...byModel].map(([model, list]) => {
    const name = `code mutants of ${model.name}`;
    return {
      task: { kind: 'code-mutants', name, model, mutants: list },
      id: name,
      cost: list.length,
      after: model.name,
    };
  });
}

function knownBadTask(): Scheduled<Task> {
  return { task: { kind: 'known-bad', name: 'known-bad cases' }, id: 'known-bad', cost: 1 };
}

interface LeftOut {
  readonly names: ReadonlySet<string>;
  readonly mutants: readonly Mutant[];
  readonly options: PlanOptions;
}

function leftOut(project: Project, { names, mutants, options }: LeftOut): VerifyReport['skipped'] {
  const skipped: VerifyReport['skipped'] = [];
  const byOnly = options.only === undefined ? undefined : `not chosen by --only ${options.only}`;
  for (const { name, row } of project.models) {
    if (names.has(name)) continue;
    skipped.push({
      what: name,
      reason: byOnly ?? `${row.tier} tier: npm run long, or --tier long`,
    });
  }
  for (const mutant of project.mutants) {
    if (mutants.includes(mutant)) continue;
    const reason = byOnly ?? `its model ${mutant.model.name} belongs to the long tier`;
    skipped.push({ what: `mutant ${mutant.row.id} (${mutant.row.file})`, reason });
  }
  const specMutants = mutants.filter(isSpec);
  if (!options.java && specMutants.length > 0) {
    const what = `${specMutants.length} spec mutants`;
    skipped.push({ what, reason: 'no Java: TLC runs them' });
  }
  return skipped;
}
