/**
 * Work of many groups on one node of which so much may run at once; the rest waits, and begins in the
 * order in which it came. What must hold: `atOnceMax` run at most; what waits begins as soon as one
 * that runs leaves, or one whose turn is for the taking.
 */
export interface Turn {
  /** Begins when there is room, at once if there is. */
  begin(run: () => void): void;
  /** It still has a use for its turn, but not when others wait: then it is taken, and told so. */
  offer(taken: () => void): void;
  /** It has ended, or waits no more. */
  leave(): void;
}

interface Held {
  run: () => void;
  taken: (() => void) | undefined;
}

export class Turns {
  readonly #atOnceMax: number;
  readonly #running = new Set<Held>();
  /** Its owners are bounded: one a copy, of which a group makes one and serves a few. */
  readonly #waiting = new Set<Held>();

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  /** Those whose turn is for the taking have done their work. */
  get running(): number {
    return [...this.#running].filter(({ taken }) => taken === undefined).length;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  turn(): Turn {
    const held: Held = { run: () => undefined, taken: undefined };
    return {
      begin: (run) => {
        held.run = run;
        this.#waiting.add(held);
        this.#next();
      },
      offer: (taken) => {
        held.taken = taken;
        this.#next();
      },
      leave: () => {
        this.#waiting.delete(held);
        if (this.#running.delete(held)) this.#next();
      },
    };
  }

  #next(): void {
    for (const held of this.#waiting) {
      if (this.#running.size >= this.#atOnceMax && !this.#take()) return;
      this.#waiting.delete(held);
      this.#running.add(held);
      held.run();
    }
  }

  #take(): boolean {
    for (const held of this.#running) {
      if (held.taken === undefined) continue;
      this.#running.delete(held);
      held.taken();
      return true;
    }
    return false;
  }
}
