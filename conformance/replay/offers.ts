/**
 * What the code can do in one state: each action with each combination of constant arguments, and
 * with each choice the binding offers, none of them filtered beforehand.
 */
import type { EdgeLabel } from '../behaviour/graph.ts';
import type { TlaValue } from '../value/value.ts';
import {
  type ActionArguments,
  type Binding,
  BindingError,
  type BoundAction,
  type BoundChoices,
  type Constants,
} from './binding.ts';

/** The names of each action's parameters, in the spec's order. Its keys are all actions of the spec. */
export type ParameterNames = Readonly<Record<string, readonly string[]>>;

/** Called with each state an action can lead to, until it returns true. */
export type Visit<S> = (result: S, choice: unknown) => boolean | void;

/** What of a binding was running. */
export type During =
  | 'init'
  | 'decode'
  | 'view'
  | 'choices'
  | 'action'
  | 'history'
  | 'key'
  | 'start'
  | 'observe'
  | 'stop';

/** Thrown around what a binding threw, to say what it was doing. */
export class Thrown extends Error {
  readonly during: During;
  readonly choice: unknown;

  constructor(during: During, cause: unknown, choice?: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'Thrown';
    this.during = during;
    this.choice = choice;
  }
}

interface Call<S> {
  readonly action: BoundAction<S>;
  readonly args: ActionArguments;
  readonly choices: BoundChoices<S> | undefined;
}

export class Offers<S> {
  private readonly calls: Call<S>[] = [];
  private readonly binding: Binding<S>;
  private readonly parameterNames: ParameterNames;
  private readonly constants: Constants;
  /** How often an action of the code was called. */
  count = 0;

  constructor(o: {
    binding: Binding<S>;
    labels: readonly EdgeLabel[];
    parameterNames: ParameterNames;
    constants: Constants;
  }) {
    this.binding = o.binding;
    this.parameterNames = o.parameterNames;
    this.constants = o.constants;
    for (const label of o.labels) this.add(label);
  }

  /** One more label; its number. */
  add(label: EdgeLabel): number {
    const ignored = this.binding.ignored?.includes(label.action) === true;
    return (
      this.calls.push({
        action: ignored ? notRun : boundAction(this.binding, label.action),
        args: namedArguments(label, this.parameterNames[label.action]),
        choices: own(this.binding.choices ?? {}, label.action),
      }) - 1
    );
  }

  argsOf(label: number): ActionArguments {
    return (this.calls[label] as Call<S>).args;
  }

  /** Visits each result of that label in `state`. Throws `Thrown` where the binding throws. */
  visit(state: S, label: number, visit: Visit<S>): void {
    const call = this.calls[label] as Call<S>;
    if (call.choices === undefined) {
      this.one(state, call, undefined, visit);
      return;
    }
    let choices: Iterable<unknown>;
    try {
      choices = call.choices(state, call.args, this.constants);
      if (!Array.isArray(choices) && !(choices instanceof Set)) choices = [...choices];
    } catch (error) {
      throw new Thrown('choices', error);
    }
    for (const choice of choices) if (this.one(state, call, choice, visit)) return;
  }

  private one(state: S, call: Call<S>, choice: unknown, visit: Visit<S>): boolean {
    this.count += 1;
    let result: S | readonly S[] | undefined;
    try {
      result = call.action(state, call.args, choice, this.constants);
    } catch (error) {
      throw new Thrown('action', error, choice);
    }
    if (result === undefined) return false;
    if (!Array.isArray(result)) return visit(result as S, choice) === true;
    return (result as readonly S[]).some((each) => visit(each, choice) === true);
  }
}

/** An ignored action: its label keeps its number, and nothing runs. */
const notRun = (): undefined => undefined;

export function own<V>(record: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function boundAction<S>(binding: Binding<S>, name: string): BoundAction<S> {
  const action = own(binding.actions, name);
  if (action === undefined) {
    throw new BindingError('missing-action', `binding ${binding.name} lacks ${name}`, 'add it');
  }
  return action;
}

/** An edge's arguments by the names of the spec's parameters. */
export function namedArguments(
  label: EdgeLabel,
  names: readonly string[] | undefined,
): Readonly<Record<string, TlaValue>> {
  if (names === undefined || names.length !== label.args.length) {
    throw new BindingError(
      'parameters',
      `${label.action} has ${label.args.length} arguments in the graph, and ${
        names === undefined ? 'no' : names.length
      } parameter names`,
      'name the parameters of each action in the order of the spec',
    );
  }
  return Object.freeze(
    Object.fromEntries(names.map((name, i) => [name, label.args[i] as TlaValue])),
  );
}
