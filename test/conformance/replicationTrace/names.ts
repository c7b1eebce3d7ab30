/**
 * The spec's names for what a run was about: ballots by number, in their order; calls by a short
 * name, one for each time a write was taken. A client that tries a write again under one token, and
 * finds a leader that has lost it, makes a second call of the spec: a call is made once there.
 */
import { compareBallots, sameBallot } from '../../../src/protocol/replication/ballot.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';
import type { Fields, RawStep } from './rawSteps.ts';

export const none = 'none';

export function ballotOf(value: TlaValue): Ballot {
  const [epoch, round, replica] = value as readonly [number, number, string];
  return { epoch, round, replica };
}

/** The ballots of a run as a spec counts them. */
export interface BallotNumbers {
  number(value: TlaValue): number;
  /** Who leads under it; nobody where an epoch begins. */
  owner(number: number): string | undefined;
}

/** All that somebody led under, or wanted to, in their order. */
export function ballotsOf(steps: readonly RawStep[]): readonly Ballot[] {
  const all = new Map<string, Ballot>();
  const add = (value: TlaValue | undefined): void => {
    if (value !== undefined) all.set(JSON.stringify(value), ballotOf(value));
  };
  for (const { args, changed } of steps) {
    const message = args['message'] as Fields | undefined;
    for (const value of [args['ballot'], message?.['ballot'], message?.['logBallot']]) add(value);
    for (const name of ['promised', 'logBallot', 'ballot']) add(changed.get(name)?.value);
  }
  return [...all.values()].filter(({ replica }) => replica !== '').sort(compareBallots);
}

export class Ballots implements BallotNumbers {
  readonly #all: readonly Ballot[];

  constructor(steps: readonly RawStep[]) {
    this.#all = ballotsOf(steps);
  }

  /** From 1; 0 is none. */
  number(value: TlaValue): number {
    const ballot = ballotOf(value);
    return 1 + this.#all.findIndex((each) => sameBallot(each, ballot));
  }

  owner(number: number): string | undefined {
    return this.owners[number - 1];
  }

  /** Who leads under each, from the first. */
  get owners(): readonly string[] {
    return this.#all.map(({ replica }) => replica);
  }
}

export interface Op {
  readonly kind: 'put' | 'cas' | 'read' | 'eventual';
  readonly key: string;
  readonly expected: string;
}

export interface Written {
  readonly token: string;
  readonly key: string;
  /** None: it deletes. */
  readonly value: Optional;
}

/** A value that may not be there. */
export type Optional = readonly string[];

const wordsOf = (key: string, value: string | undefined): string =>
  JSON.stringify([key, value ?? null]);

/** Where a command may stand: the slot, from 0, and the logs it is looked for in, likeliest first. */
export interface Place {
  readonly index: number;
  readonly logs: readonly (readonly string[])[];
}

export class Calls {
  readonly ops: Record<string, Op> = {};
  readonly #ofToken = new Map<string, string[]>();
  readonly #ofValue = new Map<string, string[]>();
  #tokens = 0;
  #reads = 0;

  read(op: Op): string {
    const name = `${op.kind}${(this.#reads += 1)}`;
    this.ops[name] = op;
    return name;
  }

  /** A write is taken: for the first time, or again. */
  write({ token, key, value }: Written, op: Op): string {
    let names = this.#ofToken.get(token);
    if (names === undefined) {
      this.#ofToken.set(token, (names = []));
      this.#tokens += 1;
    }
    const first = names[0] ?? `${op.kind}${this.#tokens}w`;
    const name = names.length === 0 ? first : `${first}-again${names.length}`;
    names.push(name);
    this.ops[name] = op;
    const written = wordsOf(key, value[0]);
    this.#ofValue.set(written, [...(this.#ofValue.get(written) ?? []), name]);
    return name;
  }

  /** The call whose write stands there; a token that no leader took stays as it is. */
  ofToken(token: string, { index, logs }: Place): string {
    const names = this.#ofToken.get(token) ?? [token];
    if (names.length > 1) {
      for (const log of logs) if (names.includes(log[index] ?? '')) return log[index]!;
    }
    return names.at(-1)!;
  }

  /**
   * The call that wrote what a key had: the last in the log. Nothing was written by a call that
   * deleted, or by none; a value that no call wrote stays as it is.
   */
  ofValue(key: string, [value]: Optional, log: readonly string[]): string {
    const names = this.#ofValue.get(wordsOf(key, value)) ?? [value ?? none];
    const last = log.findLast((name) => names.includes(name));
    return last ?? (value === undefined ? none : names[0]!);
  }
}
