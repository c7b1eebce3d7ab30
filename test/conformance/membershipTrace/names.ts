/**
 * Membership's names for what a run was about: ballots by epoch and by their order in it, and the
 * changes of the members by what they change.
 */
import { sameBallot } from '../../../src/protocol/replication/ballot.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import { ballotOf, ballotsOf } from '../replicationTrace/names.ts';
import type { BallotNumbers } from '../replicationTrace/names.ts';
import type { Fields, RawStep } from '../replicationTrace/rawSteps.ts';

export class EpochBallots implements BallotNumbers {
  readonly #all: readonly Ballot[];
  /** More than the ballots of any epoch. */
  readonly rounds: number;

  constructor(steps: readonly RawStep[]) {
    this.#all = ballotsOf(steps);
    const epochs = this.#all.map(({ epoch }) => this.#of(epoch).length);
    this.rounds = 1 + Math.max(1, ...epochs);
  }

  #of(epoch: number): readonly Ballot[] {
    return this.#all.filter((each) => each.epoch === epoch);
  }

  /** The least of an epoch, which nobody leads, is a multiple of `rounds`. */
  number(value: TlaValue): number {
    const ballot = ballotOf(value);
    const rank = 1 + this.#of(ballot.epoch).findIndex((each) => sameBallot(each, ballot));
    return ballot.epoch * this.rounds + rank;
  }

  get owners(): ReadonlyMap<number, string> {
    const owned = this.#all.map(({ epoch, round, replica }) => {
      return [this.number([epoch, round, replica]), replica] as const;
    });
    return new Map(owned);
  }

  owner(number: number): string | undefined {
    return this.owners.get(number);
  }
}

interface Plan {
  readonly epoch: number;
  readonly members: readonly string[];
  readonly storage: readonly string[];
}

function planOf(fields: Fields): Plan {
  const { epoch, members, storage } = fields as unknown as Plan;
  return { epoch, members: [...members].sort(), storage: [...storage].sort() };
}

/** The changes that leaders proposed: what stands in a log and nobody proposed has no name. */
export class Plans {
  readonly #all = new Map<string, { readonly name: string; readonly plan: Plan }>();

  constructor(steps: readonly RawStep[]) {
    for (const { action, args } of steps) {
      if (action !== 'Reconfigure') continue;
      const plan = planOf(args);
      const name = `change${this.#all.size + 1}`;
      const key = JSON.stringify(plan);
      if (!this.#all.has(key)) this.#all.set(key, { name, plan });
    }
  }

  nameOf(fields: Fields): string {
    const key = JSON.stringify(planOf(fields));
    return this.#all.get(key)?.name ?? key;
  }

  /** Those that apply the log, as the changes say. */
  get storage(): readonly string[] {
    return [...this.#all.values()].flatMap(({ plan }) => plan.storage);
  }

  get constant(): ReadonlyMap<string, TlaValue> {
    const plans = [...this.#all.values()].map(({ name, plan: { epoch, members } }) => {
      return [name, { epoch, members: new Set(members) }] as const;
    });
    return new Map(plans);
  }
}
