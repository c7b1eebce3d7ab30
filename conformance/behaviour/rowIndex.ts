/** Rows of numbers, each kept once under the number of its first appearance. */
import { Int32List } from '../value/int32List.ts';

export class RowIndex {
  readonly width: number;
  readonly rows = new Int32List(4096);
  /** The row that `find` looks up and `load` fills. */
  readonly row: Int32Array;
  count = 0;
  private slots: Int32Array = new Int32Array(2048);

  constructor(width: number) {
    this.width = width;
    this.row = new Int32Array(width);
  }

  load(number: number): void {
    const start = number * this.width;
    for (let i = 0; i < this.width; i++) this.row[i] = this.rows.items[start + i]!;
  }

  /** The number of `row`; the next free one where it is new. */
  find(): number {
    const mask = this.slots.length - 1;
    let slot = this.hash(this.row, 0) & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = this.slots[slot]! - 1;
      const start = number * this.width;
      let i = 0;
      while (i < this.width && this.rows.items[start + i] === this.row[i]) i++;
      if (i === this.width) return number;
    }
    for (let i = 0; i < this.width; i++) this.rows.push(this.row[i]!);
    this.slots[slot] = ++this.count;
    if (this.count * 2 > this.slots.length) this.rehash();
    return this.count - 1;
  }

  private hash(of: Int32Array, start: number): number {
    let hash = 0;
    for (let i = start; i < start + this.width; i++) {
      hash = Math.imul(hash ^ of[i]!, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let number = 0; number < this.count; number++) {
      let slot = this.hash(this.rows.items, number * this.width) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = number + 1;
    }
  }
}
