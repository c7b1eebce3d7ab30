/**
 * Random schedules of src/protocol/partitionAdmission.ts beyond the models' bounds: many partitions
 * on many nodes, with messages lost, repeated and reordered. fast-check prints the failing seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admitAllocated,
  admitBurst,
  advance,
  charge,
  collect,
  init,
  invariants,
  refill,
  report,
  throttle,
} from '../../src/protocol/partitionAdmission.ts';
import type {
  ChargeMessage,
  Kind,
  PartitionLimits,
  ReportMessage,
  Request,
  Setup,
  State,
} from '../../src/protocol/partitionAdmission.ts';

const both = (tokens: number) => ({ read: tokens, write: tokens });
const limits: PartitionLimits = {
  allocatedCap: both(10),
  allocatedRate: both(5),
  burstCap: both(20),
  ceilingCap: both(18),
  ceilingRate: both(8),
};
const setup: Setup = {
  self: 'n1',
  nodeCap: both(30),
  nodeRate: both(10),
  lagMax: 4,
  firstReport: 0,
  led: { p: { limits, followers: ['n2', 'n3'], term: 1 } },
};
/** A cluster beyond the models: every leader, its network, and the meter of each partition. */
class Cluster {
  readonly setups: Setup[];
  readonly nodes: State[];
  readonly charges: { to: number; message: ChargeMessage }[] = [];
  readonly reports: { to: number; message: ReportMessage }[] = [];
  readonly sharedLoad = new Map<string, number>();
  readonly cappedLoad = new Map<string, number>();
  admitted = 0;

  constructor(
    readonly size: number,
    readonly partitions: number,
  ) {
    this.setups = Array.from({ length: size }, (_, n) => {
      const led: Record<string, Setup['led'][string]> = {};
      for (let p = n; p < partitions; p += size) {
        const followers = [(n + 1) % size, (n + 2) % size].map((m) => `n${m}`);
        led[`p${p}`] = { limits, followers, term: 1 };
      }
      const rate = limits.allocatedRate.write * partitions;
      return { ...setup, self: `n${n}`, led, nodeRate: both(rate), nodeCap: both(25) };
    });
    this.nodes = this.setups.map((own) => init(own));
  }

  private take(n: number, step: { state: State } | undefined): void {
    if (step) this.nodes[n] = step.state;
  }

  private add(request: Request): void {
    const key = `${request.partition}/${request.kind}`;
    this.sharedLoad.set(key, (this.sharedLoad.get(key) ?? 0) + request.cost);
    this.cappedLoad.set(key, (this.cappedLoad.get(key) ?? 0) + request.cost);
    this.admitted += 1;
  }

  request(p: number, kind: Kind, cost: number): void {
    const n = p % this.size;
    const own = this.setups[n] as Setup;
    this.take(n, refill(this.nodes[n] as State, own));
    const state = this.nodes[n] as State;
    const request: Request = { partition: `p${p}`, kind, cost };
    const steps = [admitAllocated, admitBurst, throttle]
      .map((action) => action(state, request, own))
      .filter((step) => step !== undefined);
    expect(steps.length, 'exactly one outcome').toBe(1);
    const step = steps[0] as NonNullable<(typeof steps)[0]>;
    const hadTokens = (state.allocated[request.partition]?.[kind] ?? 0) >= cost;
    for (const output of step.outputs) {
      if (output.kind === 'send') {
        this.charges.push({ to: Number(output.to.slice(1)), message: output.message });
      } else {
        if (hadTokens) expect(output.outcome, 'IsolationInv').toBe('allocated');
        if (output.outcome !== 'throttled') this.add(request);
      }
    }
    this.take(n, step);
  }

  /** Delivers any message of the past; it stays, so it may come again, or never. */
  deliver(pick: number): void {
    const sent = this.charges[pick % Math.max(1, this.charges.length)];
    if (!sent) return;
    this.take(sent.to, refill(this.nodes[sent.to] as State, this.setups[sent.to] as Setup));
    this.take(sent.to, charge(this.nodes[sent.to] as State, sent.message));
  }

  collect(p: number, pick: number): void {
    const n = p % this.size;
    const m = (n + 1 + (pick % 2)) % this.size;
    this.take(m, refill(this.nodes[m] as State, this.setups[m] as Setup));
    const partition = { partition: `p${p}`, term: 1 };
    const sent = report(this.nodes[m] as State, partition, this.setups[m] as Setup);
    if (!sent) throw new Error('a refilled node reports');
    this.nodes[m] = sent.state;
    this.reports.push({ to: n, message: sent.message });
    const taken = this.reports[(pick * 7 + p) % this.reports.length] as (typeof this.reports)[0];
    this.take(taken.to, collect(this.nodes[taken.to] as State, taken.message));
  }

  advance(elapsed: number): void {
    for (const [n, own] of this.setups.entries()) {
      this.take(n, refill(this.nodes[n] as State, own));
      this.take(n, advance(this.nodes[n] as State, { elapsed }, own));
    }
    const leak = (load: Map<string, number>, rate: number) => {
      for (const [key, value] of load) load.set(key, Math.max(0, value - rate * elapsed));
    };
    leak(this.sharedLoad, limits.allocatedRate.write);
    leak(this.cappedLoad, limits.ceilingRate.write);
  }

  check(): void {
    for (const [n, own] of this.setups.entries()) {
      for (const [name, invariant] of Object.entries(invariants)) {
        if (!invariant(this.nodes[n] as State, own)) throw new Error(`${name} at n${n}`);
      }
    }
    const share = limits.allocatedCap.write + limits.burstCap.write;
    for (const load of this.sharedLoad.values()) {
      if (load > share) throw new Error('ShareWindowInv');
    }
    for (const load of this.cappedLoad.values()) {
      if (load > limits.ceilingCap.write) throw new Error('CapWindowInv');
    }
  }
}

type Move = readonly [kind: number, p: number, cost: number, pick: number];
const moves = fc.array(
  fc.tuple(fc.nat(19), fc.nat(11), fc.integer({ min: 1, max: 10 }), fc.nat(1000)),
  { minLength: 10, maxLength: 60, size: 'max' },
);

function run(cluster: Cluster, [kind, anyPartition, cost, pick]: Move): void {
  const p = anyPartition % cluster.partitions;
  if (kind < 9) cluster.request(p, 'write', cost);
  else if (kind < 12) cluster.request(p, 'read', cost);
  else if (kind < 15) cluster.deliver(pick);
  else if (kind < 18) cluster.collect(p, pick);
  else cluster.advance(1 + (pick % 3));
}

describe('Random schedules beyond the models', () => {
  it('keep every invariant with 12 partitions on 5 nodes and messages lost, repeated, reordered', () => {
    let admitted = 0;
    fc.assert(
      fc.property(moves, (schedule) => {
        const cluster = new Cluster(5, 12);
        for (const move of schedule) {
          run(cluster, move);
          cluster.check();
        }
        admitted += cluster.admitted;
      }),
      { numRuns: 3000 },
    );
    expect(admitted).toBeGreaterThan(10_000);
  });

  it('charge a follower for exactly the writes it was told of, whatever was lost or repeated', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 30, size: 'max' }), (picks) => {
        const totals = [3, 5, 9, 14, 20, 21, 30, 33, 40, 41];
        const start = init({ ...setup, self: 'n2', led: {} });
        let state: State = start;
        for (const pick of picks) {
          const total = totals[pick] ?? 0;
          const message: ChargeMessage = { type: 'Charge', partition: 'p', term: 1, total };
          state = charge(state, message)?.state ?? state;
        }
        const told = Math.max(0, ...picks.map((pick) => totals[pick] ?? 0));
        expect(start.node.write - state.node.write).toBe(told);
      }),
      { numRuns: 2000 },
    );
  });
});
