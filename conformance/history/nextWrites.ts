/**
 * The writes of one key, asked for the earliest time at which a version was certainly written
 * over. Two sorted columns answer in O(log n): writes that have a log position by it, and all
 * writes by their call.
 */
import type { Operation } from './operation.ts';

interface Column {
  /** Ascending. */
  readonly at: Float64Array;
  /** The earliest end from here to the last one. */
  readonly end: Float64Array;
}

export class NextWrites {
  readonly #writes: Operation[] = [];
  #columns: { placed: Column; called: Column; unplaced: Column } | undefined;

  /** A write that was answered. */
  add(write: Operation): void {
    this.#writes.push(write);
  }

  /** When the first write that is certainly newer had ended; undefined is before all writes. */
  after(version: Operation | undefined): number {
    this.#columns ??= this.#sorted();
    const { placed, called, unplaced } = this.#columns;
    if (version === undefined) return called.end[0] ?? Infinity;
    const ended = version.return ?? Infinity;
    if (version.position === undefined) return beyond(called, ended);
    // Where both have a position it decides; others are told apart by time.
    return Math.min(beyond(placed, version.position), beyond(unplaced, ended));
  }

  #sorted() {
    const placed = this.#writes.filter(({ position }) => position !== undefined);
    const unplaced = this.#writes.filter(({ position }) => position === undefined);
    return {
      placed: column(placed, ({ position }) => position as number),
      called: column(this.#writes, ({ invoke }) => invoke),
      unplaced: column(unplaced, ({ invoke }) => invoke),
    };
  }
}

function column(writes: readonly Operation[], by: (write: Operation) => number): Column {
  const sorted = [...writes].sort((a, b) => by(a) - by(b));
  const end = Float64Array.from(sorted, (write) => write.return as number);
  for (let i = end.length - 2; i >= 0; i -= 1) {
    end[i] = Math.min(end[i] as number, end[i + 1] as number);
  }
  return { at: Float64Array.from(sorted, by), end };
}

/** The earliest end among those past `bound`. */
function beyond({ at, end }: Column, bound: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) > bound) high = middle;
    else low = middle + 1;
  }
  return end[low] ?? Infinity;
}
