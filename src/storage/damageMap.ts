/**
 * What of a log is damaged, and which groups that concerns. What must hold: a group is in quarantine
 * if an entry of it is damaged, or may be: where a lost record names no owner, and none that follows
 * it does, every group without a later record is suspected.
 */
import type { Damage } from './log.ts';

export class DamageMap {
  readonly #open = new Map<number, Damage>();
  /** Of each group the position that its last record is known to have. */
  readonly #clearedTo: ReadonlyMap<number, number>;
  readonly #begun = new Map<number, number>();
  #listed: readonly Damage[] | undefined;
  #known = new Set<number>();
  #unknownTo = 0;

  constructor(damage: Iterable<Damage>, clearedTo: ReadonlyMap<number, number>) {
    for (const one of damage) this.#open.set(one.position, one);
    this.#clearedTo = clearedTo;
    this.#count();
  }

  /** In order of their positions. */
  get list(): readonly Damage[] {
    this.#listed ??= [...this.#open.values()].sort((a, b) => a.position - b.position);
    return this.#listed;
  }

  at(position: number): Damage | undefined {
    return this.#open.get(position);
  }

  concerns(group: number): boolean {
    if (this.#open.size === 0) return false;
    if (this.#known.has(group)) return true;
    const cleared = Math.max(this.#clearedTo.get(group) ?? 0, this.#begun.get(group) ?? 0);
    return cleared < this.#unknownTo;
  }

  healed(position: number): void {
    this.#open.delete(position);
    this.#count();
  }

  /** The group began again at a position. */
  begun(group: number, at: number): void {
    this.#begun.set(group, at);
    for (const { position, group: owner } of this.list) {
      if (owner === group && position < at) this.#open.delete(position);
    }
    this.#count();
  }

  /** Positions up to one have left the log. */
  dropped(upTo: number): void {
    for (const { position } of this.list) if (position <= upTo) this.#open.delete(position);
    this.#count();
  }

  #count(): void {
    this.#listed = undefined;
    this.#known = new Set();
    this.#unknownTo = 0;
    for (const { position, group } of this.#open.values()) {
      if (group === undefined) this.#unknownTo = Math.max(this.#unknownTo, position);
      else this.#known.add(group);
    }
  }
}
