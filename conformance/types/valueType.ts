/**
 * The type of a value, for constants that a cfg gives. Strings and numbers are taken as some of
 * many: another cfg gives others.
 */
import { isModelValue, type TlaValue } from '../value/value.ts';
import {
  booleanType,
  integerType,
  joinAll,
  modelType,
  type SetType,
  stringType,
  type TlaType,
} from './tlaType.ts';

export function valueType(value: TlaValue): TlaType {
  if (typeof value === 'boolean') return booleanType;
  if (typeof value === 'string') return stringType;
  if (typeof value === 'number' || typeof value === 'bigint') return integerType;
  if (isModelValue(value)) return modelType;
  if (value instanceof Set) return setType([...(value as ReadonlySet<TlaValue>)]);
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<TlaValue, TlaValue>)];
    const domain = setType(entries.map(([key]) => key));
    return { kind: 'function', domain, range: joinAll(entries.map(([, v]) => valueType(v))) };
  }
  if (Array.isArray(value)) {
    return { kind: 'tuple', parts: (value as readonly TlaValue[]).map(valueType) };
  }
  const fields = Object.entries(value as Readonly<Record<string, TlaValue>>);
  const typed = fields.map(([name, each]) => [name, valueType(each)] as const);
  return { kind: 'record', fields: Object.fromEntries(typed) };
}

function setType(elements: readonly TlaValue[]): SetType {
  const of = joinAll(elements.map(valueType));
  if (of.kind !== 'integer') return { kind: 'set', of };
  const oneTo = elements.every(
    (each) => typeof each === 'number' && each >= 1 && each <= elements.length,
  );
  return { kind: 'set', of, oneTo };
}
