/**
 * A state is not left while an operation still needs it, if nothing can bring it back in time; nor
 * is an operation spent elsewhere when it was the last that could make a needed state in time.
 *
 * Kept per state: the definite operations left that are legal only in it (gets of it, cas from
 * it), by their returns, and the operations left that could make it, by their calls. Whatever is
 * to stand before an operation must be called before that operation returns. So if the state is
 * not the present one, and of its makers even the first called is called after the first return
 * among those that need it, then that one can never be legal: the branch is dead. This is no
 * assumption that values are unique: the lists say what is left. For append the makers of an
 * observed value are all appends of one of its endings, so no maker is missed.
 */
import type { KnownEffects, Machine, Partition } from './model.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

/** Ordered lists, one a state, from which nodes are taken and put back in reverse order. */
class Lists {
  readonly next: Int32Array;
  readonly #prev: Int32Array;
  readonly #nodes: number;

  constructor(nodes: number, states: number) {
    this.#nodes = nodes;
    this.next = new Int32Array(nodes + states);
    this.#prev = new Int32Array(nodes + states);
    for (let head = nodes; head < nodes + states; head += 1) {
      this.next[head] = head;
      this.#prev[head] = head;
    }
  }

  append(node: number, state: number): void {
    const head = this.#nodes + state;
    const last = this.#prev[head] as number;
    this.next[last] = node;
    this.#prev[node] = last;
    this.next[node] = head;
    this.#prev[head] = node;
  }

  remove(node: number): void {
    const before = this.#prev[node] as number;
    const after = this.next[node] as number;
    this.next[before] = after;
    this.#prev[after] = before;
  }

  restore(node: number): void {
    this.next[this.#prev[node] as number] = node;
    this.#prev[this.next[node] as number] = node;
  }

  /** The first node of a state; at least as large as the number of nodes where there is none. */
  first(state: number): number {
    return this.next[this.#nodes + state] as number;
  }
}

export class LastMaker {
  readonly #known: KnownEffects;
  readonly #partition: Partition;
  readonly #effect: Int32Array;
  /** By operation: its first node among the makers; one node for each state it may leave. */
  readonly #base: Int32Array;
  /** By node: the entry of its call. */
  readonly #called: Int32Array;
  readonly #needers: Lists;
  readonly #makers: Lists;

  private constructor(
    partition: Partition,
    machine: Machine,
    known: KnownEffects,
    base: Int32Array,
  ) {
    const nodes = base[partition.rows.length] as number;
    this.#known = known;
    this.#partition = partition;
    this.#effect = machine.effect;
    this.#base = base;
    this.#called = new Int32Array(nodes);
    this.#needers = new Lists(partition.definite, known.states);
    this.#makers = new Lists(nodes, known.states);
  }

  static *of(partition: Partition, machine: Machine, known: KnownEffects): Turns<LastMaker> {
    const base = new Int32Array(partition.rows.length + 1);
    for (let op = 0; op < partition.rows.length; op += 1) {
      if ((op & betweenYields) === betweenYields) yield;
      const effect = machine.effect[op] as number;
      const { offset } = known;
      const makes = effect < 0 ? 0 : (offset[effect + 1] as number) - (offset[effect] as number);
      base[op + 1] = (base[op] as number) + makes;
    }
    const lists = new LastMaker(partition, machine, known, base);
    yield* lists.#fill();
    return lists;
  }

  /** Needs in order of return; makers in order of call, those of unknown outcome among them. */
  *#fill(): Turns<void> {
    const { entryOp, infoAt, definite } = this.#partition;
    let info = 0;
    for (let entry = 0; entry <= entryOp.length; entry += 1) {
      if ((entry & betweenYields) === betweenYields) yield;
      while (info < infoAt.length && (infoAt[info] as number) <= entry) {
        this.#makes(definite + info, infoAt[info] as number);
        info += 1;
      }
      const at = entryOp[entry];
      if (at === undefined) break;
      if (at >= 0) this.#makes(at, entry);
      else {
        const need = this.#known.needs[this.#effect[~at] as number] as number;
        if (need !== -1) this.#needers.append(~at, need);
      }
    }
  }

  #makes(op: number, called: number): void {
    const effect = this.#effect[op] as number;
    if (effect < 0) return;
    let from = this.#known.offset[effect] as number;
    const end = this.#base[op + 1] as number;
    for (let node = this.#base[op] as number; node < end; node += 1) {
      this.#called[node] = called;
      this.#makers.append(node, this.#known.made[from] as number);
      from += 1;
    }
  }

  take(op: number): void {
    if (op < this.#partition.definite && this.#needs(op)) this.#needers.remove(op);
    const end = this.#base[op + 1] as number;
    for (let node = this.#base[op] as number; node < end; node += 1) this.#makers.remove(node);
  }

  putBack(op: number): void {
    const from = this.#base[op] as number;
    for (let node = (this.#base[op + 1] as number) - 1; node >= from; node -= 1) {
      this.#makers.restore(node);
    }
    if (op < this.#partition.definite && this.#needs(op)) this.#needers.restore(op);
  }

  /** True where, after `effect` led from `from` to `to` and was taken, nothing can fit. */
  dead(from: number, to: number, effect: number): boolean {
    if (from !== to && from < this.#known.states && this.#lost(from)) return true;
    const { offset, made } = this.#known;
    const end = offset[effect + 1] as number;
    for (let at = offset[effect] as number; at < end; at += 1) {
      const state = made[at] as number;
      if (state !== to && this.#lost(state)) return true;
    }
    return false;
  }

  #needs(op: number): boolean {
    return this.#known.needs[this.#effect[op] as number] !== -1;
  }

  #lost(state: number): boolean {
    const needer = this.#needers.first(state);
    if (needer >= this.#partition.definite) return false;
    const maker = this.#makers.first(state);
    if (maker >= this.#called.length) return true;
    return (this.#called[maker] as number) > (this.#partition.returnEntry[needer] as number);
  }
}
