/**
 * The main job: everything the config names, checked by TLC, replayed on the code, and the
 * checks themselves checked. What must hold: whatever ends the run, no JVM and no temporary
 * folder of it is left.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findConfig, loadConfig } from '../config.ts';
import type { ProgressSink } from '../report/progress.ts';
import { makeProgress } from '../report/progress.ts';
import type { VerifyPictures } from '../report/verifyOutcome.ts';
import type { VerifyReport } from '../report/verifyReport.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { EnvironmentError } from '../tlc/environmentError.ts';
import type { Jar } from '../tlc/jar.ts';
import { getJar } from '../tlc/jar.ts';
import type { Java } from '../tlc/java.ts';
import { findJava } from '../tlc/java.ts';
import { unjudged } from './emptyReport.ts';
import { plan } from './plan.ts';
import { openPool } from './pool.ts';
import type { Listener, TaskPool } from './pool.ts';
import type { Project } from './project.ts';
import { loadProject } from './project.ts';
import { schedule } from './schedule.ts';
import { summarize } from './summary.ts';
import { surroundings } from './surroundings.ts';
import type { RunContext, Task, TaskAnswer } from './task.ts';
import { nothing } from './task.ts';
import { taskError } from './taskError.ts';

export interface VerifyOptions {
  readonly from: string;
  readonly config?: string;
  readonly tier: 'fast' | 'long';
  readonly only?: string;
  /** False: nothing is taken from earlier runs, nothing kept for later ones. */
  readonly cache: boolean;
  readonly record: boolean;
  readonly jar?: string;
  readonly signal: AbortSignal;
  readonly progress: ProgressSink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Some reporter shows graphs. */
  readonly pictures: boolean;
}

export interface VerifyResult {
  readonly report: VerifyReport;
  readonly pictures: VerifyPictures;
  /** For --debug: where each error came from. */
  readonly stacks: readonly string[];
}

export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const begun = performance.now();
  const transpiled = cacheFolder('transpiled');
  const config = findConfig(options.from, options.config);
  const project = await loadProject(await loadConfig(config, transpiled), transpiled);
  const java = await javaIfAny();
  const jar = java === undefined ? undefined : await getJar(jarOption(options));
  const temporary = mkdtempSync(join(tmpdir(), 'bisim-verify-'));
  try {
    const context = makeContext(project, { options, jar, temporary, transpiled });
    const answered = await runAll(project, context, options);
    const report = summarize({
      project,
      answers: answered.answers,
      skipped: answered.skipped,
      environment: {
        java: java?.version ?? null,
        tlc: jar?.version ?? null,
        node: process.versions.node,
      },
      complete: options.only === undefined,
      interrupted: options.signal.aborted,
      seconds: (performance.now() - begun) / 1_000,
    });
    const errors = answered.answers.flatMap((one) => one.errors);
    const pictures = picturesOf(answered.answers, project);
    return { report, pictures, stacks: errors.flatMap(({ stack }) => stack ?? []) };
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** In the project's order, whichever task ended first. */
function picturesOf(answers: readonly TaskAnswer[], { models }: Project): VerifyPictures {
  const names = models.map(({ name }) => name);
  const place = ({ models: [report] }: TaskAnswer): number => names.indexOf(report?.name ?? '');
  const all = [...answers].sort((a, b) => place(a) - place(b)).map(({ pictures }) => pictures);
  return {
    graphs: all.flatMap(({ graphs }) => graphs),
    counterexamples: all.flatMap(({ counterexamples }) => counterexamples),
    histories: all.flatMap(({ histories }) => histories),
  };
}

function jarOption({ jar }: VerifyOptions): { jar?: string } {
  return jar === undefined ? {} : { jar };
}

/** No Java at all is no error here: recorded graphs are replayed. One that is too old is. */
async function javaIfAny(): Promise<Java | undefined> {
  try {
    return await findJava();
  } catch (error) {
    if (error instanceof EnvironmentError && error.code === 'no-java') return undefined;
    throw error;
  }
}

interface Parts {
  readonly options: VerifyOptions;
  readonly jar: Jar | undefined;
  readonly temporary: string;
  readonly transpiled: string;
}

function makeContext(project: Project, parts: Parts): RunContext {
  const { options, jar, temporary, transpiled } = parts;
  const cache = options.cache ? cacheFolder('results') : join(temporary, 'results');
  mkdirSync(cache, { recursive: true });
  const { root, libraries, limits, seed } = project;
  return {
    root,
    libraries,
    limits,
    seed,
    cache,
    transpiled,
    temporary,
    surroundings: surroundings(root),
    record: options.record,
    pictures: options.pictures,
    ...(jar === undefined
      ? {}
      : { tlc: { jar: jar.path, sha256: jar.sha256, version: jar.version } }),
  };
}

interface Answered {
  readonly answers: TaskAnswer[];
  readonly skipped: VerifyReport['skipped'];
}

async function runAll(
  project: Project,
  context: RunContext,
  options: VerifyOptions,
): Promise<Answered> {
  const { tasks, skipped } = plan(project, { ...options, java: context.tlc !== undefined });
  const { progress: sink, environment, signal } = options;
  const progress = makeProgress({ sink, environment, total: tasks.length });
  const pool = await openPool(context, Math.min(project.parallel, tasks.length || 1), signal);
  const answers: TaskAnswer[] = [];
  const runOne = async (task: Task): Promise<void> => {
    progress.started(task.name);
    const answer =
      unjudgedAnswer(task, answers) ??
      (await answerOf(pool, task, {
        detail: (text) => progress.detail(task.name, text),
        warn: (text) => progress.note(`warning: ${text}`),
      }));
    answers.push(answer);
    progress.finished(task.name, answer.line);
  };
  try {
    await schedule(tasks, project.parallel, runOne, signal);
  } finally {
    progress.end();
    await pool.close();
  }
  return { answers, skipped };
}

function unjudgedAnswer(task: Task, answers: readonly TaskAnswer[]): TaskAnswer | undefined {
  if (task.kind !== 'code-mutants') return undefined;
  const reports = answers.flatMap(({ models }) => models);
  const report = reports.find(({ name }) => name === task.model.name);
  return report?.verdict === 'ok' ? undefined : unjudged(task, report);
}

// A task that fails is an answer too: the others go on.
async function answerOf(pool: TaskPool, task: Task, listener: Listener): Promise<TaskAnswer> {
  try {
    return await pool.run(task, listener);
  } catch (error) {
    const failed = taskError(task.name, error);
    return { ...nothing, errors: [failed], line: failed.message.split('\n')[0] ?? '' };
  }
}
