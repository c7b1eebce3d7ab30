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
 * info operation, which is observed in its turn. So only those that make a state some operation
 * of the window needs (through a chain of info cas perhaps) are tried.
 */
import type { Machine, Partition } from './model.ts';

interface Group {
  readonly effect: number;
  /** Local operations in call order. */
  readonly ops: number[];
  used: number;
}

export class InfoGroups {
  readonly #machine: Machine;
  readonly #partition: Partition;
  readonly #groups: Group[] = [];
  readonly #groupOf: Int32Array;
  /** State -> groups that make it; undefined where effects are not known beforehand. */
  readonly #makers: Map<number, Group[]> | undefined;
  /** Appends and the like: what they make depends on the state before. */
  #open = false;
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
      if (at === this.#groups.length) this.#groups.push({ effect, ops: [op], used: 0 });
      else (this.#groups[at] as Group).ops.push(op);
      this.#groupOf[op - partition.definite] = at;
    }
    this.#makers = onDemand ? this.#makersByState() : undefined;
  }

  get none(): boolean {
    return this.#groups.length === 0;
  }

  count(op: number, by: number): void {
    const group = this.#groups[this.#groupOf[op - this.#partition.definite] as number] as Group;
    group.used += by;
  }

  forget(): void {
    this.#demand.length = 0;
    this.#any = false;
  }

  /** An operation of the window observes: `effect` was possible (`after`) or not (-1). */
  notice(effect: number, after: number): void {
    const { known } = this.#machine;
    if (known === undefined) return;
    if (known.observes[effect] === 1) this.#any = true;
    else if (after === -1 && !this.#demand.includes(known.needs[effect] as number)) {
      this.#demand.push(known.needs[effect] as number);
    }
  }

  /** Offers what may be worth taking in `state` while the first return is `boundary`. */
  offer(state: number, boundary: number, offer: (op: number, after: number) => void): void {
    if (this.#makers === undefined || this.#any || (this.#open && this.#demand.length > 0)) {
      for (const group of this.#groups) this.#try(group, state, boundary, offer);
      return;
    }
    const { needs } = this.#machine.known as NonNullable<Machine['known']>;
    for (let at = 0; at < this.#demand.length; at += 1) {
      for (const group of this.#makers.get(this.#demand[at] as number) ?? []) {
        const need = needs[group.effect] as number;
        if (need === -1 || need === state) this.#try(group, state, boundary, offer);
        else if (this.#ready(group, boundary) && !this.#demand.includes(need)) {
          this.#demand.push(need);
        }
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
    if (after !== -1 && after !== state) offer(group.ops[group.used] as number, after);
  }

  #ready(group: Group, boundary: number): boolean {
    const op = group.ops[group.used];
    if (op === undefined) return false;
    return (this.#partition.infoAt[op - this.#partition.definite] as number) <= boundary;
  }

  #makersByState(): Map<number, Group[]> | undefined {
    const { known } = this.#machine;
    if (known === undefined) return undefined;
    const makers = new Map<number, Group[]>();
    for (const group of this.#groups) {
      const state = known.sets[group.effect] as number;
      if (state === -1) this.#open = true;
      const there = makers.get(state);
      if (there === undefined) makers.set(state, [group]);
      else there.push(group);
    }
    return makers;
  }
}
