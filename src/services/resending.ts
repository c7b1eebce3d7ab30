/**
 * When a leader sends again what its members seem to lack, and how much of it: after a link was made
 * anew, where a member has not come further since the last look, and at once where one has taken all
 * that was sent again and lacks more. What must hold: a member that lacks something is sent it again
 * until it has it; what is sent at a time is bounded, however much a member lacks. A commit that was
 * told to a member before it had the slot is lost on it: it is told once more when all members have
 * come to the end of the log, since no later write may do it.
 */
import type { State } from '../protocol/replication/state.ts';
import { sizeOf } from './commandCodec.ts';

/** To one member at a time. */
const slotsMax = 4_096;
const bytesMax = 4 << 20;

export class Resending {
  #lost = false;
  readonly #heldBefore = new Map<string, number>();
  /** Of the members that lack much: what the last sending ends with. */
  readonly #sentThrough = new Map<string, number>();

  /** What was sent to others until now may not have come. */
  mayHaveLost(): void {
    this.#lost = true;
  }

  /** Asked at every tick of one that leads. */
  isDue({ acked, log, group }: State): boolean {
    let [stuck, changed, whole] = [this.#lost, false, true];
    this.#lost = false;
    for (const member of group.members) {
      if (member === group.id) continue;
      const held = acked[member] ?? 0;
      whole &&= held >= log.length;
      if (held !== this.#heldBefore.get(member)) changed = true;
      else stuck ||= held < log.length;
      this.#heldBefore.set(member, held);
    }
    return stuck || (whole && changed);
  }

  /** A member has told how far it is: whether it waits for more of what it lacks. */
  continues({ acked, log }: State, member: string): boolean {
    const through = this.#sentThrough.get(member);
    if (through === undefined || (acked[member] ?? 0) < through) return false;
    this.#sentThrough.delete(member);
    return through < log.length;
  }

  /** How many slots each member is sent: as many as the one that lacks most can be sent. */
  slots({ acked, log, group }: State): number {
    const behind = group.members.map((member) => acked[member] ?? 0).filter((held) => held > 0);
    const first = Math.max(log.base, Math.min(log.length, ...behind));
    let [last, bytes] = [first, 0];
    while (last < log.length && last - first < slotsMax && bytes < bytesMax) {
      last += 1;
      bytes += sizeOf(log.at(last));
    }
    const slots = Math.max(1, last - first);
    this.#sentThrough.clear();
    for (const [member, held] of Object.entries(acked)) {
      if (held > 0 && held + slots < log.length) this.#sentThrough.set(member, held + slots);
    }
    return slots;
  }

  /** All members hold all there is, and all of it is known to be chosen. */
  isIdle({ acked, commit, log, group }: State): boolean {
    if (this.#lost || commit < log.length) return false;
    return group.members.every((member) => {
      return member === group.id || (acked[member] ?? 0) >= log.length;
    });
  }
}
