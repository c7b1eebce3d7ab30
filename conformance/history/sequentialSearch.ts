/**
 * Is there one order of all operations that keeps the order of each process and is legal? Depth
 * first, each step takes the next operation of some process; configurations are remembered by a
 * 64-bit hash of what is taken and of the state of every partition. Keys cannot be checked apart:
 * sequential consistency of each key does not give it for the whole.
 *
 * What is legal and changes nothing is taken at once, for the reason of legalReads.ts: moved to
 * the front it keeps its process's order, as it is the next of its process. An operation of
 * unknown outcome comes after what its process did before, at any time, or never.
 */
import type { Machine, Partition } from './model.ts';
import type { Turns } from './turns.ts';
import { Visited } from './visited.ts';

/** An operation as the search sees it. */
export interface Placed {
  readonly row: number;
  readonly part: number;
  readonly effect: number;
  readonly pure: boolean;
}

export interface SequentialInput {
  readonly machines: readonly Machine[];
  readonly operations: readonly Placed[];
  /** The definite operations of each process, in order, as indexes into `operations`. */
  readonly sessions: readonly (readonly number[])[];
  /** Those of unknown outcome: which session's how many first operations come before each. */
  readonly unknown: readonly {
    readonly op: number;
    readonly session: number;
    readonly after: number;
  }[];
}

export interface SequentialBudget {
  readonly maxSteps: number;
  readonly untilMs: number;
  readonly maxMemoryBytes: number;
}

interface Frame {
  readonly candidates: readonly number[];
  next: number;
  /** How much was taken before the step that led here. */
  readonly mark: number;
}

const yieldSteps = 500;

export class SequentialSearch {
  readonly #input: SequentialInput;
  readonly #seed: number;
  readonly #heads: Int32Array;
  readonly #states: Int32Array;
  readonly #used: Uint8Array;
  readonly #taken: { op: number; before: number; at: number }[] = [];
  readonly #visited = new Visited(1024);
  readonly #sessionOf: Int32Array;
  #left: number;
  #low = 0;
  #high = 0;
  steps = 0;
  best: number[] = [];
  /** The states of all partitions after `best`. */
  bestStates: Int32Array;

  constructor(input: SequentialInput, seed: number) {
    this.#input = input;
    this.#seed = seed;
    this.#heads = new Int32Array(input.sessions.length);
    this.#states = Int32Array.from(input.machines, ({ initial }) => initial);
    this.bestStates = this.#states.slice();
    this.#used = new Uint8Array(input.unknown.length);
    this.#sessionOf = new Int32Array(input.operations.length).fill(-1);
    input.sessions.forEach((members, session) => {
      for (const op of members) this.#sessionOf[op] = session;
    });
    this.#left = input.sessions.reduce((sum, members) => sum + members.length, 0);
  }

  *run(budget: SequentialBudget): Turns<'ok' | 'violation' | 'steps' | 'time' | 'memory'> {
    const frames: Frame[] = [];
    const first = this.#arrive(0);
    if (first === 'done') return 'ok';
    if (first !== undefined) frames.push(first);
    while (frames.length > 0) {
      const frame = frames.at(-1) as Frame;
      const candidate = frame.candidates[frame.next];
      if (candidate === undefined) {
        frames.pop();
        this.#undo(frame.mark);
        continue;
      }
      frame.next += 1;
      const mark = this.#taken.length;
      this.#take(candidate);
      const arrived = this.#arrive(mark);
      if (arrived === 'done') return 'ok';
      if (arrived === undefined) this.#undo(mark);
      else frames.push(arrived);
      if (this.steps % yieldSteps !== 0) continue;
      if (this.steps >= budget.maxSteps) return 'steps';
      if (performance.now() > budget.untilMs) return 'time';
      if (this.#visited.bytes > budget.maxMemoryBytes) return 'memory';
      yield;
    }
    return 'violation';
  }

  /** Takes what is free; undefined where this was met before. */
  #arrive(mark: number): Frame | 'done' | undefined {
    this.steps += 1;
    for (let again = true; again;) {
      again = false;
      for (let session = 0; session < this.#heads.length; session += 1) {
        for (let op = this.#head(session); op !== undefined; op = this.#head(session)) {
          if (!(this.#operation(op).pure && this.#after(op) !== -1)) break;
          this.#take(op);
          again = true;
        }
      }
    }
    if (this.#taken.length > this.best.length) {
      this.best = this.#taken.map(({ op }) => op);
      this.bestStates = this.#states.slice();
    }
    if (this.#left === 0) return 'done';
    if (!this.#visited.add(this.#low, this.#high, 0)) return undefined;
    return { candidates: this.#candidates(), next: 0, mark };
  }

  /** By their calls, as most histories are nearly linearizable; of unknown outcome last. */
  #candidates(): number[] {
    const found: number[] = [];
    for (let session = 0; session < this.#heads.length; session += 1) {
      const op = this.#head(session);
      if (op !== undefined && this.#after(op) !== -1) found.push(op);
    }
    const effects = new Set<string>();
    found.sort((a, b) => a - b);
    this.#input.unknown.forEach(({ op, session, after }, at) => {
      if (this.#used[at] === 1 || (this.#heads[session] as number) < after) return;
      const { part, effect } = this.#operation(op);
      const state = this.#after(op);
      if (state === -1 || state === this.#states[part]) return;
      if (effects.has(`${part}:${effect}`)) return;
      effects.add(`${part}:${effect}`);
      found.push(op);
    });
    return found;
  }

  #head(session: number): number | undefined {
    return this.#input.sessions[session]?.[this.#heads[session] as number];
  }

  #operation(op: number): Placed {
    return this.#input.operations[op] as Placed;
  }

  #after(op: number): number {
    const { part, effect } = this.#operation(op);
    if (effect < 0) return -1;
    return (this.#input.machines[part] as Machine).next(this.#states[part] as number, effect);
  }

  #take(op: number): void {
    const { part } = this.#operation(op);
    const before = this.#states[part] as number;
    const session = this.#sessionOf[op] as number;
    let at = -1;
    if (session >= 0) {
      this.#heads[session] = (this.#heads[session] as number) + 1;
      this.#left -= 1;
    } else {
      at = this.#input.unknown.findIndex((each) => each.op === op);
      this.#used[at] = 1;
    }
    this.#move(part, this.#after(op));
    this.#hash(op, -1);
    this.#taken.push({ op, before, at });
  }

  #undo(mark: number): void {
    while (this.#taken.length > mark) {
      const { op, before, at } = this.#taken.pop() as { op: number; before: number; at: number };
      const session = this.#sessionOf[op] as number;
      if (session >= 0) {
        this.#heads[session] = (this.#heads[session] as number) - 1;
        this.#left += 1;
      } else this.#used[at] = 0;
      this.#move(this.#operation(op).part, before);
      this.#hash(op, -1);
    }
  }

  #move(part: number, state: number): void {
    this.#hash(part, this.#states[part] as number);
    this.#states[part] = state;
    this.#hash(part, state);
  }

  /** Toggles one fact: an operation is taken (`b` is -1), or a partition is in a state. */
  #hash(a: number, b: number): void {
    this.#low ^= mixed(a, b, this.#seed);
    this.#high ^= mixed(b, a, this.#seed ^ 0x3c6ef372);
  }
}

function mixed(a: number, b: number, seed: number): number {
  let h = Math.imul(a + 0x9e3779b1, 0x85ebca6b) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39);
  return h ^ (h >>> 16);
}

/** What the search needs of a partition. */
export function placedOf(partition: Partition, machine: Machine, part: number): Placed[] {
  return Array.from(partition.rows, (row, op) => {
    const effect = machine.effect[op] as number;
    return { row, part, effect, pure: effect >= 0 && machine.pure[effect] === 1 };
  });
}
