/**
 * When a leader sends again what its members seem to lack: after a link was made anew, or where
 * nobody has come further since the last look. What must hold: a member that lacks something is sent
 * it again until it has it. A commit that was told to a member before it had the slot is lost on it:
 * it is told once more when all members have come to the end of the log, since no later write may do it.
 */
import type { State } from '../protocol/replication/state.ts';

export class Resending {
  #lost = false;
  #heldBefore = -1;

  /** What was sent to others until now may not have come. */
  mayHaveLost(): void {
    this.#lost = true;
  }

  /** Asked at every tick of one that leads. */
  isDue({ acked, log, group }: State): boolean {
    let [sum, least] = [0, log.length];
    for (const member of group.members) {
      if (member === group.id) continue;
      const held = acked[member] ?? 0;
      sum += held;
      least = Math.min(least, held);
    }
    const isWhole = least === log.length;
    const stuck = this.#lost || (sum === this.#heldBefore) !== isWhole;
    this.#lost = false;
    this.#heldBefore = sum;
    return stuck;
  }

  /** All members hold all there is, and all of it is known to be chosen. */
  isIdle({ acked, commit, log, group }: State): boolean {
    if (this.#lost || commit < log.length) return false;
    return group.members.every((member) => {
      return member === group.id || (acked[member] ?? 0) >= log.length;
    });
  }
}
