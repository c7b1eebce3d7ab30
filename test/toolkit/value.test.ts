import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueTable } from '../../conformance/value/table.ts';
import { isModelValue, memo, modelValue, type TlaValue } from '../../conformance/value/value.ts';
import { ValueError } from '../../conformance/value/valueError.ts';
import { anyValue, otherForm } from './valueArbitrary.ts';

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ValueError) {
      expect(error.next).not.toBe('');
      return error.code;
    }
    throw error;
  }
  return 'no error';
}

describe('parse', () => {
  it.each([
    ['TRUE', true],
    ['FALSE', false],
    ['-5', -5],
    ['0', 0],
    ['-2147483648', -2147483648],
    ['123456789012345678901', 123456789012345678901n],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['"q\\"b\\\\s\\nn\\tt\\f\\r"', 'q"b\\s\nn\tt\f\r'],
    ['"µ€😀"', 'µ€😀'],
    ['a1', modelValue('a1')],
    ['{}', new Set()],
    ['<<>>', []],
    ['{1, 2}', new Set([1, 2])],
    ['{FALSE, TRUE}', new Set([false, true])],
    ['BOOLEAN', new Set([false, true])],
    ['<<0, "t">>', [0, 't']],
    ['<< <<1>>, {} >>', [[1], new Set()]],
    ['1..3', new Set([1, 2, 3])],
    ['-3..-1', new Set([-3, -2, -1])],
    ['1..0', new Set()],
    ['[a |-> 1, b |-> {a1}]', { a: 1, b: new Set([modelValue('a1')]) }],
    [
      '[DOMAIN |-> (FALSE :> 2 @@ TRUE :> 2)]',
      {
        DOMAIN: new Map([
          [false, 2],
          [true, 2],
        ]),
      },
    ],
    ['(1 :> "a" @@ 2 :> "b")', ['a', 'b']],
    ['("x y" :> 1 @@ "" :> 2)', { 'x y': 1, '': 2 }],
    [
      '(a1 :> 1 @@ a2 :> -2)',
      new Map([
        [modelValue('a1'), 1],
        [modelValue('a2'), -2],
      ]),
    ],
    ['((2 :> 2) :> (3 :> 4))', new Map([[new Map([[2, 2]]), new Map([[3, 4]])]])],
    ['(5)', 5],
    [
      '{ [ k |-> "a",\n    o |-> <<1, 2>> ],\n  [ k |-> "b", o |-> <<>> ] }',
      new Set([
        { k: 'a', o: [1, 2] },
        { k: 'b', o: [] },
      ]),
    ],
  ] as [string, TlaValue][])('reads %s', (text, value) => {
    const table = new ValueTable();
    expect(table.parse(text)).toBe(table.intern(value));
  });

  it.each([
    ['', 'syntax'],
    ['{1, 2', 'syntax'],
    ['{1,, 2}', 'syntax'],
    ['{1} 2', 'syntax'],
    ['<<1', 'syntax'],
    ['<<1>', 'syntax'],
    ['"abc', 'syntax'],
    ['"abc\\', 'syntax'],
    ['"a\\qb"', 'syntax'],
    ['[a |-> ]', 'syntax'],
    ['[a -> 1]', 'syntax'],
    ['[a |-> 1, a |-> 2]', 'duplicate-key'],
    ['(1 :> 2 @@ 1 :> 3)', 'duplicate-key'],
    ['(1 @@ 2)', 'syntax'],
    ['-', 'syntax'],
    ['12ab', 'syntax'],
    ['1.5', 'syntax'],
    ['1..', 'syntax'],
    ['1..99999999', 'too-large'],
    ['Int', 'infinite-set'],
    ['SUBSET {1}', 'infinite-set'],
    ['#', 'syntax'],
    ['___', 'not-a-value'],
    ['{'.repeat(5000), 'depth'],
    ['<<'.repeat(5000), 'depth'],
    ['('.repeat(5000), 'depth'],
  ])('refuses %s with code %s', (text, code) => {
    const table = new ValueTable();
    expect(codeOf(() => table.parse(text))).toBe(code);
    expect(table.format(table.parse('<<1, {2}>>'))).toBe('<<1, {2}>>');
  });

  it('reads what is nested 1000 deep', () => {
    const text = `${'{'.repeat(1000)}1${'}'.repeat(1000)}`;
    const table = new ValueTable();
    const id = table.parse(text);
    expect(table.format(id)).toBe(text);
    expect(table.intern(table.value(id))).toBe(id);
  });

  it('throws nothing but ValueError, whatever the text', () => {
    const table = new ValueTable();
    const token = fc.constantFrom(
      ...'{}[]()<>,"\\:@|-. a1\n',
      '<<',
      '>>',
      ':>',
      '@@',
      '|->',
      '..',
      'x',
      '12',
      '"s"',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(token, { maxLength: 30 }).map((t) => t.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const code = codeOf(() => table.parse(text));
        expect(code).not.toBe('');
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses or reads each cut and each changed byte of a long value, and stays usable', () => {
    const table = new ValueTable();
    const text = '{[a |-> <<1, -2>>, b |-> (a1 :> {} @@ a2 :> "x\\\\y")], [c |-> 1..3]}';
    const id = table.parse(text);
    for (let cut = 0; cut < text.length; cut++) {
      expect(codeOf(() => table.parse(text.slice(0, cut)))).toBe('syntax');
      for (const c of '{}<>[]()",\\ 0x') {
        codeOf(() => table.parse(text.slice(0, cut) + c + text.slice(cut + 1)));
      }
    }
    expect(table.parse(text)).toBe(id);
  });
});

describe('intern', () => {
  it('gives equal values one number and one text, in whatever form they come', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const table = new ValueTable();
        const id = table.intern(value);
        expect(table.intern(otherForm(value))).toBe(id);
        const text = table.format(id);
        expect(table.parse(text)).toBe(id);
        expect(table.intern(table.value(id))).toBe(id);
        expect(table.value(id)).toBe(table.value(id));
        const other = new ValueTable();
        expect(other.format(other.intern(otherForm(table.value(id))))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives different values different numbers', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const table = new ValueTable();
        const [x, y] = [table.intern(a), table.intern(b)];
        expect(x === y).toBe(table.format(x) === table.format(y));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells apart what only looks alike', () => {
    const table = new ValueTable();
    const alike: TlaValue[] = [
      1,
      '1',
      true,
      'TRUE',
      [1],
      new Set([1]),
      new Map([[2, 1]]),
      { a: 1 },
      modelValue('a1'),
      'a1',
      [],
      new Set(),
      [[]],
      new Set([new Set()]),
    ];
    expect(new Set(alike.map((value) => table.intern(value))).size).toBe(alike.length);
  });

  it('makes the empty function, record and sequence one value', () => {
    const table = new ValueTable();
    expect(table.intern({})).toBe(table.intern([]));
    expect(table.intern(new Map())).toBe(table.intern([]));
    expect(table.intern(-0)).toBe(table.intern(0));
    expect(table.intern(5n)).toBe(table.intern(5));
  });

  const cycle: unknown[] = [];
  cycle.push(cycle);
  it.each([
    ['a fraction', 1.5, 'not-a-value'],
    ['NaN', NaN, 'not-a-value'],
    ['an infinity', Infinity, 'not-a-value'],
    ['an unsafe number', 2 ** 53, 'not-a-value'],
    ['undefined', undefined, 'not-a-value'],
    ['null', null, 'not-a-value'],
    ['an undefined field', { a: undefined }, 'not-a-value'],
    ['a hole in an array', new Array(2), 'not-a-value'],
    ['a function', () => 1, 'not-a-value'],
    ['a symbol', Symbol('x'), 'not-a-value'],
    ['a Date', new Date(0), 'not-a-value'],
    ['a lone surrogate', '\ud800', 'not-a-value'],
    ['a lone surrogate as a field', { '\ud800': 1 }, 'not-a-value'],
    ['a cycle', cycle, 'depth'],
    [
      'a key given twice in two forms',
      new Map<unknown, number>([
        [{ a: 1 }, 1],
        [new Map([['a', 1]]), 2],
      ]),
      'duplicate-key',
    ],
  ])('refuses %s', (_, value, code) => {
    const table = new ValueTable();
    expect(codeOf(() => table.intern([1, value as TlaValue]))).toBe(code);
    expect(table.format(table.intern([1, 2]))).toBe('<<1, 2>>');
  });
});

describe('value', () => {
  it('is frozen all the way down', () => {
    const table = new ValueTable();
    const value = table.value(table.parse('[s |-> {1}, f |-> (a1 :> <<1>>), q |-> <<{}>>]')) as {
      s: Set<number>;
      f: Map<TlaValue, number[]>;
      q: unknown[];
    };
    expect(Object.getPrototypeOf(value)).toBe(null);
    expect(codeOf(() => value.s.add(2))).toBe('frozen');
    expect(codeOf(() => value.s.delete(1))).toBe('frozen');
    expect(codeOf(() => value.s.clear())).toBe('frozen');
    expect(codeOf(() => value.f.set(1, []))).toBe('frozen');
    expect(codeOf(() => value.f.delete(1))).toBe('frozen');
    expect(codeOf(() => value.f.clear())).toBe('frozen');
    expect(() => value.q.push(1)).toThrow(TypeError);
    expect(() => value.f.get(modelValue('a1'))!.push(1)).toThrow(TypeError);
    expect(() => Object.assign(value, { s: 1 })).toThrow(TypeError);
    expect(new Set([...value.s, 2])).toEqual(new Set([1, 2]));
  });

  it('refuses numbers the table never gave out', () => {
    const table = new ValueTable();
    for (const id of [-1, 1e9, NaN, 0.5]) {
      expect(() => table.value(id)).toThrow(RangeError);
      expect(() => table.format(id)).toThrow(RangeError);
    }
  });
});

describe('modelValue', () => {
  it('gives one object per name, recognised by its brand', () => {
    expect(modelValue('a1')).toBe(modelValue('a1'));
    expect(isModelValue(modelValue('a1'))).toBe(true);
    expect(isModelValue({ name: 'a1' })).toBe(false);
    expect(`${String(modelValue('a1'))}`).toBe('a1');
  });

  it.each(['', '1', 'a b', 'TRUE', 'é', '"a"'])('refuses the name %j', (name) => {
    expect(codeOf(() => modelValue(name))).toBe('not-a-value');
  });
});

describe('memo', () => {
  it('computes once per argument, freezes the result, and keeps its value right', () => {
    const table = new ValueTable();
    let calls = 0;
    const view = memo((s: { n: number }) => {
      calls++;
      return { list: [s.n, { deep: [s.n] }], set: new Set([[s.n]]) };
    });
    const state = { n: 7 };
    expect(view(state)).toBe(view(state));
    expect(calls).toBe(1);
    const id = table.intern(view(state));
    expect(table.intern(view(state))).toBe(id);
    expect(table.format(id)).toBe('[list |-> <<7, [deep |-> <<7>>]>>, set |-> {<<7>>}]');
    expect(() => view(state).list.push(1)).toThrow(TypeError);
    expect(codeOf(() => view(state).set.add([1]))).toBe('frozen');
    expect(new ValueTable().format(new ValueTable().intern(true))).toBe('TRUE');
  });

  it('copies a frozen holder of a Set rather than leave the Set open', () => {
    const held = new Set([1]);
    const view = memo(() => Object.freeze({ held }));
    const result = view({});
    expect(codeOf(() => result.held.add(2))).toBe('frozen');
    held.add(3);
    expect(result.held.size).toBe(1);
  });
});
