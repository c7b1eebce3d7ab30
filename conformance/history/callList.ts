/**
 * The calls and returns not yet linearized, in time order, as a doubly linked list in two
 * Int32Arrays. An operation may be linearized next iff its call stands before the first return:
 * otherwise some unlinearized operation ended before it began. Taking an operation out and
 * putting it back cost O(1); undo must come in the reverse order (Knuth's dancing links).
 */
import type { Partition } from './model.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export class CallList {
  readonly next: Int32Array;
  readonly prev: Int32Array;
  /** The entry before the first and after the last. */
  readonly head: number;
  readonly #call: Int32Array;
  readonly #back: Int32Array;

  private constructor(partition: Partition) {
    this.head = 2 * partition.definite;
    this.next = new Int32Array(this.head + 1);
    this.prev = new Int32Array(this.head + 1);
    this.#call = partition.callEntry;
    this.#back = partition.returnEntry;
  }

  static *of(partition: Partition): Turns<CallList> {
    const list = new CallList(partition);
    const { head, next, prev } = list;
    for (let entry = 0; entry <= head; entry += 1) {
      if ((entry & betweenYields) === betweenYields) yield;
      next[entry] = entry === head ? 0 : entry + 1;
      prev[entry] = entry === 0 ? head : entry - 1;
    }
    return list;
  }

  get empty(): boolean {
    return this.next[this.head] === this.head;
  }

  lift(op: number): void {
    const { next, prev } = this;
    const call = this.#call[op] as number;
    const back = this.#back[op] as number;
    const before = prev[call] as number;
    const after = next[call] as number;
    next[before] = after;
    prev[after] = before;
    const left = prev[back] as number;
    const right = next[back] as number;
    next[left] = right;
    prev[right] = left;
  }

  unlift(op: number): void {
    const { next, prev } = this;
    const call = this.#call[op] as number;
    const back = this.#back[op] as number;
    next[prev[back] as number] = back;
    prev[next[back] as number] = back;
    next[prev[call] as number] = call;
    prev[next[call] as number] = call;
  }
}
