/**
 * Operations of unknown outcome. They return never, so they are collapsed to (effect, how many
 * used): of one effect the earliest called goes first (symmetry.ts). And they are tried only where
 * something observes them.
 *
 * Why on demand loses nothing: take a way to finish. If an info operation in it is followed at
 * once by an operation that does not look at the state (a put, a delete) or by nothing, leave it
 * out: it never took effect, and every state seen stays. Repeat. What remains is followed at once
 * by an observer that is in the window already now, as taking an info operation does not move
 * the window: a get or cas that needs the state just made, a failed cas or an append, or another
 * info operation, which is observed in its turn. (An append that leaves an unread state observes nothing, and asks for the states it
 * would leave a relevant one from.) So only those that make a state some operation
 * of the window needs (through a chain of info cas perhaps) are tried.
 */
import { dominanceGroupsMax } from './dominance.ts';
import type { Machine, Partition } from './model.ts';

interface Group {
  readonly effect: number;
  /** Local operations in call order. */
  readonly ops: number[];
  /** Its place in `usage`. */
  readonly at: number;
}

/** A group makes a state from another, or from any (-1). */
interface Maker {
  readonly group: Group;
  readonly from: number;
}

export class InfoGroups {
  readonly #machine: Machine;
  readonly #partition: Partition;
  readonly #groups: Group[] = [];
  readonly #groupOf: Int32Array;
  /** State -> groups that make it; undefined where effects are not known beforehand. */
  readonly #makers: Map<number, Maker[]> | undefined;
  /** How many of each group are used. */
  readonly usage: Int32Array;
  readonly #demand: number[] = [];
  #any = false;

  constructor(partition: Partition, machine: Machine, onDemand: boolean) {
    this.#machine = machine;
    this.#partition = partition;
    this.#groupOf = new Int32Array(partition.rows.length - partition.definite).fill(-1);
    const byEffect = new Map<number, number>();
    for (let op = partition.definite; op < partition.rows.length; op += 1) {
      const effect = machine.effect[op] as number;
      if (effect < 0 || machine.pure[effect] === 1) continue;
      const at = byEffect.get(effect) ?? this.#groups.length;
      byEffect.set(effect, at);
      if (at === this.#groups.length) this.#groups.push({ effect, ops: [op], at });
      else (this.#groups[at] as Group).ops.push(op);
      this.#groupOf[op - partition.definite] = at;
    }
    this.usage = new Int32Array(this.#groups.length);
    this.#makers = onDemand ? this.#makersByState() : undefined;
  }

  /** Whether the numbers fit what dominance.ts keeps of them. */
  get countable(): boolean {
    const most = this.#groups.reduce((max, { ops }) => Math.max(max, ops.length), 0);
    return !this.none && this.#groups.length <= dominanceGroupsMax && most < 65_536;
  }

  get none(): boolean {
    return this.#groups.length === 0;
  }

  count(op: number, by: number): void {
    const at = this.#groupOf[op - this.#partition.definite] as number;
    this.usage[at] = (this.usage[at] as number) + by;
  }

  forget(): void {
    this.#demand.length = 0;
    this.#any = false;
  }

  /** An operation of the window observes: `effect` was possible (`after`) or not (-1). */
  notice(effect: number, after: number): void {
    const { known } = this.#machine;
    if (known === undefined) return;
    if (known.observes[effect] === 1) {
      if (after === -1) this.#any = true;
    } else if (after === -1) this.#ask(known.needs[effect] as number);
    else if (known.sets[effect] === -1 && this.#machine.pure[effect] !== 1) {
      if (after !== known.unread) this.#any = true;
      const end = known.offset[effect + 1] as number;
      for (let at = known.offset[effect] as number; at < end; at += 1) {
        this.#ask(known.madeFrom[at] as number);
      }
    }
  }

  #ask(state: number): void {
    if (!this.#demand.includes(state)) this.#demand.push(state);
  }

  /** Offers what may be worth taking in `state` while the first return is `boundary`. */
  offer(state: number, boundary: number, offer: (op: number, after: number) => void): void {
    if (this.#makers === undefined || this.#any) {
      for (const group of this.#groups) this.#try(group, state, boundary, offer);
      return;
    }
    for (let at = 0; at < this.#demand.length; at += 1) {
      for (const { group, from } of this.#makers.get(this.#demand[at] as number) ?? []) {
        if (from === -1 || from === state) this.#try(group, state, boundary, offer);
        else if (this.#ready(group, boundary)) this.#ask(from);
      }
    }
  }

  #try(
    group: Group,
    state: number,
    boundary: number,
    offer: (op: number, after: number) => void,
  ): void {
    if (!this.#ready(group, boundary)) return;
    const after = this.#machine.next(state, group.effect);
    if (after !== -1 && after !== state)
      offer(group.ops[this.usage[group.at] as number] as number, after);
  }

  #ready(group: Group, boundary: number): boolean {
    const op = group.ops[this.usage[group.at] as number];
    if (op === undefined) return false;
    return (this.#partition.infoAt[op - this.#partition.definite] as number) <= boundary;
  }

  #makersByState(): Map<number, Maker[]> | undefined {
    const { known } = this.#machine;
    if (known === undefined) return undefined;
    const makers = new Map<number, Maker[]>();
    for (const group of this.#groups) {
      const end = known.offset[group.effect + 1] as number;
      for (let at = known.offset[group.effect] as number; at < end; at += 1) {
        const state = known.made[at] as number;
        const maker = { group, from: known.madeFrom[at] as number };
        const there = makers.get(state);
        if (there === undefined) makers.set(state, [maker]);
        else there.push(maker);
      }
    }
    return makers;
  }
}
