/**
 * The configurations a search has been in: which operations are linearized (as a 64-bit Zobrist
 * hash) and the state, 12 bytes each in one open-addressing table. A collision of hashes makes
 * the search give up a configuration it has not been in: it can only turn ok into violation,
 * never the reverse, and so every violation is searched again under a second seed.
 */

export interface Memory {
  /** True where the configuration is new. `state` is at least 0. */
  add(low: number, high: number, state: number, taken: Int32Array): boolean;
  readonly bytes: number;
}

/** The same without hashing: for comparison in tests. */
export class ExactMemory implements Memory {
  readonly #seen = new Set<string>();
  bytes = 0;

  add(_low: number, _high: number, state: number, taken: Int32Array): boolean {
    const text = `${state}:${taken.slice().sort().join()}`;
    if (this.#seen.has(text)) return false;
    this.#seen.add(text);
    this.bytes += 2 * text.length;
    return true;
  }
}

export class Visited implements Memory {
  #table: Int32Array;
  #mask: number;
  #count = 0;

  constructor(capacity = 64) {
    this.#table = new Int32Array(3 * capacity);
    this.#mask = capacity - 1;
  }

  get bytes(): number {
    return this.#table.byteLength;
  }

  add(low: number, high: number, state: number): boolean {
    const table = this.#table;
    const mark = state + 1;
    let slot = slotOf(low, high, mark) & this.#mask;
    for (;;) {
      const at = 3 * slot;
      const there = table[at] as number;
      if (there === 0) {
        table[at] = mark;
        table[at + 1] = low;
        table[at + 2] = high;
        this.#count += 1;
        if (2 * this.#count > this.#mask) this.#grow();
        return true;
      }
      if (there === mark && table[at + 1] === low && table[at + 2] === high) return false;
      slot = (slot + 1) & this.#mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    const capacity = 2 * (this.#mask + 1);
    const table = new Int32Array(3 * capacity);
    const mask = capacity - 1;
    for (let at = 0; at < old.length; at += 3) {
      const mark = old[at] as number;
      if (mark === 0) continue;
      let slot = slotOf(old[at + 1] as number, old[at + 2] as number, mark) & mask;
      while (table[3 * slot] !== 0) slot = (slot + 1) & mask;
      table[3 * slot] = mark;
      table[3 * slot + 1] = old[at + 1] as number;
      table[3 * slot + 2] = old[at + 2] as number;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

function slotOf(low: number, high: number, mark: number): number {
  let h = low ^ Math.imul(mark, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
