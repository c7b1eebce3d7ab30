/** Arbitrary TLA+ values in JavaScript form, and the other forms that must count as equal to them. */
import fc from 'fast-check';
import { modelValue, type TlaValue } from '../../conformance/value/value.ts';

const integer = fc.oneof(
  fc.integer({ min: -6000, max: 6000 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
);
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'b',
    'q"u',
    'back\\slash',
    'line\nbreak',
    '/\\ x = 1',
    '\t\f\r',
    'é€😀',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }).filter((s) => !/\p{Surrogate}/u.test(s)),
);
const model = fc.constantFrom('a1', 'a2', 'Null', 'n_0').map(modelValue);

export const anyValue: fc.Arbitrary<TlaValue> = fc.letrec<{ value: TlaValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.boolean(),
    integer,
    text,
    model,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((elements) => new Set(elements)),
    fc.dictionary(fc.oneof(fc.constantFrom('type', 'bal', 'from', 'x1'), text), tie('value'), {
      maxKeys: 4,
    }),
    fc
      .array(fc.tuple(fc.oneof(model, fc.integer({ min: -2, max: 5 }), text), tie('value')), {
        maxLength: 4,
      })
      .map((pairs) => new Map(pairs)),
  ),
})).value;

/** The same value in another form: fields, elements and pairs reversed, functions as Maps. */
export function otherForm(value: TlaValue): TlaValue {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) {
    return new Map((value as TlaValue[]).map((v, i) => [i + 1, otherForm(v)] as const).reverse());
  }
  if (value instanceof Set) return new Set([...(value as Set<TlaValue>)].reverse().map(otherForm));
  if (value instanceof Map) {
    const pairs = [...(value as Map<TlaValue, TlaValue>)].reverse();
    return new Map(pairs.map(([k, v]) => [otherForm(k), otherForm(v)]));
  }
  if (typeof value === 'object' && !('name' in value && Object.isFrozen(value))) {
    const entries = Object.entries(value).reverse();
    return new Map(entries.map(([k, v]) => [k, otherForm(v)]));
  }
  return value;
}
