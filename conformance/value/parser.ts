/**
 * Reads one TLA+ value as TLC prints it, from bytes, into a ValueStore.
 * Values may wrap over lines; record fields and set elements come in any order.
 * Names and strings are recognised by their bytes: a value seen before makes no garbage.
 */
import { ByteMemo, finishHash, hashBytes, hashSeed } from './byteMemo.ts';
import { ShapeTrie } from './shape.ts';
import { modelValue } from './value.ts';
import { ValueError, type ValueErrorCode } from './valueError.ts';
import { depthMax, type ValueStore } from './valueStore.ts';

const wordBytesMax = 1 << 24;
/** All intervals of one value together: the text `1..999999` is short, what it means is not. */
const intervalSizeMax = 100_000;
/** Reading a number takes more than time in proportion to its length. */
export const digitsMax = 10_000;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bit 1: may stand in an identifier; bit 2: digit; bit 4: white space. */
const classes = new Uint8Array(256);
for (let c = 0; c < 256; c++) {
  const digit = c >= 48 && c <= 57;
  const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
  classes[c] =
    (digit || letter ? 1 : 0) | (digit ? 2 : 0) | (c === 32 || (c >= 9 && c <= 13) ? 4 : 0);
}

export class ValueParser {
  private readonly store: ValueStore;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private intervalLeft = 0;
  private readonly stringIds = new ByteMemo(wordBytesMax);
  private readonly wordIds = new ByteMemo(wordBytesMax);
  private readonly fieldNumbers = new ByteMemo(wordBytesMax);
  private readonly fieldNames: string[] = [];

  constructor(store: ValueStore) {
    this.store = store;
  }

  /** The value that fills bytes [start, end) but for white space around it. */
  parse(bytes: Uint8Array, start: number, end: number): number {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.intervalLeft = intervalSizeMax;
    try {
      const id = this.value(0);
      this.space();
      if (this.at !== end) this.fail('syntax', 'text follows the value');
      return id;
    } finally {
      this.store.stackTop = 0;
      this.bytes = new Uint8Array(0);
    }
  }

  /** The next byte that is no white space; -1 at the end. */
  private space(): number {
    while (this.at < this.end) {
      const c = this.bytes[this.at]!;
      if ((classes[c]! & 4) === 0) return c;
      this.at++;
    }
    return -1;
  }

  private value(depth: number): number {
    if (depth > depthMax) this.fail('depth', `the value is nested deeper than ${depthMax}`);
    const c = this.space();
    if (c === 34) return this.string();
    if (c === 45 || (c >= 0 && (classes[c]! & 2) !== 0)) return this.number();
    if (c === 91) return this.record(depth);
    if (c === 123) return this.set(depth);
    if (c === 60) return this.sequence(depth);
    if (c === 40) return this.functionOrParenthesis(depth);
    if (c >= 0 && (classes[c]! & 1) !== 0) return this.word();
    return this.fail('syntax', c < 0 ? 'the value ends too early' : 'no value starts here');
  }

  /** Consumes the two bytes if they come next. */
  private take2(first: number, second: number): boolean {
    this.space();
    if (this.bytes[this.at] !== first || this.bytes[this.at + 1] !== second) return false;
    if (this.at + 2 > this.end) return false;
    this.at += 2;
    return true;
  }

  private take(byte: number): boolean {
    if (this.space() !== byte) return false;
    this.at++;
    return true;
  }

  private sequence(depth: number): number {
    const base = this.store.stackTop;
    if (!this.take2(60, 60)) this.fail('syntax', 'expected <<');
    if (this.take2(62, 62)) return this.store.emptySequence;
    do this.store.push(this.value(depth + 1));
    while (this.take(44));
    if (!this.take2(62, 62)) this.fail('syntax', 'expected , or >>');
    return this.store.finishSequence(base);
  }

  private set(depth: number): number {
    const base = this.store.stackTop;
    this.at++;
    if (this.take(125)) return this.store.finishSet(base);
    do this.store.push(this.value(depth + 1));
    while (this.take(44));
    if (!this.take(125)) this.fail('syntax', 'expected , or }');
    return this.store.finishSet(base);
  }

  private record(depth: number): number {
    const base = this.store.stackTop;
    this.at++;
    let node = this.store.shapes.root;
    do {
      node = node.step(this.fieldName());
      if (!this.take2(124, 45) || !this.take(62)) this.fail('syntax', 'expected |->');
      this.store.push(this.value(depth + 1));
    } while (this.take(44));
    if (!this.take(93)) this.fail('syntax', 'expected , or ]');
    if (node.shape === undefined && ShapeTrie.repeats(node)) {
      this.fail('duplicate-key', 'a record has the same field twice');
    }
    return this.store.finishRecord(base, this.store.shapes.shapeOf(node));
  }

  private functionOrParenthesis(depth: number): number {
    const base = this.store.stackTop;
    this.at++;
    const first = this.value(depth + 1);
    if (this.take(41)) return first;
    this.store.push(first);
    for (;;) {
      if (!this.take2(58, 62)) this.fail('syntax', 'expected :>');
      this.store.push(this.value(depth + 1));
      if (!this.take2(64, 64)) break;
      this.store.push(this.value(depth + 1));
    }
    if (!this.take(41)) this.fail('syntax', 'expected @@ or )');
    return this.store.finishFunction(base);
  }

  /** A number, or an interval a..b, which TLC prints unevaluated. */
  private number(): number {
    const low = this.integer();
    if (!this.take2(46, 46)) return this.store.integer(low);
    this.space();
    const high = this.integer();
    const base = this.store.stackTop;
    const size = BigInt(high) - BigInt(low) + 1n;
    if (size > BigInt(this.intervalLeft)) {
      this.fail('too-large', `the intervals have more than ${intervalSizeMax} elements`);
    }
    if (size > 0n) this.intervalLeft -= Number(size);
    for (let i = 0n; i < size; i++) this.store.push(this.store.integer(reduce(BigInt(low) + i)));
    return this.store.finishSet(base);
  }

  private integer(): number | bigint {
    const start = this.at;
    const negative = this.bytes[this.at] === 45;
    if (negative) this.at++;
    const first = this.at;
    let value = 0;
    while (this.at < this.end && (classes[this.bytes[this.at]!]! & 2) !== 0) {
      value = value * 10 + this.bytes[this.at]! - 48;
      this.at++;
    }
    if (this.at === first) this.fail('syntax', 'expected a digit');
    if (this.at < this.end && (classes[this.bytes[this.at]!]! & 1) !== 0) {
      this.fail('syntax', 'a letter follows a number');
    }
    if (this.at - first <= 15) return negative ? 0 - value : value;
    if (this.at - first > digitsMax) {
      this.fail('too-large', `an integer has more than ${digitsMax} digits`);
    }
    return reduce(BigInt(decoder.decode(this.bytes.subarray(start, this.at))));
  }

  private wordEnd(): number {
    let at = this.at;
    while (at < this.end && (classes[this.bytes[at]!]! & 1) !== 0) at++;
    return at;
  }

  private fieldName(): string {
    this.space();
    const end = this.wordEnd();
    if (end === this.at) this.fail('syntax', 'expected a field name');
    const hash = hashBytes(this.bytes, this.at, end);
    let number = this.fieldNumbers.get(this.bytes, this.at, end, hash);
    if (number < 0) {
      number = this.fieldNames.length;
      this.fieldNames.push(decoder.decode(this.bytes.subarray(this.at, end)));
      this.fieldNumbers.set(this.bytes, this.at, end, hash, number);
    }
    this.at = end;
    return this.fieldNames[number]!;
  }

  /** TRUE, FALSE, or a model value. */
  private word(): number {
    const end = this.wordEnd();
    const hash = hashBytes(this.bytes, this.at, end);
    let id = this.wordIds.get(this.bytes, this.at, end, hash);
    if (id < 0) {
      id = this.newWord(decoder.decode(this.bytes.subarray(this.at, end)));
      this.wordIds.set(this.bytes, this.at, end, hash, id);
    }
    this.at = end;
    return id;
  }

  private newWord(word: string): number {
    const store = this.store;
    if (word === 'TRUE') return store.trueId;
    if (word === 'FALSE') return store.falseId;
    if (word === 'BOOLEAN') {
      const base = store.stackTop;
      store.push(store.falseId);
      store.push(store.trueId);
      return store.finishSet(base);
    }
    if (['Int', 'Nat', 'Real', 'STRING', 'SUBSET', 'UNION', 'Seq'].includes(word)) {
      this.fail('infinite-set', `a set TLC does not enumerate (${word}) stands in a value`);
    }
    return store.model(modelValue(word));
  }

  private string(): number {
    const bytes = this.bytes;
    const start = this.at + 1;
    let at = start;
    let hash = hashSeed;
    let escaped = false;
    while (at < this.end) {
      const c = bytes[at]!;
      if (c === 34) break;
      hash = Math.imul(hash ^ c, 0x01000193);
      if (c === 92) {
        escaped = true;
        hash = Math.imul(hash ^ bytes[++at]!, 0x01000193);
      }
      at++;
    }
    if (at >= this.end) this.fail('syntax', 'a string does not end');
    hash = finishHash(hash);
    let id = this.stringIds.get(bytes, start, at, hash);
    if (id < 0) {
      const text = this.decode(start, at);
      id = this.store.string(escaped ? this.unescape(text) : text);
      this.stringIds.set(bytes, start, at, hash, id);
    }
    this.at = at + 1;
    return id;
  }

  private decode(start: number, end: number): string {
    try {
      return decoder.decode(this.bytes.subarray(start, end));
    } catch {
      return this.fail('syntax', 'a string is not UTF-8');
    }
  }

  private unescape(text: string): string {
    return text.replace(/\\(.)/gs, (_, c: string) => {
      const plain = unescaped[c];
      return plain ?? this.fail('syntax', `unknown escape \\${c} in a string`);
    });
  }

  private fail(code: ValueErrorCode, what: string): never {
    const near = Buffer.from(this.bytes.subarray(Math.max(0, this.at - 20), this.at + 20));
    throw new ValueError(
      code,
      `not a TLA+ value as TLC prints it: ${what}, at byte ${this.at}, near ${JSON.stringify(near.toString('utf8'))}`,
      'give the value as TLC prints it: {1, 2}, <<1, "a">>, [k |-> v], (a :> 1 @@ b :> 2)',
    );
  }
}

const unescaped: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  n: '\n',
  t: '\t',
  f: '\f',
  r: '\r',
};

function reduce(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
