/**
 * What ties a spec to code: how a model state becomes a code state and back, and which function is
 * which action. One binding serves replay, behaviours and validation.
 *
 * Must hold: `actions` has exactly the spec's actions, and the view names each variable of the spec
 * that `hidden` does not name. Both are checked before anything runs (`checkBinding`).
 */
import type { HistoryEvent } from '../history/operation.ts';
import type { TlaValue } from '../value/value.ts';

export type { HistoryEvent } from '../history/operation.ts';

export type Constants = Readonly<Record<string, TlaValue>>;
export type ActionArguments = Readonly<Record<string, TlaValue>>;
export type ModelState = Readonly<Record<string, TlaValue>>;

/** Parameters may be narrowed by a binding (`{ r }: { r: string }`): arguments are the spec's. */
type Narrowable<F extends (...given: never[]) => unknown> = {
  narrowable(...given: Parameters<F>): ReturnType<F>;
}['narrowable'];

/**
 * One action of the code. `undefined` = not enabled; an array = several outcomes are possible (so a
 * code state is never itself an array).
 */
export type BoundAction<S> = Narrowable<
  (
    state: S,
    args: ActionArguments,
    choice: unknown,
    constants: Constants,
  ) => S | readonly S[] | undefined
>;

/** What an action quantifies over the state (which message). Offer everything; never pre-filter. */
export type BoundChoices<S> = Narrowable<
  (state: S, args: ActionArguments, constants: Constants) => Iterable<unknown>
>;

export interface Binding<S> {
  readonly name: string;
  /** The root module, relative to the project: the folder of bisim.config.ts or package.json. */
  readonly spec: string;
  /** The cfg that verbs and tests run where none is named; relative as `spec`. */
  readonly model?: string;
  /** Actions of the spec that the code does not have: their edges are not run and count as uncovered. */
  readonly ignored?: readonly string[];
  /** The initial state, or all of them. */
  init(constants: Constants): S | readonly S[];
  /**
   * The code state of a model state. Leave it out where the code's state holds more than the model's:
   * replay then explores pairs of a model state and a code state, from the initial ones.
   */
  decode?(model: ModelState, constants: Constants): S;
  /** The model's variables as the code sees them. */
  view(state: S): ModelState;
  /** Variables of the spec that the code does not have. */
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
  readonly actions: Readonly<Record<string, BoundAction<S>>>;
  readonly choices?: Readonly<Record<string, BoundChoices<S>>>;
  /** Equal keys = equal code states; used where `decode` is absent. Default: all that can be serialized. */
  key?(state: S): string | number;
  /** What a client saw of this step: its call, its answer, or nothing. */
  history?(
    action: string,
    args: ActionArguments,
    before: S,
    after: S,
    choice: unknown,
  ): HistoryEvent | readonly HistoryEvent[] | undefined;
}

/** Gives a binding its types; it does nothing else. */
export function defineBinding<S>(binding: Binding<S>): Binding<S>;
/** With the types that `bisim types` made: a missing action does not compile. */
export function defineBinding<S, B extends Binding<S>>(binding: B): Binding<S>;
export function defineBinding<S>(binding: Binding<S>): Binding<S> {
  return binding;
}

export type BindingErrorCode =
  | 'missing-action'
  | 'unknown-ignored-action'
  | 'unknown-action'
  | 'unknown-choices'
  | 'missing-variable'
  | 'unknown-variable'
  | 'unknown-hidden-variable'
  | 'parameters'
  | 'unlabelled-step';

/** Binding and spec do not fit together. Thrown before anything is replayed; `next` says what to do. */
export class BindingError extends Error {
  readonly code: BindingErrorCode;
  readonly next: string;

  constructor(code: BindingErrorCode, message: string, next: string) {
    super(message);
    this.name = 'BindingError';
    this.code = code;
    this.next = next;
  }
}

function list(names: Iterable<string>): string {
  const sorted = [...names].sort();
  return sorted.length === 0 ? '(none)' : sorted.join(', ');
}

/** What is checked of a binding, be its code pure or running. */
export interface BoundNames {
  readonly name: string;
  readonly actions: Readonly<Record<string, unknown>>;
  readonly choices?: Readonly<Record<string, unknown>>;
  readonly hidden?: readonly string[];
  readonly ignored?: readonly string[];
}

/** Refuses a binding whose actions, choices or hidden variables are not the spec's. */
export function checkBinding(
  binding: BoundNames,
  spec: { readonly actions: ReadonlySet<string>; readonly variables: readonly string[] },
): void {
  const bound = new Set(Object.keys(binding.actions));
  const ignored = new Set(binding.ignored);
  const both = `The spec has: ${list(spec.actions)}. The binding has: ${list(bound)}.`;
  const strange = [...ignored].filter((name) => !spec.actions.has(name));
  if (strange.length > 0) {
    throw new BindingError(
      'unknown-ignored-action',
      `binding ${binding.name} ignores ${list(strange)}, which the spec's Next lacks. ${both}`,
      '`ignored` names actions of the spec that the code does not have',
    );
  }
  const missing = [...spec.actions].filter((name) => !bound.has(name) && !ignored.has(name));
  if (missing.length > 0) {
    throw new BindingError(
      'missing-action',
      `binding ${binding.name} lacks ${list(missing)}. ${both}`,
      `add ${list(missing)} to its actions, or name what the code does not have in \`ignored\``,
    );
  }
  const unknown = [...bound].filter((name) => !spec.actions.has(name));
  if (unknown.length > 0) {
    throw new BindingError(
      'unknown-action',
      `binding ${binding.name} names ${list(unknown)}, which the spec's Next lacks. ${both}`,
      'name actions as Next does, or remove the entry',
    );
  }
  const choices = Object.keys(binding.choices ?? {}).filter((name) => !bound.has(name));
  if (choices.length > 0) {
    throw new BindingError(
      'unknown-choices',
      `binding ${binding.name} has choices for ${list(choices)}, which are no actions. ${both}`,
      'name choices as the actions they belong to',
    );
  }
  const hidden = (binding.hidden ?? []).filter((name) => !spec.variables.includes(name));
  if (hidden.length > 0) {
    throw new BindingError(
      'unknown-hidden-variable',
      `binding ${binding.name} hides ${list(hidden)}. The spec has: ${list(spec.variables)}.`,
      'hidden names variables of the spec that the code does not have',
    );
  }
}

/** Refuses a view that does not name exactly the spec's variables, less the hidden ones. */
export function checkView(
  binding: Pick<BoundNames, 'name' | 'hidden'>,
  variables: readonly string[],
  view: ModelState,
): void {
  const seen = new Set(Object.keys(view));
  const hidden = new Set(binding.hidden ?? []);
  const expected = variables.filter((name) => !hidden.has(name));
  const both = `The spec has: ${list(variables)}. The view has: ${list(seen)}.`;
  const missing = expected.filter((name) => !seen.has(name));
  if (missing.length > 0) {
    throw new BindingError(
      'missing-variable',
      `the view of binding ${binding.name} lacks ${list(missing)}. ${both}`,
      'add them to the view; what the code does not have goes into `hidden`',
    );
  }
  const unknown = [...seen].filter((name) => !expected.includes(name));
  if (unknown.length > 0) {
    throw new BindingError(
      'unknown-variable',
      `the view of binding ${binding.name} has ${list(unknown)}, which it must not. ${both}`,
      'take them out of the view: the spec lacks them, or `hidden` names them',
    );
  }
}
