/**
 * What can be reached from where, in a graph that only grows: a bit for each pair of nodes. An
 * edge that would close a cycle is refused.
 */
export class Reach {
  readonly #size: number;
  readonly #words: number;
  readonly #bits: Int32Array;

  constructor(size: number, bits?: Int32Array) {
    this.#size = size;
    this.#words = (size + 31) >> 5;
    this.#bits = bits ?? new Int32Array(size * this.#words);
  }

  copy(): Reach {
    return new Reach(this.#size, this.#bits.slice());
  }

  has(from: number, to: number): boolean {
    return (((this.#bits[from * this.#words + (to >> 5)] as number) >>> (to & 31)) & 1) === 1;
  }

  /** False where `from` can be reached from `to`; nothing is added then. */
  add(from: number, to: number): boolean {
    if (from === to || this.has(to, from)) return false;
    if (this.has(from, to)) return true;
    const bits = this.#bits;
    const target = to * this.#words;
    for (let node = 0; node < this.#size; node += 1) {
      if (node !== from && !this.has(node, from)) continue;
      const row = node * this.#words;
      for (let word = 0; word < this.#words; word += 1) {
        bits[row + word] = (bits[row + word] as number) | (bits[target + word] as number);
      }
      const at = row + (to >> 5);
      bits[at] = (bits[at] as number) | (1 << (to & 31));
    }
    return true;
  }
}
