/**
 * Which groups of a node are looked at in a round: those that something has happened to, and those
 * whose time has come. What must hold: one that was woken is looked at in the next round, one that
 * rests in the first round after the time it named, or earlier; until then it costs nothing.
 */

/** Whoever rests longer than so many rounds is looked at all the same. */
const roundsMax = 64;

export class Ticks {
  readonly #roundMs: number;
  #round = 0;
  /** Those that are looked at in the next round. */
  #awake: number[] = [];
  /** Those that rest, by the round in which their time comes; a group may stand in several. */
  readonly #resting = Array.from({ length: roundsMax }, (): number[] => []);
  /** By group: the one round that counts; 0: the next one. */
  readonly #roundOf: (number | undefined)[] = [];

  constructor(roundMs: number) {
    this.#roundMs = roundMs;
  }

  wake(group: number): void {
    if (this.#roundOf[group] === 0) return;
    this.#roundOf[group] = 0;
    this.#awake.push(group);
  }

  /** Looks at each group that is due; it tells until when it rests, or that there is none any more. */
  run(nowMs: number, look: (group: number) => number | undefined): void {
    const due = this.#due(Math.floor(nowMs / this.#roundMs));
    for (const group of due) this.#roundOf[group] = undefined;
    for (const group of due) {
      const untilMs = look(group);
      if (untilMs !== undefined) this.#rest(group, untilMs);
    }
  }

  #due(round: number): readonly number[] {
    const due = this.#awake;
    this.#awake = [];
    // After a pause of the process all of them are due.
    let passed = Math.max(this.#round, round - roundsMax);
    while (passed < round) {
      passed += 1;
      const at = passed % roundsMax;
      for (const group of this.#resting[at]!) {
        const counts = this.#roundOf[group] ?? 0;
        if (counts === 0 || counts > round) continue;
        this.#roundOf[group] = 0;
        due.push(group);
      }
      this.#resting[at] = [];
    }
    this.#round = Math.max(this.#round, round);
    return due;
  }

  #rest(group: number, untilMs: number): void {
    // It was woken meanwhile.
    if (this.#roundOf[group] === 0) return;
    const round = Math.floor(Math.min(untilMs / this.#roundMs, this.#round + roundsMax - 1));
    if (round <= this.#round) return this.wake(group);
    this.#roundOf[group] = round;
    this.#resting[round % roundsMax]!.push(group);
  }
}
