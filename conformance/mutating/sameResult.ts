/**
 * Whether two results are the same, one made by the real code and one by a copy of it: each has
 * classes of its own, so instances are compared by the name of their class and what they hold. What
 * must hold: what cannot be looked into (functions, private fields) is never called the same.
 */
import { isDeepStrictEqual } from 'node:util';

type Pairs = Map<object, object>;

export function sameResult(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b) || same(a, b, new Map());
}

function same(a: unknown, b: unknown, open: Pairs): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  // Met again on its own way down: the rest decides.
  if (open.get(a) === b) return true;
  open.set(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && sameKeys(a, b, open);
  const members = membersOf(a);
  const others = membersOf(b);
  if (members === undefined || others === undefined) {
    return members === others && sameClass(a, b) && sameKeys(a, b, open);
  }
  return a instanceof Map === b instanceof Map && sameMembers(members, others, open);
}

function membersOf(value: object): readonly unknown[] | undefined {
  return value instanceof Map || value instanceof Set ? [...value] : undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function sameKeys(a: object, b: object, open: Pairs): boolean {
  const keys = Reflect.ownKeys(a);
  return (
    keys.length === Reflect.ownKeys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key), open),
    )
  );
}

/** In any order; most stand at the same place. */
function sameMembers(a: readonly unknown[], b: readonly unknown[], open: Pairs): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((member, at) => {
    const is = (one: unknown): boolean => same(member, one, new Map(open));
    const place = is(left[at]) ? at : left.findIndex(is);
    if (place < 0) return false;
    left.splice(place, 1, gone);
    return true;
  });
}

const gone = Symbol('gone');

function sameClass(a: object, b: object): boolean {
  const [ours, theirs] = [classesOf(a), classesOf(b)];
  return (
    ours.length === theirs.length &&
    ours.every((one, at) => one.name === theirs[at]?.name && isOpen(one) && isOpen(theirs[at]))
  );
}

/** Those of an instance, the nearest first; none of a plain object. */
function classesOf(value: object): (() => unknown)[] {
  const found: (() => unknown)[] = [];
  let at = Object.getPrototypeOf(value) as { constructor: () => unknown } | null;
  for (; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as typeof at) {
    found.push(at.constructor);
  }
  return found;
}

/** Built-in classes (dates, buffers) and private fields hold what no key shows. */
const isOpen = (one: () => unknown): boolean => !/\[native code\]|#\w/.test(String(one));
