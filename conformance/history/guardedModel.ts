/**
 * A user's model, watched while it is stepped. What must hold: a model that throws, answers with a
 * promise, changes the state it was given or answers one question in two ways ends the check with
 * its name and the operation, and decides no verdict.
 */
import { operationText } from './explain.ts';
import { Interner } from './interner.ts';
import type { Model } from './model.ts';
import { HistoryError } from './operation.ts';
import type { Operation } from './operation.ts';

/** So many steps of each operation are taken twice, and the state compared before and after. */
const watchedMax = 32;

const known = new WeakMap<Model, Model>();

/** What steps a model, with its functions watched. */
export function guarded(model: Model): Model {
  const there = known.get(model) ?? watching(model);
  known.set(model, there);
  return there;
}

function watching(model: Model): Model {
  const { name, operations, init, hash, equal, partition, pure } = model;
  const taken = new Map<string, number>();
  return {
    ...{ name, operations, init },
    step: (state, operation) => {
      const count = taken.get(operation.op) ?? 0;
      if (count >= watchedMax) return stepped(model, state, operation);
      taken.set(operation.op, count + 1);
      return steppedTwice(model, state, operation);
    },
    ...(pure === undefined
      ? {}
      : { pure: (o) => calling(model, 'pure', o, () => pure.call(model, o)) }),
    ...(partition === undefined
      ? {}
      : { partition: (o) => calling(model, 'partition', o, () => partition.call(model, o)) }),
    ...(hash === undefined ? {} : { hash: (state) => hashed(model, state) }),
    ...(equal === undefined
      ? {}
      : { equal: (a, b) => calling(model, 'equal', undefined, () => equal.call(model, a, b)) }),
  };
}

function stepped(model: Model, state: unknown, operation: Operation): unknown {
  const after = calling(model, 'step', operation, () => model.step(state, operation));
  if (!isPromise(after)) return after;
  throw new HistoryError(`model ${model.name}: step answers with a promise; a state is expected`);
}

function steppedTwice(model: Model, state: unknown, operation: Operation): unknown {
  const table = new Interner();
  const before = table.intern(state);
  const after = stepped(model, state, operation);
  const what =
    table.intern(state) === before
      ? agree(model, after, stepped(model, state, operation))
        ? undefined
        : 'step answers in two ways; it must depend on its arguments alone'
      : 'step changes the state it is given; it must give a new one';
  if (what === undefined) return after;
  throw new HistoryError(`model ${model.name}: ${what} (${operationText(operation)})`);
}

function hashed(model: Model, state: unknown): string | number {
  const value: unknown = calling(model, 'hash', undefined, () => model.hash?.(state));
  if (typeof value === 'string' || (typeof value === 'number' && !Number.isNaN(value))) {
    return value;
  }
  const found = String(value);
  throw new HistoryError(`model ${model.name}: hash gives ${found}; expected a text or a number`);
}

function calling<T>(model: Model, what: string, on: Operation | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof HistoryError) throw cause;
    const where = on === undefined ? '' : ` on ${operationText(on)}`;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new HistoryError(`model ${model.name}: ${what} fails${where}: ${message}`, { cause });
  }
}

function agree(model: Model, one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  const { equal } = model;
  if (equal !== undefined) {
    return calling(model, 'equal', undefined, () => equal.call(model, one, other));
  }
  if (model.hash !== undefined) return hashed(model, one) === hashed(model, other);
  const table = new Interner();
  // An object of a class is equal to itself alone: nothing can be compared.
  return isOfClass(one) || table.intern(one) === table.intern(other);
}

function isOfClass(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (value instanceof Map || value instanceof Set) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && prototype !== Object.prototype;
}

function isPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'then' in value && typeof value.then === 'function';
}
