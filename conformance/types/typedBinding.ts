/**
 * Bindings held to the types that `bisim types` makes of a spec. What must hold: an action that is
 * missing, or one too many arguments, does not compile; and a typed binding is a binding.
 */
import type { Binding } from '../replay/binding.ts';
import type { RunningBinding } from '../replay/runningBinding.ts';
import type { z } from 'zod';

/** What a generated file says of a spec. */
export interface TypedSpec {
  readonly state: object;
  readonly constants: object;
  /** By action: its arguments. */
  readonly arguments: object;
}

/** A zod schema for each field of a type. */
export type Schemas<Fields> = { readonly [Name in keyof Fields]: z.ZodType<Fields[Name]> };

/** One function an action, each with its own arguments. */
export type Bound<Code, Spec extends TypedSpec> = {
  readonly [Name in keyof Spec['arguments']]: (
    state: Code,
    args: Spec['arguments'][Name],
    choice: never,
    constants: Spec['constants'],
  ) => Code | readonly Code[] | undefined;
};

/** For `defineBinding<Code, TypedBinding<Code, Spec>>`: an action that is missing does not compile. */
export type TypedBinding<Code, Spec extends TypedSpec> = Omit<
  Binding<Code>,
  'actions' | 'init' | 'decode' | 'view' | 'hidden'
> & {
  init(constants: Spec['constants']): Code | readonly Code[];
  decode?(model: Spec['state'], constants: Spec['constants']): Code;
  /** Whole, less the hidden variables. */
  view(state: Code): Partial<Spec['state']>;
  readonly hidden?: readonly (keyof Spec['state'] & string)[];
  readonly actions: Bound<Code, Spec>;
};

/** For `defineRunningBinding<Subject, TypedRunningBinding<Subject, Spec>>`. */
export type TypedRunningBinding<Subject, Spec extends TypedSpec> = Omit<
  RunningBinding<Subject>,
  'actions' | 'start' | 'observe' | 'hidden'
> & {
  start(constants: Spec['constants']): Subject | Promise<Subject>;
  observe(subject: Subject): Partial<Spec['state']> | Promise<Partial<Spec['state']>>;
  readonly hidden?: readonly (keyof Spec['state'] & string)[];
  readonly actions: {
    readonly [Name in keyof Spec['arguments']]: (
      subject: Subject,
      args: Spec['arguments'][Name],
      choice: never,
      constants: Spec['constants'],
    ) => unknown;
  };
};
