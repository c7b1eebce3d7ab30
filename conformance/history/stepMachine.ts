/**
 * A machine for any model that only has `step`: states and effects are interned, and each
 * (state, effect) is stepped once. An effect is the operation without process and times; of an
 * info operation also without its result.
 */
import { operationAt } from './columns.ts';
import type { Columns } from './columns.ts';
import { guarded } from './guardedModel.ts';
import { Interner, showValue } from './interner.ts';
import type { Machine, Model, Partition } from './model.ts';
import type { Operation } from './operation.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export class StepMachine implements Machine {
  readonly initial = 0;
  readonly effect: Int32Array;
  pure: Uint8Array = new Uint8Array(0);
  readonly #columns: Columns;
  readonly #partition: Partition;
  readonly #model: Model;
  /** One operation of each effect; they differ only in who and when. */
  readonly #samples: Operation[] = [];
  readonly #states: unknown[] = [];
  readonly #table = new Interner();
  readonly #ids = new Map<number | string, number[]>();
  readonly #memo = new Map<number, number>();

  constructor(columns: Columns, partition: Partition, model: Model) {
    this.#columns = columns;
    this.#partition = partition;
    this.#model = model;
    this.effect = new Int32Array(partition.rows.length);
    this.#state(model.init);
  }

  /** Numbers the effects; to be done once, before anything is asked. */
  *compile(): Turns<void> {
    const { rows } = this.#partition;
    const effects = new Interner();
    effects.intern('');
    for (let op = 0; op < rows.length; op += 1) {
      if ((op & (betweenYields >> 3)) === 0) yield;
      const operation = operationAt(this.#columns, rows[op] as number);
      const result = operation.status === 'info' ? 'unknown' : ['known', operation.result];
      const { op: name, key, value } = operation;
      const effect = effects.intern([name, key, value, result, operation.status]);
      this.effect[op] = effect;
      this.#samples[effect] = operation;
    }
    this.pure = Uint8Array.from({ length: effects.size }, (_, effect) => {
      const sample = this.#samples[effect];
      return sample !== undefined && this.#model.pure?.(sample) === true ? 1 : 0;
    });
  }

  next(state: number, effect: number): number {
    const memo = state * this.pure.length + effect;
    const seen = this.#memo.get(memo);
    if (seen !== undefined) return seen;
    const after = this.#model.step(this.#states[state], this.#samples[effect] as Operation);
    const id = after === undefined ? -1 : this.#state(after);
    this.#memo.set(memo, id);
    return id;
  }

  show(state: number): string {
    return showValue(this.#states[state]);
  }

  #state(value: unknown): number {
    const { hash, equal } = this.#model;
    const key = hash === undefined && equal === undefined ? this.#table.intern(value) : 0;
    const bucket = hash === undefined ? key : hash(value);
    const there = this.#ids.get(bucket);
    if (there === undefined) {
      const id = this.#states.push(value) - 1;
      this.#ids.set(bucket, [id]);
      return id;
    }
    const same = there.find((id) => equal === undefined || equal(this.#states[id], value));
    if (same !== undefined) return same;
    const id = this.#states.push(value) - 1;
    there.push(id);
    return id;
  }
}

/** The machine a model compiles itself, or one that steps it. */
export function* machineOf(columns: Columns, partition: Partition, model: Model): Turns<Machine> {
  if (model.compile !== undefined) return yield* model.compile(columns, partition);
  const machine = new StepMachine(columns, partition, guarded(model));
  yield* machine.compile();
  return machine;
}

/** The model over all partitions at once, for checking without splitting. */
export function unsplit(model: Model): Model {
  const { partition } = model;
  if (partition === undefined) return model;
  const { init, hash, equal, partitionColumn: _column, compile: _compile, ...rest } = model;
  type Whole = ReadonlyMap<string, unknown>;
  const part = (operation: Operation): string => showValue(partition(operation));
  return {
    ...rest,
    init: new Map(),
    step: (state, operation) => {
      const key = part(operation);
      const whole = state as Whole;
      const before = whole.has(key) ? whole.get(key) : init;
      const after = model.step(before, operation);
      return after === undefined ? undefined : new Map(whole).set(key, after);
    },
    ...(hash === undefined && equal === undefined
      ? {}
      : { hash: (state) => wholeHash(state as Whole, hash), equal: sameWhole(equal) }),
  };
}

function wholeHash(whole: ReadonlyMap<string, unknown>, hash: Model['hash']): string {
  const parts = [...whole].map(([key, state]) => `${key}=${hash === undefined ? '' : hash(state)}`);
  return parts.sort().join('\n');
}

function sameWhole(equal: Model['equal']): (a: unknown, b: unknown) => boolean {
  return (a, b) => {
    const [one, two] = [a as ReadonlyMap<string, unknown>, b as ReadonlyMap<string, unknown>];
    if (one.size !== two.size) return false;
    return [...one].every(([key, state]) => {
      if (!two.has(key)) return false;
      return equal === undefined || equal(state, two.get(key));
    });
  };
}
