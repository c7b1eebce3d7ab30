/**
 * The obviously right checker: tries every order of the operations on one whole store, with no
 * memory, no splitting by key and no cleverness. For histories of a few operations only.
 */
import type { Model, Operation } from '../../conformance/history.ts';

type Store = Readonly<Record<string, string>>;
const missing = JSON.stringify(null);

export function isLinearizable(history: readonly Operation[]): boolean {
  const relevant = history.filter((o) => o.status !== 'fail' && o.eventual !== true);
  return canFinish(relevant, {});
}

function canFinish(left: readonly Operation[], store: Store): boolean {
  if (left.every((o) => o.status === 'info')) return true;
  return left.some((o) => {
    const blocked = left.some((p) => p !== o && p.return !== null && p.return < o.invoke);
    if (blocked) return false;
    const after = apply(o, store);
    return (
      after !== undefined &&
      canFinish(
        left.filter((p) => p !== o),
        after,
      )
    );
  });
}

/** The store after the operation; undefined where it cannot have returned what it returned. */
function apply(o: Operation, store: Store): Store | undefined {
  const key = JSON.stringify(o.key);
  const now = store[key] ?? missing;
  const known = o.status === 'ok';
  const write = (value: unknown): Store => ({ ...store, [key]: JSON.stringify(value ?? null) });
  switch (o.op) {
    case 'get':
      return known && now !== JSON.stringify(o.result) ? undefined : store;
    case 'put':
      return write(o.value);
    case 'delete':
      return write(null);
    case 'append':
      return write(((JSON.parse(now) as string | null) ?? '') + String(o.value));
    default: {
      const [from, to] = o.value as [unknown, unknown];
      const swaps = now === JSON.stringify(from);
      if (known && swaps !== o.result) return undefined;
      return swaps ? write(to) : store;
    }
  }
}

/** The same for any model: every order, stepped through the model as it stands. */
export function isLinearizableUnder<S>(model: Model<S>, history: readonly Operation[]): boolean {
  const finish = (left: readonly Operation[], state: S): boolean => {
    if (left.every((o) => o.status === 'info')) return true;
    return left.some((o) => {
      if (left.some((p) => p !== o && p.return !== null && p.return < o.invoke)) return false;
      const after = model.step(state, o);
      return (
        after !== undefined &&
        finish(
          left.filter((p) => p !== o),
          after,
        )
      );
    });
  };
  return finish(
    history.filter((o) => o.status !== 'fail'),
    model.init,
  );
}
