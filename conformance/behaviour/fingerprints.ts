/**
 * Numbers the nodes of a dump by first sight. A node's name there is a signed 64-bit decimal; it is
 * kept as two exact numbers, so no strings and no bigints are made.
 */
export class Fingerprints {
  /** The name read last, in digits: the first seven, the next six, the rest with count and sign. */
  private head = 0;
  private middle = 0;
  private tail = 0;
  private heads: Int32Array = new Int32Array(1024);
  private middles: Int32Array = new Int32Array(1024);
  private tails: Int32Array = new Int32Array(1024);
  private slots: Int32Array = new Int32Array(2048);
  count = 0;

  /** Reads a decimal at `at`; returns the position after it, or -1 where none stands. */
  read(bytes: Uint8Array, at: number): number {
    let sign = 0;
    if (bytes[at] === 45) {
      sign = 1;
      at++;
    }
    const start = at;
    let head = 0;
    let middle = 0;
    let tail = 0;
    let digit = bytes[at]! - 48;
    for (const end = start + 7; digit >= 0 && digit <= 9 && at < end; digit = bytes[++at]! - 48) {
      head = head * 10 + digit;
    }
    for (const end = start + 13; digit >= 0 && digit <= 9 && at < end; digit = bytes[++at]! - 48) {
      middle = middle * 10 + digit;
    }
    for (const end = start + 19; digit >= 0 && digit <= 9 && at < end; digit = bytes[++at]! - 48) {
      tail = tail * 10 + digit;
    }
    if (at === start || (digit >= 0 && digit <= 9)) return -1;
    this.head = head;
    this.middle = middle;
    this.tail = tail | ((at - start) << 20) | (sign << 26);
    return at;
  }

  /** The number of the name read last. */
  number(): number {
    const { head, middle, tail } = this;
    const mask = this.slots.length - 1;
    let hash =
      Math.imul(head, 0x9e3779b1) ^ Math.imul(middle, 0x85ebca6b) ^ Math.imul(tail, 0xc2b2ae35);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (let n = this.slots[slot]!; n !== 0; n = this.slots[slot]!) {
      if (
        this.tails[n - 1] === tail &&
        this.heads[n - 1] === head &&
        this.middles[n - 1] === middle
      ) {
        return n - 1;
      }
      slot = (slot + 1) & mask;
    }
    const number = this.count++;
    if (number === this.heads.length) this.grow();
    this.heads[number] = head;
    this.middles[number] = middle;
    this.tails[number] = tail;
    this.slots[slot] = number + 1;
    if (this.count * 2 > this.slots.length) this.rehash();
    return number;
  }

  private grow(): void {
    const grown = (from: Int32Array): Int32Array => {
      const to = new Int32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.heads = grown(this.heads);
    this.middles = grown(this.middles);
    this.tails = grown(this.tails);
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let n = 0; n < this.count; n++) {
      let hash =
        Math.imul(this.heads[n]!, 0x9e3779b1) ^
        Math.imul(this.middles[n]!, 0x85ebca6b) ^
        Math.imul(this.tails[n]!, 0xc2b2ae35);
      hash ^= hash >>> 15;
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = n + 1;
    }
    this.slots = slots;
  }
}
