/**
 * A binding to code that runs: a service, a process, anything with its own state behind promises.
 * Paths are replayed from the start, step by step; after every step the subject is observed and must
 * show the model's state. The same binding serves replay, lock-step walks and validation.
 */
import type { HistoryEvent } from '../history/operation.ts';
import type { ActionArguments, Constants, ModelState } from './binding.ts';

type Awaitable<T> = T | Promise<T>;

/** Parameters may be narrowed by a binding (`{ r }: { r: string }`): arguments are the spec's. */
type Narrowable<F extends (...given: never[]) => unknown> = {
  narrowable(...given: Parameters<F>): ReturnType<F>;
}['narrowable'];

/** Takes one step. `false` = not enabled, and nothing has changed; anything else = taken. */
export type RunningAction<S> = Narrowable<
  (subject: S, args: ActionArguments, choice: unknown, constants: Constants) => Awaitable<unknown>
>;

export type RunningChoices<S> = Narrowable<
  (subject: S, args: ActionArguments, constants: Constants) => Awaitable<Iterable<unknown>>
>;

export interface RunningBinding<S> {
  readonly name: string;
  /** As in `Binding`. */
  readonly spec: string;
  readonly model?: string;
  readonly ignored?: readonly string[];
  readonly hidden?: readonly string[];
  /** For validation: actions that may happen between two recorded events without being recorded. */
  readonly silent?: readonly string[];
  /** How many of them in a row; 2 if not given. */
  readonly silentMax?: number;
  /** For validation: what the recordings name as one action and the spec does as several, in order. */
  readonly composed?: Readonly<Record<string, readonly string[]>>;
  /**
   * For validation: actions whose recorded events are steps where the spec allows them and nothing
   * elsewhere, as a clock ticks whether or not anybody waits for it.
   */
  readonly optional?: readonly string[];
  /** A fresh subject in an initial state: `initial`, where the model has several. */
  start(constants: Constants, initial: ModelState): Awaitable<S>;
  /** One function an action of the spec. */
  readonly actions: Readonly<Record<string, RunningAction<S>>>;
  readonly choices?: Readonly<Record<string, RunningChoices<S>>>;
  /** The model's variables as the subject shows them now. */
  observe(subject: S): Awaitable<ModelState>;
  /** Called once for every subject that was started, whatever happened to it. */
  stop?(subject: S): Awaitable<unknown>;
  /** Longest that one start, step, observation or stop may take; 5,000 ms if not given. */
  readonly stepMs?: number;
  history?(
    action: string,
    args: ActionArguments,
    choice: unknown,
  ): HistoryEvent | readonly HistoryEvent[] | undefined;
}

/** Gives a running binding its types; it does nothing else. */
export function defineRunningBinding<S>(binding: RunningBinding<S>): RunningBinding<S>;
/** With the types that `bisim types` made: a missing action does not compile. */
export function defineRunningBinding<S, B extends RunningBinding<S>>(binding: B): RunningBinding<S>;
export function defineRunningBinding<S>(binding: RunningBinding<S>): RunningBinding<S> {
  return binding;
}
