/**
 * One partition decided: the shortcuts first (zones, then a stale read), then the search. What
 * the search calls a violation is searched again under a second seed before it is believed.
 */
import type { Machine, Partition } from './model.ts';
import { Search } from './search.ts';
import type { SearchVerdict } from './search.ts';
import { staleRead } from './staleReads.ts';
import type { StaleRead } from './staleReads.ts';
import type { Switches } from './switches.ts';
import { zoneClash } from './zones.ts';
import type { ZoneClash } from './zones.ts';

const secondSeed = 0x5bd1e995;

export class Decision {
  readonly partition: Partition;
  readonly machine: Machine;
  readonly #switches: Switches;
  readonly #seed: number;
  #quick: SearchVerdict | undefined;
  #search: Search | undefined;
  #confirming = false;
  #earlierSteps = 0;
  stale: StaleRead | undefined;
  clash: ZoneClash | undefined;

  constructor(partition: Partition, machine: Machine, switches: Switches, seed: number) {
    this.partition = partition;
    this.machine = machine;
    this.#switches = switches;
    this.#seed = seed;
    this.#quick = this.#shortcuts();
  }

  get steps(): number {
    return this.#earlierSteps + (this.#search?.steps ?? 0);
  }

  get memoryBytes(): number {
    return (this.#search?.memoryBytes ?? 0) + 48 * this.partition.rows.length;
  }

  /** The search, where the shortcuts did not decide. */
  get search(): Search | undefined {
    return this.#search;
  }

  /** Goes on for about `steps` steps of search. */
  run(steps: number): SearchVerdict {
    if (this.#quick !== undefined) return this.#quick;
    this.#search ??= this.#searching(this.#seed);
    const verdict = this.#search.run(steps);
    if (verdict === 'paused') return 'paused';
    if (verdict === 'ok' || this.#confirming) {
      this.#quick = verdict;
      return verdict;
    }
    this.#confirming = true;
    this.#earlierSteps += this.#search.steps;
    this.#search = this.#searching(this.#seed ^ secondSeed);
    return this.run(steps);
  }

  #searching(seed: number): Search {
    return new Search(this.partition, this.machine, this.#switches, seed);
  }

  #shortcuts(): SearchVerdict | undefined {
    const { uniqueValues, staleReads } = this.#switches;
    const clash = uniqueValues ? zoneClash(this.partition, this.machine) : undefined;
    if (clash === null) return 'ok';
    this.clash = clash;
    if (staleReads) this.stale = staleRead(this.partition, this.machine);
    return clash === undefined && this.stale === undefined ? undefined : 'violation';
  }
}
