/**
 * One subject from its start to its stop. What must hold: one call at a time, each within the limit;
 * a subject that was started is stopped once, also one whose start answered too late.
 */
import type { Constants, ModelState } from '../replay/binding.ts';
import { type During, Thrown } from '../replay/offers.ts';
import type { RunningBinding } from '../replay/runningBinding.ts';
import { type AnswerLimit, type Awaitable, isPromise, NoAnswer, RunEnded } from './answerLimit.ts';
import type { Call } from './calls.ts';

export interface Housing<S> {
  readonly binding: RunningBinding<S>;
  readonly constants: Constants;
  readonly limit: AnswerLimit;
}

const noChoice: readonly unknown[] = [undefined];

export class LiveSubject<S> {
  private readonly housing: Housing<S>;
  private readonly subject: S;

  private constructor(housing: Housing<S>, subject: S) {
    this.housing = housing;
    this.subject = subject;
  }

  static async start<S>(housing: Housing<S>, initial: ModelState): Promise<LiveSubject<S>> {
    const { binding, constants, limit } = housing;
    let starting: Awaitable<S> | undefined;
    try {
      starting = binding.start(constants, initial);
      return new LiveSubject(housing, await limit.within('start', starting));
    } catch (error) {
      const late = error instanceof NoAnswer || error instanceof RunEnded;
      if (late && isPromise(starting)) stopWhenStarted(housing, starting);
      throw asThrown('start', error);
    }
  }

  observe(): Awaitable<ModelState> {
    return this.ask('observe', () => this.housing.binding.observe(this.subject));
  }

  /** What the action quantifies over the state, in the binding's order. */
  choices(call: Call<S>): Awaitable<readonly unknown[]> {
    const { choices } = call;
    if (choices === undefined) return noChoice;
    const given = this.ask('choices', () =>
      choices(this.subject, call.args, this.housing.constants),
    );
    return isPromise(given) ? given.then((each) => [...each]) : [...given];
  }

  /** Whether the step was taken; false where the subject refuses it. */
  perform(call: Call<S>, choice: unknown): Awaitable<boolean> {
    const { action } = call;
    if (action === undefined) return false;
    const answer = this.ask<unknown>(
      'action',
      () => action(this.subject, call.args, choice, this.housing.constants),
      choice,
    );
    return isPromise(answer) ? answer.then((value) => value !== false) : answer !== false;
  }

  async stop(): Promise<void> {
    const { binding } = this.housing;
    if (binding.stop === undefined) return;
    await this.ask('stop', () => binding.stop?.(this.subject));
  }

  private ask<T>(during: During, call: () => Awaitable<T>, choice?: unknown): Awaitable<T> {
    let answer: Awaitable<T>;
    try {
      answer = this.housing.limit.within(during, call());
    } catch (error) {
      throw asThrown(during, error, choice);
    }
    if (!isPromise(answer)) return answer;
    return answer.then(undefined, (error: unknown) => {
      throw asThrown(during, error, choice);
    });
  }
}

function asThrown(during: During, error: unknown, choice?: unknown): Error {
  if (error instanceof NoAnswer || error instanceof RunEnded || error instanceof Thrown)
    return error;
  return new Thrown(during, error, choice);
}

/** Nobody waits for it any more; it must not run on. */
function stopWhenStarted<S>({ binding }: Housing<S>, starting: PromiseLike<S>): void {
  const stopping = async (): Promise<void> => {
    await binding.stop?.(await starting);
  };
  stopping().catch(() => undefined);
}
