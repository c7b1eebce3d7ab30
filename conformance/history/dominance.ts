/**
 * The memory of a search with unknown outcomes: of two configurations with the same definite
 * operations linearized and the same state, the one that used no more info operations of any
 * effect is at least as good, so a configuration is given up if one at least as good was met.
 *
 * Why: within a group the earliest called go first, so whoever used fewer has left all that the
 * other has left, called no later. Any way to finish from the worse one is a way to finish from
 * the better. If the better one is still being explored, its way is no longer than this one's, so
 * its exploration finds it (by induction on the length of the shortest way).
 *
 * Without this, every dead end is repeated for each choice of info operations spent before it.
 */
import type { Memory } from './visited.ts';

/** Longest chain looked through; a miss only costs time. */
const chainMax = 24;
/** Entries this wide or wider would cost more memory than they save steps. */
export const dominanceGroupsMax = 256;

export class DominanceMemory implements Memory {
  /** Used info operations by group, kept current by the search. */
  readonly #usage: Int32Array;
  /** state + 1, low, high, first entry. */
  #table: Int32Array = new Int32Array(4 * 64);
  #mask = 63;
  #keys = 0;
  #pool: Uint16Array;
  #next: Int32Array = new Int32Array(64);
  #entries = 0;

  constructor(usage: Int32Array) {
    this.#usage = usage;
    this.#pool = new Uint16Array(64 * usage.length);
  }

  get bytes(): number {
    return this.#table.byteLength + this.#pool.byteLength + this.#next.byteLength;
  }

  add(low: number, high: number, state: number): boolean {
    const slot = 4 * this.#find(this.#table, this.#mask, low, high, state + 1);
    const fresh = this.#table[slot] === 0;
    const first = fresh ? -1 : (this.#table[slot + 3] as number);
    if (this.#dominated(first)) return false;
    if (fresh) {
      this.#table[slot] = state + 1;
      this.#table[slot + 1] = low;
      this.#table[slot + 2] = high;
    }
    this.#table[slot + 3] = this.#store(first);
    if (fresh) {
      this.#keys += 1;
      if (2 * this.#keys > this.#mask) this.#grow();
    }
    return true;
  }

  #dominated(first: number): boolean {
    const usage = this.#usage;
    const width = usage.length;
    let entry = first;
    for (let seen = 0; entry !== -1 && seen < chainMax; seen += 1) {
      const from = entry * width;
      let group = 0;
      while (group < width && (this.#pool[from + group] as number) <= (usage[group] as number)) {
        group += 1;
      }
      if (group === width) return true;
      entry = this.#next[entry] as number;
    }
    return false;
  }

  #store(first: number): number {
    const width = this.#usage.length;
    if (this.#entries === this.#next.length) {
      const next = new Int32Array(2 * this.#entries);
      next.set(this.#next);
      this.#next = next;
      const pool = new Uint16Array(2 * this.#entries * width);
      pool.set(this.#pool);
      this.#pool = pool;
    }
    this.#pool.set(this.#usage, this.#entries * width);
    this.#next[this.#entries] = first;
    this.#entries += 1;
    return this.#entries - 1;
  }

  #find(table: Int32Array, mask: number, low: number, high: number, mark: number): number {
    let h = low ^ Math.imul(mark, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    let slot = (h ^ (h >>> 13)) & mask;
    for (;;) {
      const at = 4 * slot;
      if (table[at] === 0) return slot;
      if (table[at] === mark && table[at + 1] === low && table[at + 2] === high) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    const mask = 2 * this.#mask + 1;
    const table = new Int32Array(4 * (mask + 1));
    for (let at = 0; at < old.length; at += 4) {
      const mark = old[at] as number;
      if (mark === 0) continue;
      const [low, high] = [old[at + 1] as number, old[at + 2] as number];
      table.set(old.subarray(at, at + 4), 4 * this.#find(table, mask, low, high, mark));
    }
    this.#table = table;
    this.#mask = mask;
  }
}
