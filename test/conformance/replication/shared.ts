/**
 * Parts of the views of one model, one object for each content: most steps leave
 * most of a view as it was, and what is the same object is compared at no cost.
 */
import { memo } from '../../../conformance/value/value.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';

export interface Part {
  /** Equal keys = equal values; equal values made by `byIdentity` may have two keys. */
  readonly key: string;
  readonly value: TlaValue;
}

/** Views of one model have few different parts; where they are too many, they start afresh. */
const partsMax = 100_000;

export class Sharing {
  readonly #parts = new Map<string, Map<string, Part>>();
  readonly #plain = new Map<number | string, Part>();
  readonly #identified = new WeakMap<object, Part>();
  readonly #frozen = memo(({ value }: { readonly value: TlaValue }) => value);
  #made = 0;

  /** The part of this kind and content; made once. */
  of(kind: string, content: string, make: () => TlaValue): Part {
    let known = this.#parts.get(kind);
    if (known === undefined) this.#parts.set(kind, (known = new Map()));
    let part = known.get(content);
    if (part === undefined) {
      if (known.size >= partsMax) known.clear();
      part = { key: this.#newKey(), value: this.#frozen({ value: make() }) };
      known.set(content, part);
    }
    return part;
  }

  plain(value: number | string): Part {
    let part = this.#plain.get(value);
    if (part === undefined) this.#plain.set(value, (part = { key: String(value), value }));
    return part;
  }

  byIdentity(value: TlaValue & object): Part {
    let part = this.#identified.get(value);
    if (part === undefined) {
      part = { key: this.#newKey(), value };
      this.#identified.set(value, part);
    }
    return part;
  }

  #newKey(): string {
    this.#made += 1;
    return `#${this.#made}`;
  }
}
