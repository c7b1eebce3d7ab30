/** A growing list of 32-bit integers in one typed array: 4 bytes an element, no boxing. */
export class Int32List {
  items: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.items = new Int32Array(Math.max(1, capacity));
  }

  push(value: number): void {
    if (this.length === this.items.length) this.reserve(1);
    this.items[this.length++] = value;
  }

  /** Makes room for `more` elements beyond the length. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.items.length) return;
    const grown = new Int32Array(
      Math.max(needed, this.items.length + (this.items.length >> 1) + 16),
    );
    grown.set(this.items.subarray(0, this.length));
    this.items = grown;
  }

  /** A copy of exactly the elements. */
  toArray(): Int32Array {
    return this.items.slice(0, this.length);
  }
}
