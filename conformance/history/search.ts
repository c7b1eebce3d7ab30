/**
 * Wing and Gong's search with Lowe's memory, over one partition: depth first, each step
 * linearizes one operation that no unlinearized operation precedes (its call stands before the
 * first return in the list). Linearizable iff some path takes all definite operations. The
 * undone part of the history is a doubly linked list, so a step and its undo are O(1) but for
 * the window it looks at. The search can be paused and taken up again (rounds over keys).
 */
import type { Machine, Partition } from './model.ts';
import { Visited } from './visited.ts';

export type SearchVerdict = 'ok' | 'violation' | 'paused';

export class Search {
  readonly #partition: Partition;
  readonly #machine: Machine;
  readonly #next: Int32Array;
  readonly #prev: Int32Array;
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  readonly #visited = new Visited();
  readonly #infoClasses: readonly InfoClass[];
  /** Linearized operations in order; undo pops them. */
  readonly #order: Int32Array;
  #length = 0;
  #hashLow = 0;
  #hashHigh = 0;
  /** Candidates of all frames, op and next state in turn. */
  #candidates: Int32Array = new Int32Array(256);
  #top = 0;
  /** Frames: start of candidates, next candidate, length of order on entry. */
  #frames: Int32Array = new Int32Array(256);
  #depth = 0;
  #entered = false;
  #done = false;
  steps = 0;
  deepest = 0;
  best: Int32Array = new Int32Array(0);

  constructor(partition: Partition, machine: Machine, seed: number) {
    const { definite, rows } = partition;
    this.#partition = partition;
    this.#machine = machine;
    this.#order = new Int32Array(rows.length);
    this.#next = new Int32Array(2 * definite + 1);
    this.#prev = new Int32Array(2 * definite + 1);
    for (let entry = 0; entry <= 2 * definite; entry += 1) {
      this.#next[entry] = entry === 2 * definite ? 0 : entry + 1;
      this.#prev[entry] = entry === 0 ? 2 * definite : entry - 1;
    }
    this.#low = new Int32Array(rows.length);
    this.#high = new Int32Array(rows.length);
    for (let op = 0; op < rows.length; op += 1) {
      this.#low[op] = mix(Math.imul(op, 0x9e3779b1) + seed);
      this.#high[op] = mix(Math.imul(op, 0x85ebca77) ^ mix(seed + 0x51ed270b));
    }
    this.#infoClasses = infoClasses(partition, machine);
  }

  get memoryBytes(): number {
    return (
      this.#visited.bytes +
      4 * (this.#candidates.length + this.#frames.length + 6 * this.#order.length)
    );
  }

  /** Goes on for about `steps` more steps. */
  run(steps: number): SearchVerdict {
    const until = this.steps + steps;
    if (!this.#entered) {
      this.#entered = true;
      if (this.#partition.definite === 0) return 'ok';
      this.#enter(this.#machine.initial, 0);
    }
    while (this.#depth > 0 && !this.#done) {
      if (this.steps >= until) return 'paused';
      this.#step();
    }
    return this.#done ? 'ok' : 'violation';
  }

  /** Takes the next candidate of the top frame, or drops the frame. */
  #step(): void {
    const frame = 3 * (this.#depth - 1);
    const at = this.#frames[frame + 1] as number;
    if (at === this.#top) {
      this.#top = this.#frames[frame] as number;
      this.#depth -= 1;
      this.#undo(this.#frames[frame + 2] as number);
      return;
    }
    this.#frames[frame + 1] = at + 2;
    const mark = this.#length;
    this.#take(this.#candidates[at] as number);
    this.#enter(this.#candidates[at + 1] as number, mark);
  }

  /** Arrives in `state`; `mark` is the length of the order before the step that led here. */
  #enter(state: number, mark: number): void {
    this.steps += 1;
    const start = this.#top;
    this.#walk(state);
    if (this.#next[this.#next.length - 1] === this.#next.length - 1) {
      this.#done = true;
      return;
    }
    if (!this.#visited.add(this.#hashLow, this.#hashHigh, state)) {
      this.#top = start;
      this.#undo(mark);
      return;
    }
    if (this.#length > this.deepest) {
      this.deepest = this.#length;
      this.best = this.#order.slice(0, this.#length);
    }
    if (3 * this.#depth + 3 > this.#frames.length) this.#frames = doubled(this.#frames);
    const frame = 3 * this.#depth;
    this.#frames[frame] = start;
    this.#frames[frame + 1] = start;
    this.#frames[frame + 2] = mark;
    this.#depth += 1;
  }

  /** One pass over the window: takes legal reads at once, collects the other candidates. */
  #walk(state: number): void {
    const { entryOp } = this.#partition;
    const { effect, pure } = this.#machine;
    const head = this.#next.length - 1;
    let before = head;
    let entry = this.#next[head] as number;
    while (entry !== head) {
      const op = entryOp[entry] as number;
      if (op < 0) break;
      const after = this.#machine.next(state, effect[op] as number);
      if (after !== -1) {
        if (pure[effect[op] as number] === 1) {
          this.#take(op);
          entry = this.#next[before] as number;
          continue;
        }
        this.#offer(op, after);
      }
      before = entry;
      entry = this.#next[entry] as number;
    }
    if (entry !== head) this.#offerInfo(state, entry);
  }

  #offer(op: number, after: number): void {
    if (this.#top + 2 > this.#candidates.length) this.#candidates = doubled(this.#candidates);
    this.#candidates[this.#top] = op;
    this.#candidates[this.#top + 1] = after;
    this.#top += 2;
  }

  /** Of the info operations with one effect only the earliest unused is worth trying. */
  #offerInfo(state: number, boundary: number): void {
    const { infoAt, definite } = this.#partition;
    for (const group of this.#infoClasses) {
      const op = group.ops[group.used];
      if (op === undefined || (infoAt[op - definite] as number) > boundary) continue;
      const after = this.#machine.next(state, group.effect);
      if (after !== -1 && after !== state) this.#offer(op, after);
    }
  }

  #take(op: number): void {
    this.#order[this.#length] = op;
    this.#length += 1;
    this.#hashLow ^= this.#low[op] as number;
    this.#hashHigh ^= this.#high[op] as number;
    if (op >= this.#partition.definite) {
      this.#groupOf(op).used += 1;
      return;
    }
    this.#unlink(this.#partition.callEntry[op] as number);
    this.#unlink(this.#partition.returnEntry[op] as number);
  }

  #undo(mark: number): void {
    while (this.#length > mark) {
      this.#length -= 1;
      const op = this.#order[this.#length] as number;
      this.#hashLow ^= this.#low[op] as number;
      this.#hashHigh ^= this.#high[op] as number;
      if (op >= this.#partition.definite) {
        this.#groupOf(op).used -= 1;
        continue;
      }
      this.#link(this.#partition.returnEntry[op] as number);
      this.#link(this.#partition.callEntry[op] as number);
    }
  }

  #groupOf(op: number): InfoClass {
    const effect = this.#machine.effect[op] as number;
    return this.#infoClasses.find((group) => group.effect === effect) as InfoClass;
  }

  #unlink(entry: number): void {
    const next = this.#next[entry] as number;
    const prev = this.#prev[entry] as number;
    this.#next[prev] = next;
    this.#prev[next] = prev;
  }

  #link(entry: number): void {
    this.#next[this.#prev[entry] as number] = entry;
    this.#prev[this.#next[entry] as number] = entry;
  }
}

interface InfoClass {
  readonly effect: number;
  readonly ops: number[];
  used: number;
}

function infoClasses(partition: Partition, machine: Machine): InfoClass[] {
  const groups = new Map<number, InfoClass>();
  for (let op = partition.definite; op < partition.rows.length; op += 1) {
    const effect = machine.effect[op] as number;
    if (effect < 0 || machine.pure[effect] === 1) continue;
    const group = groups.get(effect);
    if (group === undefined) groups.set(effect, { effect, ops: [op], used: 0 });
    else group.ops.push(op);
  }
  return [...groups.values()];
}

function doubled(old: Int32Array): Int32Array {
  const grown = new Int32Array(2 * old.length);
  grown.set(old);
  return grown;
}

function mix(seed: number): number {
  let h = seed | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
