/**
 * The run's milliseconds as the spec's ticks. What must hold: what right code does is allowed by the
 * ticks, and what the ticks allow is safe.
 *
 * A tick is a part of the drift that the code reckons with; time t is in tick floor(t / tick). Of two
 * instants that lie d apart, the ticks lie between floor(d / tick) and ceil(d / tick) apart. So a
 * lease that the code holds for less than `leaseMs` after it asked lasts `Lease` ticks here, rounded
 * up and one more: a read that the code may serve, the spec may. A lease that a new leader waits out
 * for `leaseMs + driftMs`, told in a promise as what is left of it, lasts `Lease + Drift` ticks,
 * rounded down: where the code may show something, the spec may. `Drift` is at least 0, so the spec
 * with these constants, in which no clock is slow (all processes ran by one), is a spec that is
 * checked: nobody serves while another shows. What the rounding gives away is less than the drift.
 */
export interface Ticks {
  readonly tickMs: number;
  readonly lease: number;
  readonly drift: number;
}

function ticksOf(leaseMs: number, driftMs: number, tickMs: number): Ticks {
  const lease = Math.ceil(leaseMs / tickMs) + 1;
  // The instants on the way from the grant to its end are rounded: two ticks, less a little, and
  // the code's own whole milliseconds.
  const waited = Math.floor((leaseMs + driftMs - 2) / tickMs) - 1;
  return { tickMs, lease, drift: waited - lease };
}

/** The longest ticks that leave a drift of 0 at least. */
export function longestTicks(leaseMs: number, driftMs: number): Ticks {
  for (let tickMs = driftMs; tickMs > 0; tickMs -= 1) {
    const ticks = ticksOf(leaseMs, driftMs, tickMs);
    if (ticks.drift >= 0) return ticks;
  }
  throw new Error(`a drift of ${driftMs} ms is too little to count in`);
}

/** Counts ticks; a long time in which nothing happens is cut short, once all leases have run out. */
export class TickClock {
  readonly #o: Ticks;
  readonly #startMs: number;
  #skipped = 0;
  #now = 0;

  constructor(o: Ticks, startMs: number) {
    this.#o = o;
    this.#startMs = startMs;
  }

  at(ms: number): number {
    return Math.floor((ms - this.#startMs) / this.#o.tickMs) - this.#skipped;
  }

  get now(): number {
    return this.#now;
  }

  /** How many ticks pass until then. */
  advance(ms: number): number {
    const { lease, drift } = this.#o;
    const past = this.at(ms) - this.#now;
    const ticks = Math.min(past, 2 * (lease + drift) + 1);
    this.#skipped += past - ticks;
    this.#now += ticks;
    return ticks;
  }
}
