/**
 * Unit tests of src/protocol/partitionAdmission.ts, one describe per action; random schedules stand
 * in partitionAdmission.schedules.test.ts.
 */
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
  PartitionLimits,
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
const write = (cost: number): Request => ({ partition: 'p', kind: 'write', cost });
const read = (cost: number): Request => ({ partition: 'p', kind: 'read', cost });

function holds(state: State, own: Setup = setup): void {
  for (const [name, invariant] of Object.entries(invariants)) {
    expect(invariant(state, own), name).toBe(true);
  }
}

/** The state in which the allocated write tokens are gone and both followers reported `tokens`. */
function exhausted(tokens: number): State {
  const full = init(setup);
  return {
    ...full,
    allocated: { p: { read: 10, write: 0 } },
    ceiling: { p: both(10) },
    node: { read: 30, write: 20 },
    reported: { p: { n2: tokens, n3: tokens } },
  };
}

describe('Init', () => {
  it('starts with full buckets and no knowledge of the followers', () => {
    const state = init(setup);
    expect(state.allocated.p).toEqual(limits.allocatedCap);
    expect(state.burst.p).toEqual(limits.burstCap);
    expect(state.reported.p).toEqual({ n2: 0, n3: 0 });
    holds(state);
  });

  it('keeps the buckets of a partition that it keeps leading, and fills those of a new term', () => {
    const led = {
      p: { limits, followers: ['n2'], term: 1 },
      q: { limits, followers: [], term: 1 },
    };
    const spent = exhausted(3);
    expect(init({ ...setup, led }, spent).allocated).toEqual({
      p: { read: 10, write: 0 },
      q: limits.allocatedCap,
    });
    const newTerm = { ...setup, led: { p: { limits, followers: ['n2'], term: 2 } } };
    expect(init(newTerm, spent).allocated.p).toEqual(limits.allocatedCap);
    expect(init(newTerm, spent).node).toEqual(spent.node);
  });

  it('refuses a ceiling that lies below what is allocated', () => {
    const low = { ...limits, ceilingCap: both(9) };
    const led = { p: { limits: low, followers: [], term: 1 } };
    expect(() => init({ ...setup, led })).toThrow('ceiling');
  });
});

describe('AdmitAllocated', () => {
  it('charges share, ceiling, node and reports, and tells every follower the new total', () => {
    const step = admitAllocated(init(setup), write(4), setup);
    expect(step?.state.allocated.p).toEqual({ read: 10, write: 6 });
    expect(step?.state.ceiling.p).toEqual({ read: 18, write: 14 });
    expect(step?.state.node).toEqual({ read: 30, write: 26 });
    const message: ChargeMessage = { type: 'Charge', partition: 'p', term: 1, total: 4 };
    expect(step?.outputs).toEqual([
      { kind: 'send', to: 'n2', message },
      { kind: 'send', to: 'n3', message },
      { kind: 'reply', outcome: 'allocated' },
    ]);
    if (step) holds(step.state);
  });

  it('charges no follower for a read', () => {
    const step = admitAllocated(init(setup), read(4), setup);
    expect(step?.outputs).toEqual([{ kind: 'reply', outcome: 'allocated' }]);
  });

  it("admits although neighbours have emptied the node's bucket", () => {
    const state = { ...init(setup), node: both(0) };
    expect(admitAllocated(state, write(10), setup)?.state.node.write).toBe(-10);
  });

  it('is disabled without tokens and before a refill that is due', () => {
    expect(admitAllocated(exhausted(20), write(1), setup)).toBeUndefined();
    expect(admitAllocated({ ...init(setup), unrefilled: 1 }, write(1), setup)).toBeUndefined();
  });

  it('refuses a cost that is no positive integer or more than the bucket can hold', () => {
    for (const cost of [0, -1, 0.5, 11]) {
      expect(() => admitAllocated(init(setup), write(cost), setup)).toThrow('cost');
    }
  });
});

describe('AdmitBurst', () => {
  it('charges burst, ceiling, node and reports, not the share', () => {
    const step = admitBurst(exhausted(8), write(8), setup);
    expect(step?.state.burst.p).toEqual({ read: 20, write: 12 });
    expect(step?.state.allocated.p).toEqual({ read: 10, write: 0 });
    expect(step?.state.reported.p).toEqual({ n2: 0, n3: 0 });
    expect(step?.outputs.at(-1)).toEqual({ kind: 'reply', outcome: 'burst' });
    if (step) holds(step.state);
  });

  it('is disabled while the allocated tokens cover the request', () => {
    expect(admitBurst({ ...init(setup), reported: { p: { n2: 9, n3: 9 } } }, write(1), setup)).toBe(
      undefined,
    );
  });

  it.each([
    ['the burst bucket', { burst: { p: both(3) } }],
    ['the ceiling', { ceiling: { p: both(3) } }],
    ["the leader's node", { node: both(3) }],
    ['one follower', { reported: { p: { n2: 20, n3: 3 } } }],
  ])('is disabled where %s is short of the cost', (_name, short) => {
    const state: State = { ...exhausted(20), ...short };
    expect(admitBurst(state, write(4), setup)).toBeUndefined();
    expect(throttle(state, write(4), setup)).toBeDefined();
    expect(admitBurst(state, write(3), setup)).toBeDefined();
  });

  it('asks no follower for a read', () => {
    const state: State = { ...exhausted(0), allocated: { p: both(0) } };
    expect(admitBurst(state, read(3), setup)).toBeDefined();
  });

  it('leaves room under the ceiling for the allocated tokens that are left', () => {
    const state: State = { ...exhausted(20), allocated: { p: both(3) }, ceiling: { p: both(7) } };
    expect(admitBurst(state, write(5), setup)).toBeUndefined();
    expect(admitBurst(state, write(4), setup)).toBeDefined();
  });
});

describe('Throttle', () => {
  it('replies and changes nothing where no bucket covers the request', () => {
    const state = exhausted(0);
    const step = throttle(state, write(1), setup);
    expect(step).toEqual({ state, outputs: [{ kind: 'reply', outcome: 'throttled' }] });
  });

  it('is disabled where a bucket covers the request, and before a refill that is due', () => {
    expect(throttle(init(setup), write(1), setup)).toBeUndefined();
    expect(throttle(exhausted(1), write(1), setup)).toBeUndefined();
    expect(throttle({ ...exhausted(0), unrefilled: 1 }, write(1), setup)).toBeUndefined();
  });
});

describe('Charge', () => {
  const message: ChargeMessage = { type: 'Charge', partition: 'q', term: 2, total: 7 };

  it("charges the follower's node for what is new in the total", () => {
    const first = charge(init(setup), message)?.state;
    expect(first?.node.write).toBe(23);
    const second = first && charge(first, { ...message, total: 9 })?.state;
    expect(second?.node.write).toBe(21);
    if (second) holds(second);
  });

  it('is disabled for a total it knows, an older one, an older term and before a refill', () => {
    const state = charge(init(setup), message)?.state ?? init(setup);
    expect(charge(state, message)).toBeUndefined();
    expect(charge(state, { ...message, total: 6 })).toBeUndefined();
    expect(charge(state, { ...message, term: 1, total: 50 })).toBeUndefined();
    expect(charge({ ...state, unrefilled: 1 }, { ...message, total: 9 })).toBeUndefined();
  });

  it('counts a new leader from 0', () => {
    const state = charge(init(setup), message)?.state ?? init(setup);
    expect(charge(state, { ...message, term: 3, total: 2 })?.state.node.write).toBe(21);
  });
});

describe('Collect', () => {
  const follower: Setup = { ...setup, self: 'n2', led: {} };

  it('takes what the follower has, less the writes that it has not charged yet', () => {
    const writing = admitAllocated(init(setup), write(4), setup)?.state ?? init(setup);
    const sent = report(init(follower), { partition: 'p', term: 1 }, follower);
    const step = sent && collect(writing, sent.message);
    expect(step?.state.reported.p).toEqual({ n2: 26, n3: 0 });
    if (step) holds(step.state);
  });

  it('never takes a debt for tokens', () => {
    const inDebt = { ...init(follower), node: both(-5) };
    const sent = report(inDebt, { partition: 'p', term: 1 }, follower);
    const leader: State = { ...init(setup), reported: { p: { n2: 3, n3: 3 } } };
    expect(sent && collect(leader, sent.message)?.state.reported.p).toEqual({ n2: 0, n3: 3 });
  });

  it('ignores an older report, a repeated one, another term, and a node that does not follow', () => {
    const first = report(init(follower), { partition: 'p', term: 1 }, follower);
    const second = first && report(first.state, { partition: 'p', term: 1 }, follower);
    if (!first || !second) throw new Error('a refilled node reports');
    const heard = collect(init(setup), second.message)?.state ?? init(setup);
    expect(collect(heard, first.message)).toBeUndefined();
    expect(collect(heard, second.message)).toBeUndefined();
    expect(collect(init(setup), { ...first.message, term: 2 })).toBeUndefined();
    expect(collect(init(setup), { ...first.message, from: 'n9' })).toBeUndefined();
  });

  it('waits for a refill that is due at the follower', () => {
    const due = { ...init(follower), unrefilled: 1 };
    expect(report(due, { partition: 'p', term: 1 }, follower)).toBeUndefined();
  });
});

describe('Refill', () => {
  it('credits the time that passed once, and keeps what the share cannot hold for bursts', () => {
    const state: State = {
      ...exhausted(0),
      allocated: { p: both(8) },
      burst: { p: both(1) },
      unrefilled: 2,
    };
    const step = refill(state, setup);
    expect(step?.state.allocated.p).toEqual(both(10));
    expect(step?.state.burst.p).toEqual(both(9));
    expect(step?.state.ceiling.p).toEqual(both(18));
    expect(step?.state.node).toEqual(both(30));
    if (!step) throw new Error('a refill was due');
    holds(step.state);
    expect(refill(step.state, setup)).toBeUndefined();
  });
});

describe('Advance', () => {
  it('lets time wait for a refill, up to lagMax', () => {
    const step = advance(init(setup), { elapsed: 4 }, setup);
    expect(step?.state.unrefilled).toBe(4);
    expect(step && advance(step.state, { elapsed: 1 }, setup)).toBeUndefined();
  });

  it('refuses time that stands still', () => {
    expect(() => advance(init(setup), { elapsed: 0 }, setup)).toThrow('time');
  });
});
