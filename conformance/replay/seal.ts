/**
 * Code states that cannot be changed by the actions that get them: an action that writes to its
 * input throws at once, instead of spoiling the states after it.
 */

export class SealError extends Error {
  override readonly name = 'SealError';
}

function refuse(): never {
  throw new SealError('the action changed the state it was given; it must make a new one');
}

/** Makes `add`, `set`, `delete` and `clear` of one Set or Map throw. */
function closeCollection(collection: object): void {
  const property = { value: refuse, enumerable: false };
  for (const name of collection instanceof Set
    ? ['add', 'delete', 'clear']
    : ['set', 'delete', 'clear'])
    Object.defineProperty(collection, name, property);
}

/**
 * Freezes `state` all the way down, in place. What is frozen already is taken to be so all the way
 * down, as the model's values are; private fields of classes are out of reach. Returns false where
 * something cannot be frozen (typed arrays, dates): the caller then compares with a second copy.
 */
export function seal(state: unknown, depth = 0): boolean {
  if (typeof state !== 'object' || state === null || Object.isFrozen(state)) return true;
  if (depth > 500) return false;
  if (ArrayBuffer.isView(state) || state instanceof ArrayBuffer || state instanceof Date)
    return false;
  let whole = true;
  if (state instanceof Set || state instanceof Map) {
    closeCollection(state);
    Object.freeze(state);
    for (const element of state.values()) whole = seal(element, depth + 1) && whole;
    if (state instanceof Map) for (const key of state.keys()) whole = seal(key, depth + 1) && whole;
    return whole;
  }
  Object.freeze(state);
  const fields = state as Record<string, unknown>;
  for (const name in fields) {
    const field = fields[name];
    if (typeof field === 'object' && field !== null) whole = seal(field, depth + 1) && whole;
  }
  return whole;
}
