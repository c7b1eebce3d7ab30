/**
 * The one loop that performs effects: a pure action is tried on the state, and where its guard
 * holds, the state is replaced and its outputs are performed, in order. It is the only trace point.
 * Generic in state and outputs: it knows no protocol.
 */
export interface Step<S, O> {
  readonly state: S;
  readonly outputs: readonly O[];
}

export interface Output {
  readonly kind: string;
}

/** One performer for each kind of output. */
export type Effects<O extends Output> = {
  readonly [K in O['kind']]: (output: Extract<O, { kind: K }>) => void;
};

/** What an action did, for a recorder of traces; told before its outputs are performed. */
export type Trace<S, O> = (
  action: string,
  args: object,
  before: S,
  after: S,
  outputs: readonly O[],
) => void;

export class Drive<S, O extends Output> {
  #state: S;
  readonly #effects: Effects<O>;
  readonly #trace: Trace<S, O> | undefined;

  constructor(state: S, effects: Effects<O>, trace?: Trace<S, O>) {
    this.#state = state;
    this.#effects = effects;
    this.#trace = trace;
  }

  get state(): S {
    return this.#state;
  }

  /** Whether the action was enabled, and so was taken. */
  act<A extends object>(
    name: string,
    action: (state: S, args: A) => Step<S, O> | undefined,
    args: A,
  ): boolean {
    const before = this.#state;
    const step = action(before, args);
    if (step === undefined) return false;
    this.#state = step.state;
    this.#trace?.(name, args, before, step.state, step.outputs);
    for (const output of step.outputs) this.#perform(output);
    return true;
  }

  #perform(output: O): void {
    const effect: unknown = this.#effects[output.kind as O['kind']];
    (effect as (output: O) => void)(output);
  }
}
