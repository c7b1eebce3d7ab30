/**
 * Whether a node's disk keeps up, told by how long what was appended waits for its fsync. What must
 * hold: a disk is slow once, from the first long wait on until it was fast for a while, so that the
 * leadership leaves it once and not with every slow fsync; a process that itself gets no time takes
 * that for no fault of its disk.
 */

/** A wait of so long makes a disk slow: a client that is patient for a second still gets its answer. */
export const slowMs = 500;
/** Waits stay below half of what is slow for so long, then the disk is fast again. */
export const restMs = 10_000;
/** However slow its disk is, a node stands for election after so long where nobody else does. */
const holdBackMsMax = 30_000;

export interface DiskPaceOptions {
  /** Between two looks: of a longer time no more than this counts as waiting for the disk. */
  readonly lookMs: number;
  /** What a node with a slow disk lets others have at the least before it stands for election. */
  readonly holdBackMs: number;
}

export class DiskPace {
  readonly #o: DiskPaceOptions;
  #appended = 0;
  #kept = 0;
  /** Once so many are kept, nothing waits any more of what waited at some look. */
  #mark = 0;
  #waitedMs = 0;
  #longestMs = 0;
  #lookedMs: number | undefined;
  #slow = false;
  #fastMs = 0;

  constructor(o: DiskPaceOptions) {
    this.#o = o;
  }

  append(): void {
    this.#appended += 1;
  }

  kept(): void {
    this.#kept += 1;
  }

  /** Appends that are not durable yet. */
  get waiting(): number {
    return this.#appended - this.#kept;
  }

  get slow(): boolean {
    return this.#slow;
  }

  /**
   * How much later than others this node stands for election: long enough for the fsyncs that an
   * election takes, or the next attempt would end each one.
   */
  get holdBackMs(): number {
    if (!this.#slow) return 0;
    return Math.max(this.#o.holdBackMs, Math.min(3 * this.#longestMs, holdBackMsMax));
  }

  /** To be called every `lookMs`; true where the disk has become slow since the last look. */
  look(nowMs: number): boolean {
    const passedMs = Math.min(nowMs - (this.#lookedMs ?? nowMs), this.#o.lookMs);
    this.#lookedMs = nowMs;
    if (this.#kept >= this.#mark) {
      this.#mark = this.#appended;
      this.#waitedMs = 0;
    } else {
      this.#waitedMs += passedMs;
    }
    this.#fastMs = 2 * this.#waitedMs >= slowMs ? 0 : this.#fastMs + passedMs;
    if (this.#fastMs >= restMs) {
      this.#slow = false;
      this.#longestMs = 0;
    }
    this.#longestMs = Math.max(this.#longestMs, this.#waitedMs);
    if (this.#slow || this.#waitedMs < slowMs) return false;
    this.#slow = true;
    return true;
  }
}
