/**
 * Random schedules of a group whose members all are replaced one by one, beyond the
 * models' bounds: more epochs, ballots, writes and crashes. The network loses (never
 * delivers), repeats and reorders messages, since it is a set.
 */
import type { TlaValue } from '../../../conformance/value/value.ts';
import { invariants } from '../../../src/protocol/membership/invariants.ts';
import type { Observed } from '../../../src/protocol/membership/invariants.ts';
import { binding } from '../../conformance/membership.ts';
import { fsynced, init, perform } from '../../conformance/membership/actions.ts';
import { at, keptOf } from '../../conformance/membership/world.ts';
import type { Model, Plan, World } from '../../conformance/membership/world.ts';
import { randomOf } from '../replication/schedules.ts';

export interface Bounds {
  readonly changes: number;
  readonly ballots: number;
  readonly calls: number;
  readonly crashes: number;
  readonly lease: number;
  readonly atomicFsync: boolean;
  /** Logs are truncated, and new members copy what is left of them. */
  readonly truncation: boolean;
  /** Every so manieth replica keeps the log alone. */
  readonly logReplicaEvery: number;
}

const names = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

/** Epoch e has the members r(e), r(e + 1), r(e + 2): each change takes the oldest's place. */
export function modelOfBounds(bounds: Bounds): Model {
  const replicas = names('r', bounds.changes + 3);
  const storage = replicas.filter((_, i) => (i + 1) % bounds.logReplicaEvery !== 0);
  const membersOf = (epoch: number): string[] => replicas.slice(epoch - 1, epoch + 2);
  const plans: Record<string, Plan> = {};
  const owners = new Map<number, string>();
  const rounds = bounds.ballots + 1;
  for (let epoch = 1; epoch <= bounds.changes + 1; epoch += 1) {
    if (epoch <= bounds.changes) plans[`p${epoch}`] = { epoch, members: membersOf(epoch + 1) };
    const able = membersOf(epoch).filter((r) => storage.includes(r));
    for (let round = 1; round <= bounds.ballots; round += 1) {
      owners.set(epoch * rounds + round, able[(round - 1) % able.length] ?? 'r1');
    }
  }
  return {
    replicas,
    storage,
    first: membersOf(1),
    owners,
    rounds,
    leader: 'r1',
    calls: names('c', bounds.calls),
    plans,
    lease: bounds.lease,
    cut: new Set(),
    renewing: new Set(replicas),
    keeping: new Set(bounds.truncation ? replicas : []),
    crashable: new Set(replicas),
    crashLimit: bounds.crashes,
    atomicFsync: bounds.atomicFsync,
  };
}

/** How often each action is tried, against the others. */
const weights: Readonly<Record<string, number>> = {
  Reconfigure: 2,
  Announce: 3,
  Install: 8,
  Keep: 3,
  Truncate: 4,
  Copy: 1,
  StartElection: 1,
  Promise: 8,
  ReceivePromise: 8,
  Join: 8,
  Put: 3,
  Accept: 12,
  ReceiveAccepted: 12,
  Commit: 8,
  LearnCommit: 4,
  Renew: 5,
  Grant: 8,
  ReceiveGrant: 8,
  StrongRead: 2,
  Advance: 2,
  Crash: 1,
  Restart: 4,
  Persisted: 14,
};

const wheel = Object.entries(weights).flatMap(([name, weight]) =>
  Array.from({ length: weight }, () => name),
);

type Random = (below: number) => number;

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items.length === 0 ? undefined : items[random(items.length)];
}

const tryAtMost = 12;

type Act = (world: World, args: Readonly<Record<string, TlaValue>>, choice: unknown) => unknown;

/** Actions that stand in for the binding's, to plant a bug. */
export type Planted = Readonly<Record<string, Act>>;

function attempt(
  world: World,
  action: string,
  random: Random,
  planted: Planted,
): World | undefined {
  const { model } = world;
  const act = planted[action] ?? (action === 'Persisted' ? persist : binding.actions[action]);
  if (act === undefined) throw new Error(`no action ${action}`);
  const among = binding.choices?.[action];
  const newest = Math.max(...model.replicas.map((r) => at(world.replicas, r).epoch));
  const near = (epoch: number): boolean => Math.abs(epoch - newest) <= 1;
  const ballots = [...model.owners.keys()].filter((b) => near(Math.floor(b / model.rounds)));
  const plans = Object.keys(model.plans).filter((p) => near(model.plans[p]!.epoch));
  for (let i = 0; i < tryAtMost; i += 1) {
    const b = pick(ballots, random) ?? 0;
    const args: Record<string, TlaValue> = {
      r:
        (action === 'StartElection' ? model.owners.get(b) : undefined) ??
        pick(model.replicas, random)!,
      b,
      q: pick(model.replicas, random)!,
      p: pick(plans, random) ?? 'p1',
      c: pick(model.calls, random) ?? 'c1',
      n: random(3) === 0 ? random(world.lin.length + 1) : 0,
    };
    const choice = among === undefined ? undefined : pick([...among(world, args, {})], random);
    if (among !== undefined && choice === undefined) continue;
    const next = act(world, args, choice, {}) as World | undefined;
    if (next !== undefined) return next;
  }
  return undefined;
}

/** An fsync has finished for the oldest of a replica's writes; the spec's are durable at once. */
const persist: Act = (world, args) =>
  perform(world, args['r'] as string, (state) => {
    const { length } = state.unsynced;
    return length === 0 ? undefined : fsynced({ state, outputs: [] }, Math.min(length, 2));
  });

export function observed(world: World): Observed {
  const { model, alive, lin, now } = world;
  const replicas = model.replicas.map((r) => ({
    state: at(world.replicas, r),
    alive: alive[r] === true,
    nowMs: now,
    kept: keptOf(world, r),
  }));
  return { replicas, lin, first: model.first };
}

export interface Outcome {
  readonly world: World;
  readonly steps: readonly string[];
  /** The invariant that broke. */
  readonly broken?: string;
}

/** Runs one schedule of so many tries, checking every invariant after each step. */
export function runSchedule(
  bounds: Bounds,
  seed: number,
  tries: number,
  planted: Planted = {},
): Outcome {
  const random = randomOf(seed);
  let world = init(modelOfBounds(bounds));
  const steps: string[] = [];
  for (let i = 0; i < tries; i += 1) {
    const action = wheel[random(wheel.length)] ?? 'Promise';
    const next = attempt(world, action, random, planted);
    if (next === undefined) continue;
    steps.push(action);
    if (next === world) continue;
    const appended = isPrefix(world, next);
    world = next;
    if (!appended) return { world, steps, broken: 'AppendOnlyProp' };
    const group = observed(world);
    const bad = Object.keys(invariants).find((name) => invariants[name]?.(group) === false);
    if (bad !== undefined && (bounds.lease > 0 || !timed.has(bad))) {
      return { world, steps, broken: bad };
    }
  }
  return { world, steps };
}

/** Without leases nobody serves. */
const timed = new Set(['OneServingLeaderInv', 'FreshLeaderInv']);

function isPrefix(before: World, after: World): boolean {
  return before.lin.every((command, i) => after.lin[i] === command);
}
