/**
 * Cuts a stream of chunks into runs of whole lines without copying them: only the one line that two
 * chunks share is put together. Lines that begin with `{` (TLC's ranks, megabytes long) are dropped.
 */
const newline = 10;

export class LineRuns {
  private readonly take: (bytes: Uint8Array, start: number, end: number) => void;
  private carry: Uint8Array = new Uint8Array(0);
  private carried = 0;
  private skipping = false;
  /** True once a byte came. */
  started = false;

  /** `take` gets bytes [start, end) that end in a newline. */
  constructor(take: (bytes: Uint8Array, start: number, end: number) => void) {
    this.take = take;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.started = true;
    let start = 0;
    if (this.carried > 0 || this.skipping) {
      const first = chunk.indexOf(newline);
      if (first < 0) {
        this.keep(chunk, 0);
        return;
      }
      if (this.carried > 0) {
        this.append(chunk, 0, first + 1);
        this.take(this.carry, 0, this.carried);
      }
      this.carried = 0;
      this.skipping = false;
      start = first + 1;
    }
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > start) this.take(chunk, start, end);
    this.keep(chunk, Math.max(start, end));
  }

  /** What follows the last newline, as text. */
  rest(): string {
    return Buffer.from(this.carry.subarray(0, this.carried)).toString('utf8');
  }

  private keep(chunk: Uint8Array, start: number): void {
    if (start >= chunk.length || this.skipping) return;
    const first = this.carried > 0 ? this.carry[0] : chunk[start];
    if (first === 123) {
      this.skipping = true;
      this.carried = 0;
      return;
    }
    this.append(chunk, start, chunk.length);
  }

  private append(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.carried + end - start;
    if (needed > this.carry.length) {
      const grown = new Uint8Array(Math.max(needed, this.carry.length * 2, 4096));
      grown.set(this.carry.subarray(0, this.carried));
      this.carry = grown;
    }
    this.carry.set(chunk.subarray(start, end), this.carried);
    this.carried = needed;
  }
}
