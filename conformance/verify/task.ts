/**
 * What a worker of the main job is asked and what it answers. Plain data: both cross from
 * one thread to another.
 */
import type { ModelReport, MutantReport } from '../report/verifyReport.ts';
import type { VerifyPictures } from '../report/verifyOutcome.ts';
import type { Model, Mutant } from './project.ts';

/** What every task of a run shares. */
export interface RunContext {
  readonly root: string;
  readonly libraries: readonly string[];
  readonly limits: { readonly timeoutMs: number; readonly memoryMb: number };
  readonly seed: number;
  /** Results are kept here; a fresh folder under --no-cache. */
  readonly cache: string;
  /** Transpiled sources of bindings. */
  readonly transpiled: string;
  /** Folders of the run's own, removed at its end. */
  readonly temporary: string;
  /** Absent where there is no Java: recorded graphs are all there is. */
  readonly tlc?: { readonly jar: string; readonly sha256: string; readonly version: string };
  /** Of the toolkit, the lockfile and Node: part of the key of every result of code. */
  readonly surroundings: string;
  /** Small graphs are written to specs/**\/recorded. */
  readonly record: boolean;
  /** Some reporter shows graphs: small ones are kept whole. */
  readonly pictures?: boolean;
}

export interface ModelTask {
  readonly kind: 'model';
  readonly name: string;
  readonly model: Model;
}

export interface SpecMutantTask {
  readonly kind: 'spec-mutant';
  readonly name: string;
  readonly mutant: Mutant;
}

/** All code mutants that one model kills: they share its graph. */
export interface CodeMutantsTask {
  readonly kind: 'code-mutants';
  readonly name: string;
  readonly model: Model;
  readonly mutants: readonly Mutant[];
}

/** The checks themselves, shown something wrong. */
export interface KnownBadTask {
  readonly kind: 'known-bad';
  readonly name: string;
}

export type Task = ModelTask | SpecMutantTask | CodeMutantsTask | KnownBadTask;

export interface KnownBadCase {
  readonly check: string;
  readonly rejected: boolean;
  readonly what: string;
}

/** Why a task could not be done, as a kind that decides the exit code. */
export interface TaskError {
  readonly exit: 'violation' | 'usage' | 'environment' | 'inconclusive';
  readonly what: string;
  readonly message: string;
  readonly next?: string;
  readonly stack?: string;
}

export interface TaskAnswer {
  readonly models: readonly ModelReport[];
  readonly mutants: readonly MutantReport[];
  readonly knownBad: readonly KnownBadCase[];
  readonly skipped: readonly { readonly what: string; readonly reason: string }[];
  readonly errors: readonly TaskError[];
  /** For the report: graphs, counterexamples, timelines. */
  readonly pictures: VerifyPictures;
  /** One line for the progress. */
  readonly line: string;
}

export const noPictures: VerifyPictures = { graphs: [], counterexamples: [], histories: [] };

export const nothing: TaskAnswer = {
  models: [],
  mutants: [],
  knownBad: [],
  skipped: [],
  errors: [],
  pictures: noPictures,
  line: '',
};

export interface TaskTools {
  readonly signal: AbortSignal;
  /** What the task is doing, for the live line. */
  readonly detail: (text: string) => void;
  /** What the user should see though the run goes on: a damaged cache entry. */
  readonly warn: (text: string) => void;
}
