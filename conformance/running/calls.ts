/**
 * How each action under each combination of arguments is asked of a subject that runs. What must
 * hold: a label has one number, whatever graph or trace it came from.
 */
import type { EdgeLabel } from '../behaviour/graph.ts';
import type { ActionArguments, Constants } from '../replay/binding.ts';
import { BindingError } from '../replay/binding.ts';
import { namedArguments, own, type ParameterNames } from '../replay/offers.ts';
import type { RunningAction, RunningBinding, RunningChoices } from '../replay/runningBinding.ts';

export interface Call<S> {
  readonly label: EdgeLabel;
  readonly args: ActionArguments;
  /** Absent where the binding ignores the action. */
  readonly action?: RunningAction<S>;
  readonly choices?: RunningChoices<S>;
}

export class Calls<S> {
  private readonly binding: RunningBinding<S>;
  private readonly parameterNames: ParameterNames;
  private readonly known = new Map<EdgeLabel, Call<S>>();

  constructor(o: {
    readonly binding: RunningBinding<S>;
    readonly parameterNames: ParameterNames;
    readonly constants: Constants;
  }) {
    this.binding = o.binding;
    this.parameterNames = o.parameterNames;
  }

  of(label: EdgeLabel): Call<S> {
    const known = this.known.get(label);
    if (known !== undefined) return known;
    const call = this.make(label);
    this.known.set(label, call);
    return call;
  }

  private make(label: EdgeLabel): Call<S> {
    const { binding, parameterNames } = this;
    const args = namedArguments(label, parameterNames[label.action]);
    if (binding.ignored?.includes(label.action) === true) return { label, args };
    const action = own(binding.actions, label.action);
    if (action === undefined) {
      const message = `binding ${binding.name} lacks ${label.action}`;
      throw new BindingError('missing-action', message, 'add it, or name it in `ignored`');
    }
    const choices = own(binding.choices ?? {}, label.action);
    return { label, args, action, ...(choices !== undefined && { choices }) };
  }
}
