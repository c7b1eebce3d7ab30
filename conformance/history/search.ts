/**
 * Wing and Gong's search with Lowe's memory, over one partition: depth first, each step
 * linearizes one operation that no unlinearized operation precedes. Linearizable iff some path
 * takes all definite operations. The ideas that make it fast stand in files of their own
 * (switches.ts lists them). It can be paused and taken up again (rounds.ts).
 */
import { CallList } from './callList.ts';
import { DominanceMemory } from './dominance.ts';
import { InfoGroups } from './infoGroups.ts';
import { LastMaker } from './lastMaker.ts';
import { takenAtOnce } from './legalReads.ts';
import type { Machine, Partition } from './model.ts';
import type { Switches } from './switches.ts';
import { sharedEffects } from './symmetry.ts';
import type { Turns } from './turns.ts';
import { ExactMemory, Visited } from './visited.ts';
import type { Memory } from './visited.ts';
import { zobrist } from './zobrist.ts';

export type SearchVerdict = 'ok' | 'violation' | 'paused';

export class Search {
  readonly #partition: Partition;
  readonly #machine: Machine;
  readonly #list: CallList;
  readonly #info: InfoGroups;
  readonly #lastMaker: LastMaker | undefined;
  readonly #memory: Memory;
  /** The memory compares info operations itself: they are left out of the hash. */
  readonly #dominance: boolean;
  readonly #atOnce: Uint8Array;
  readonly #shared: Uint8Array;
  readonly #keys: Int32Array;
  /** Linearized operations in order; undo pops them. */
  readonly #order: Int32Array;
  #length = 0;
  #low = 0;
  #high = 0;
  /** Candidates of all frames: operation and next state in turn. */
  #candidates: Int32Array = new Int32Array(64);
  #top = 0;
  /** Frames: start of candidates, next candidate, length of order on entry, state. */
  #frames: Int32Array = new Int32Array(64);
  #depth = 0;
  #begun = false;
  #done = false;
  readonly #best: Int32Array;
  #bestLength = 0;
  /** How much of the present order the best one shares. */
  #common = 0;
  bestState: number;
  steps = 0;

  static *over(
    partition: Partition,
    machine: Machine,
    switches: Switches,
    seed: number,
  ): Turns<Search> {
    const list = yield* CallList.of(partition);
    const keys = yield* zobrist(partition.rows.length, seed);
    const counted = switches.lastMaker && machine.known !== undefined;
    const lastMaker = counted ? yield* LastMaker.of(partition, machine, machine.known) : undefined;
    return new Search(partition, machine, switches, { list, keys, lastMaker });
  }

  private constructor(
    partition: Partition,
    machine: Machine,
    switches: Switches,
    {
      list,
      keys,
      lastMaker,
    }: { list: CallList; keys: Int32Array; lastMaker: LastMaker | undefined },
  ) {
    const size = partition.rows.length;
    this.#partition = partition;
    this.#machine = machine;
    this.#list = list;
    this.#info = new InfoGroups(partition, machine, switches.infoOnDemand);
    this.#lastMaker = lastMaker;
    this.#dominance = switches.hashedMemory && switches.infoDominance && this.#info.countable;
    this.#memory = this.#dominance
      ? new DominanceMemory(this.#info.usage)
      : switches.hashedMemory
        ? new Visited()
        : new ExactMemory();
    this.#atOnce = takenAtOnce(machine, switches.readsAtOnce);
    this.#shared = sharedEffects(machine, switches.sameEffectOnce);
    this.#keys = keys;
    this.#order = new Int32Array(size);
    this.#best = new Int32Array(size);
    this.bestState = machine.initial;
  }

  get memoryBytes(): number {
    const arrays = this.#candidates.length + this.#frames.length + 10 * this.#order.length;
    return this.#memory.bytes + 4 * arrays;
  }

  /** The longest linearizable beginning met so far, as local operations. */
  get best(): Int32Array {
    return this.#best.subarray(0, this.#bestLength);
  }

  /** How many operations it has placed at most. */
  get deepest(): number {
    return Math.max(this.#bestLength, this.#length);
  }

  /** Goes on for about `steps` more steps. */
  run(steps: number): SearchVerdict {
    const until = this.steps + steps;
    if (!this.#begun) {
      this.#begun = true;
      this.#enter(this.#machine.initial, 0);
    }
    while (this.#depth > 0 && !this.#done) {
      if (this.steps >= until) return 'paused';
      this.#advance();
    }
    return this.#done ? 'ok' : 'violation';
  }

  /** Takes the next candidate of the top frame, or drops the frame. */
  #advance(): void {
    const frames = this.#frames;
    const frame = 4 * (this.#depth - 1);
    const at = frames[frame + 1] as number;
    if (at === this.#top) {
      this.#top = frames[frame] as number;
      this.#depth -= 1;
      if (this.#length > this.#bestLength) this.#remember(frames[frame + 3] as number);
      this.#undo(frames[frame + 2] as number);
      return;
    }
    frames[frame + 1] = at + 2;
    const mark = this.#length;
    const op = this.#candidates[at] as number;
    const after = this.#candidates[at + 1] as number;
    this.#take(op);
    const effect = this.#machine.effect[op] as number;
    if (this.#lastMaker?.dead(frames[frame + 3] as number, after, effect) === true) {
      this.#undo(mark);
      return;
    }
    this.#enter(after, mark);
  }

  /** Arrives in `state`; `mark` is the length of the order before the step that led here. */
  #enter(state: number, mark: number): void {
    this.steps += 1;
    const start = this.#top;
    this.#walk(state);
    if (this.#list.empty) {
      this.#done = true;
      this.#remember(state);
      return;
    }
    const taken = this.#order.subarray(0, this.#length);
    if (!this.#memory.add(this.#low, this.#high, state, taken)) {
      this.#top = start;
      this.#undo(mark);
      return;
    }
    if (4 * this.#depth + 4 > this.#frames.length) this.#frames = doubled(this.#frames);
    const frame = 4 * this.#depth;
    this.#frames[frame] = start;
    this.#frames[frame + 1] = start;
    this.#frames[frame + 2] = mark;
    this.#frames[frame + 3] = state;
    this.#depth += 1;
  }

  #remember(state: number): void {
    this.#best.set(this.#order.subarray(this.#common, this.#length), this.#common);
    this.#bestLength = this.#length;
    this.#common = this.#length;
    this.bestState = state;
  }

  /** One pass over the window: takes legal reads at once, collects the other candidates. */
  #walk(state: number): void {
    const { entryOp } = this.#partition;
    const { effect } = this.#machine;
    const list = this.#list;
    const next = list.next;
    const info = this.#info.none ? undefined : this.#info;
    info?.forget();
    const start = this.#top;
    let before = list.head;
    let entry = next[before] as number;
    while (entry !== list.head) {
      const op = entryOp[entry] as number;
      if (op < 0) break;
      const does = effect[op] as number;
      const after = this.#machine.next(state, does);
      if (after !== -1 && this.#atOnce[does] === 1) {
        this.#take(op);
        entry = next[before] as number;
        continue;
      }
      if (after !== -1) this.#offer(start, op, after);
      info?.notice(does, after);
      before = entry;
      entry = next[entry] as number;
    }
    if (info !== undefined && entry !== list.head) {
      info.offer(state, entry, (op, after) => this.#offer(start, op, after));
    }
    if (entry !== list.head && this.#top > start + 2)
      this.#prefer(start, ~(entryOp[entry] as number));
  }

  /**
   * The operation that returns first must come next but for what makes it possible: candidates
   * that leave the state it needs are tried first. Only an order; nothing is left out.
   */
  #prefer(start: number, first: number): void {
    const need = this.#machine.known?.needs[this.#machine.effect[first] as number] ?? -1;
    if (need === -1) return;
    const list = this.#candidates;
    if (list[start] === first) return;
    for (let at = start + 2; at < this.#top; at += 2) {
      if (list[at + 1] !== need) continue;
      const op = list[at] as number;
      list.copyWithin(start + 2, start, at);
      list[start] = op;
      list[start + 1] = need;
      return;
    }
  }

  /** Keeps candidates in the order of their returns, one of each shared effect; info last. */
  #offer(start: number, op: number, after: number): void {
    if (this.#top + 2 > this.#candidates.length) this.#candidates = doubled(this.#candidates);
    const list = this.#candidates;
    const does = this.#machine.effect[op] as number;
    const back = this.#returnOf(op);
    let to = this.#top;
    if (this.#shared[does] === 1) {
      for (let at = start; at < this.#top; at += 2) {
        const other = list[at] as number;
        if (this.#machine.effect[other] !== does) continue;
        if (this.#returnOf(other) <= back) return;
        list.copyWithin(at, at + 2, this.#top);
        to -= 2;
        break;
      }
    }
    this.#top = to + 2;
    while (to > start && this.#returnOf(list[to - 2] as number) > back) {
      list[to] = list[to - 2] as number;
      list[to + 1] = list[to - 1] as number;
      to -= 2;
    }
    list[to] = op;
    list[to + 1] = after;
  }

  #returnOf(op: number): number {
    return op < this.#partition.definite
      ? (this.#partition.returnEntry[op] as number)
      : this.#list.head;
  }

  #take(op: number): void {
    this.#order[this.#length] = op;
    this.#length += 1;
    const definite = op < this.#partition.definite;
    if (definite || !this.#dominance) this.#toggle(op);
    this.#lastMaker?.take(op);
    if (definite) this.#list.lift(op);
    else this.#info.count(op, 1);
  }

  #toggle(op: number): void {
    this.#low ^= this.#keys[2 * op] as number;
    this.#high ^= this.#keys[2 * op + 1] as number;
  }

  #undo(mark: number): void {
    while (this.#length > mark) {
      this.#length -= 1;
      const op = this.#order[this.#length] as number;
      const definite = op < this.#partition.definite;
      if (definite || !this.#dominance) this.#toggle(op);
      this.#lastMaker?.putBack(op);
      if (definite) this.#list.unlift(op);
      else this.#info.count(op, -1);
    }
    if (this.#common > mark) this.#common = mark;
  }
}

function doubled(old: Int32Array): Int32Array {
  const grown = new Int32Array(2 * old.length);
  grown.set(old);
  return grown;
}
