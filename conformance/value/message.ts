/**
 * Which values are messages on a network: records that say what they are. What must hold: this is a
 * guess by the customs of the field, and decides nothing but what is drawn.
 */
import { isModelValue, type TlaValue } from './value.ts';

const sayingFields = ['type', 'mtype', 'kind', 'tag'] as const;

export function isMessage(value: TlaValue | undefined): boolean {
  if (typeof value !== 'object' || isModelValue(value)) return false;
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) return false;
  return sayingFields.some((field) => Object.hasOwn(value, field));
}

/** All messages inside a value, in sets, sequences, bags and functions of these, with how many there are. */
export function messagesIn(
  value: TlaValue,
  found: Map<TlaValue, number> = new Map(),
): Map<TlaValue, number> {
  const add = (message: TlaValue, count: number): void => {
    found.set(message, (found.get(message) ?? 0) + count);
  };
  if (isMessage(value)) add(value, 1);
  else if (Array.isArray(value) || value instanceof Set) {
    for (const each of value as Iterable<TlaValue>) messagesIn(each, found);
  } else if (value instanceof Map) {
    for (const [key, each] of value as ReadonlyMap<TlaValue, TlaValue>) {
      if (isMessage(key) && typeof each === 'number') add(key, each);
      else messagesIn(each, found);
    }
  } else if (typeof value === 'object' && !isModelValue(value)) {
    for (const each of Object.values(value)) messagesIn(each, found);
  }
  return found;
}

/** The value without this message, wherever it lies in sets and bags. */
export function withoutMessage(value: TlaValue, isIt: (message: TlaValue) => boolean): TlaValue {
  if (value instanceof Set) {
    const kept = [...(value as ReadonlySet<TlaValue>)].filter((each) => !isIt(each));
    return new Set(kept.map((each) => withoutMessage(each, isIt)));
  }
  if (value instanceof Map) {
    const kept = [...(value as ReadonlyMap<TlaValue, TlaValue>)].filter(([key]) => !isIt(key));
    return new Map(kept.map(([key, each]) => [key, withoutMessage(each, isIt)]));
  }
  if (Array.isArray(value)) return value.map((each: TlaValue) => withoutMessage(each, isIt));
  if (typeof value !== 'object' || isModelValue(value) || isMessage(value)) return value;
  const fields = Object.entries(value).map(([name, each]) => [name, withoutMessage(each, isIt)]);
  return Object.fromEntries(fields) as TlaValue;
}
