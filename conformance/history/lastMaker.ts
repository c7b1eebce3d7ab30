/**
 * A state is not left while an operation still needs it, if nothing can bring it back; nor is an
 * operation spent elsewhere when it was the last that could make a needed state.
 *
 * Counted per state: the definite operations left that are legal only in it (gets of it, cas from
 * it), and the operations left that could make it. With needs above zero, makers at zero and the
 * state not the present one, those operations can never be legal: the branch is dead. This is no
 * assumption that values are unique: the counts say whether they are. For append the makers of an
 * observed value are all appends of one of its endings, so the count is never too low.
 */
import type { KnownEffects, Machine, Partition } from './model.ts';
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export class LastMaker {
  readonly #known: KnownEffects;
  readonly #needed: Int32Array;
  readonly #makers: Int32Array;

  private constructor(known: KnownEffects) {
    this.#known = known;
    this.#needed = new Int32Array(known.states);
    this.#makers = new Int32Array(known.states);
  }

  static *of(partition: Partition, machine: Machine, known: KnownEffects): Turns<LastMaker> {
    const counts = new LastMaker(known);
    for (let op = 0; op < partition.rows.length; op += 1) {
      if ((op & betweenYields) === betweenYields) yield;
      const effect = machine.effect[op] as number;
      if (effect >= 0) counts.count(effect, op < partition.definite, 1);
    }
    return counts;
  }

  /** An operation is taken (-1) or put back (+1). */
  count(effect: number, definite: boolean, by: number): void {
    const { needs, offset, made } = this.#known;
    const need = needs[effect] as number;
    if (definite && need !== -1) this.#needed[need] = (this.#needed[need] as number) + by;
    const end = offset[effect + 1] as number;
    for (let at = offset[effect] as number; at < end; at += 1) {
      const state = made[at] as number;
      this.#makers[state] = (this.#makers[state] as number) + by;
    }
  }

  /** True where, after `effect` led from `from` to `to` and was counted out, nothing can fit. */
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

  #lost(state: number): boolean {
    return (this.#needed[state] as number) > 0 && this.#makers[state] === 0;
  }
}
