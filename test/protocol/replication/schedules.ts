/**
 * Random schedules of a replication group far beyond the models' bounds: any
 * number of replicas, calls, elections and crashes. The network loses (never
 * delivers), repeats and reorders messages, since it is a set.
 */
import { binding } from '../../conformance/replication.ts';
import { init } from '../../conformance/replication/actions.ts';
import { observed } from '../../conformance/replication/observed.ts';
import { each, none } from '../../conformance/replication/world.ts';
import type { Model, Op, World } from '../../conformance/replication/world.ts';
import type { Ballot } from '../../../src/protocol/replication/ballot.ts';
import { noBallot } from '../../../src/protocol/replication/ballot.ts';
import { invariants } from '../../../src/protocol/replication/invariants.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';

export interface Bounds {
  readonly replicas: number;
  readonly logReplicas: number;
  readonly calls: number;
  readonly ballots: number;
  readonly crashes: number;
  readonly lease: number;
  readonly drift: number;
  readonly atomicFsync: boolean;
  readonly steadyLeader: boolean;
}

/** A small generator of its own, so that a seed replays exactly. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const kinds = ['put', 'put', 'cas', 'read', 'eventual'] as const;

export function modelOfBounds(bounds: Bounds): Model {
  const replicas = Array.from({ length: bounds.replicas }, (_, i) => `r${i + 1}`);
  const storage = replicas.slice(0, bounds.replicas - bounds.logReplicas);
  const calls = Array.from({ length: bounds.calls }, (_, i) => `c${i + 1}`);
  const ops: Record<string, Op> = {};
  calls.forEach((c, i) => {
    const kind = kinds[i % kinds.length] ?? 'put';
    ops[c] = { kind, key: `k${i % 2}`, expected: i % 3 === 0 || i < 5 ? none : `c${i - 4}` };
  });
  const ballots = new Map<number, Ballot>([[0, noBallot]]);
  for (let round = 1; round <= bounds.ballots; round += 1) {
    const replica = storage[(round - 1) % storage.length] ?? 'r1';
    ballots.set(round, { epoch: 0, round, replica });
  }
  return {
    replicas,
    groups: each(replicas, (id) => ({
      id,
      members: replicas,
      storage,
      leaseMs: bounds.lease,
      driftMs: bounds.drift,
    })),
    ballots,
    leader: bounds.steadyLeader ? storage[0] : undefined,
    calls,
    ops,
    lease: bounds.lease,
    drift: bounds.drift,
    reached: each(replicas, (from) => replicas.filter((to) => to !== from)),
    atomicFsync: bounds.atomicFsync,
    yielding: new Set(storage),
    crashable: new Set(replicas),
    keeping: new Set(replicas),
    crashLimit: bounds.crashes,
  };
}

/** How often each action is tried, against the others. */
const weights: Readonly<Record<string, number>> = {
  StartElection: 0.3,
  Promise: 6,
  ReceivePromise: 6,
  Join: 8,
  Accept: 12,
  ReceiveAccepted: 12,
  Commit: 8,
  LearnCommit: 4,
  Resend: 2,
  Persisted: 12,
  Renew: 4,
  Grant: 8,
  ReceiveGrant: 8,
  Relinquish: 0.1,
  ReceiveRelinquish: 1,
  Advance: 2,
  Invoke: 4,
  Put: 12,
  Reply: 8,
  StrongRead: 6,
  EventualRead: 3,
  GiveUp: 1,
  Crash: 0.1,
  Restart: 3,
};

const wheel = Object.entries(weights).flatMap(([name, weight]) =>
  Array.from({ length: Math.round(weight * 10) }, () => name),
);

function pick<T>(items: readonly T[], random: (below: number) => number): T | undefined {
  return items.length === 0 ? undefined : items[random(items.length)];
}

const tryAtMost = 12;

type Act = (world: World, args: Readonly<Record<string, TlaValue>>, choice: unknown) => unknown;

/** Actions that stand in for the binding's, to plant a bug. */
export type Planted = Readonly<Record<string, Act>>;

/** Tries one action with drawn arguments until it is enabled; undefined where it never is. */
function attempt(
  world: World,
  action: string,
  random: (below: number) => number,
  planted: Planted,
): World | undefined {
  const { model } = world;
  const act = planted[action] ?? binding.actions[action];
  if (act === undefined) throw new Error(`no action ${action}`);
  const slow = [none, none, none, ...model.replicas];
  const among = binding.choices?.[action];
  for (let i = 0; i < tryAtMost; i += 1) {
    const args: Record<string, TlaValue> = {
      r: pick(model.replicas, random) ?? 'r1',
      c: pick(model.calls, random) ?? 'c1',
      b: 1 + random(model.ballots.size - 1),
      slow: pick(slow, random) ?? none,
    };
    const choice = among === undefined ? undefined : pick([...among(world, args, {})], random);
    if (among !== undefined && choice === undefined) continue;
    const next = act(world, args, choice, {}) as World | undefined;
    if (next !== undefined && next !== world) return next;
  }
  return undefined;
}

export interface Outcome {
  readonly world: World;
  readonly steps: readonly string[];
  /** The invariant that broke, and after how many steps. */
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
  const names = Object.keys(invariants);
  for (let i = 0; i < tries; i += 1) {
    const action = wheel[random(wheel.length)] ?? 'Promise';
    const next = attempt(world, action, random, planted);
    if (next === undefined || next === world) continue;
    world = next;
    steps.push(action);
    const group = observed(world);
    const bad = names.find((name) => invariants[name]?.(group) === false);
    if (bad !== undefined) return { world, steps, broken: bad };
  }
  return { world, steps };
}
