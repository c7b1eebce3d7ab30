/**
 * Time as the services see it: whole milliseconds of a clock that only moves forward, and timers
 * on it. Implementations: `realClock`, and simulated ones in tests.
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Whole milliseconds since some start of its own. */
  nowMs(): number;
  every(periodMs: number, run: () => void): Timer;
  after(delayMs: number, run: () => void): Timer;
  /** Once what has come in already is dealt with: work for all of it is done together. */
  soon(run: () => void): void;
}

export const realClock: Clock = {
  nowMs: () => Math.floor(performance.now()),
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    return { cancel: () => clearInterval(timer) };
  },
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  soon: (run) => void setImmediate(run),
};
