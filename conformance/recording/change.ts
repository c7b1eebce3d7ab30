/**
 * Changes of a part of a variable, for programs that know only their own part: a process of a
 * group knows `log["r1"]`, not the whole of `log`, and the message it sends, not all of `msgs`.
 */
import { encodeValue, type JsonValue } from './encodeValue.ts';
import type { TlaValue } from '../value/value.ts';

export type ChangeKind = 'put' | 'add' | 'remove' | 'append' | 'drop';

/** One change of the part that `path` leads to: keys of functions, from the variable inwards. */
export interface PartChange {
  readonly path: readonly TlaValue[];
  readonly kind: ChangeKind;
  readonly value: TlaValue;
}

/** Changes of one variable, in order; all that they do not name stays as it was. */
export class Change {
  readonly parts: readonly PartChange[];

  constructor(parts: readonly PartChange[] = []) {
    this.parts = parts;
  }

  /** The part becomes the value. */
  put(path: readonly TlaValue[], value: TlaValue): Change {
    return this.#with({ path, kind: 'put', value });
  }

  /** The part, a set, gains these elements. */
  add(elements: Iterable<TlaValue>, path: readonly TlaValue[] = []): Change {
    return this.#with({ path, kind: 'add', value: new Set(elements) });
  }

  /** The part, a set, loses these elements. */
  remove(elements: Iterable<TlaValue>, path: readonly TlaValue[] = []): Change {
    return this.#with({ path, kind: 'remove', value: new Set(elements) });
  }

  /** The part, a sequence, grows by these at its end. */
  append(elements: Iterable<TlaValue>, path: readonly TlaValue[] = []): Change {
    return this.#with({ path, kind: 'append', value: [...elements] });
  }

  /** The part, a sequence, loses so many at its beginning. */
  drop(count: number, path: readonly TlaValue[] = []): Change {
    return this.#with({ path, kind: 'drop', value: count });
  }

  #with(part: PartChange): Change {
    return new Change([...this.parts, part]);
  }
}

/** Begins a change of parts: `changed: { log: change().put(['r1'], log) }`. */
export function change(): Change {
  return new Change();
}

export function encodeChange({ parts }: Change, at: string): JsonValue {
  const encoded = parts.map(({ path, kind, value }) => ({
    at: path.map((key) => encodeValue(key, `a key of ${at}`)),
    [kind]: encodeValue(value, at),
  }));
  return { '#change': encoded };
}
