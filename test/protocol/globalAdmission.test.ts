/**
 * Unit tests of src/protocol/globalAdmission.ts, one describe per action, and random schedules of
 * many routers beyond the models' bounds. fast-check prints the failing seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  ask,
  grant,
  init,
  invariants,
  receiveGrant,
  restart,
  spend,
  throttle,
} from '../../src/protocol/globalAdmission.ts';
import type {
  GrantMessage,
  RequestMessage,
  Router,
  Server,
  Setup,
} from '../../src/protocol/globalAdmission.ts';

const setup: Setup = {
  rate: 5,
  bucketCap: 40,
  chunk: 12,
  lowWater: 4,
  lifetime: 9,
  askInterval: 2,
  restartBudget: 2,
  lastNumber: 100,
};
const server = init('server', setup);
const router = init('router', setup);
const granted: GrantMessage = { type: 'Grant', router: 'r', number: 101, tokens: 12 };

function asked(): Router {
  const step = ask(router, { router: 'r' }, setup);
  if (!step) throw new Error('a new router may ask');
  return step.state;
}
const funded = (): Router => receiveGrant(asked(), { message: granted })?.state ?? router;

function holds(state: Server | Router): void {
  for (const [name, invariant] of Object.entries(invariants)) {
    expect(invariant(state, setup), name).toBe(true);
  }
}

describe('Init', () => {
  it('starts a full server and an empty router', () => {
    expect(server).toEqual({ role: 'server', bucket: 40, restartsLeft: 2 });
    expect(router.tokens).toBe(0);
    holds(server);
    holds(router);
  });

  it.each([
    ['rate', { rate: 0 }],
    ['chunk', { chunk: 3 }],
    ['times', { lifetime: 1.5 }],
    ['request has expired', { askInterval: 10 }],
    ['budget', { restartBudget: -1 }],
  ])('refuses limits that contradict themselves: %s', (message, wrong) => {
    expect(() => init('server', { ...setup, ...wrong })).toThrow(message);
  });
});

describe('Ask', () => {
  it('sends a request with a new number, and counts the lifetime from here', () => {
    const step = ask(router, { router: 'r' }, setup);
    const message: RequestMessage = { type: 'Request', router: 'r', number: 101 };
    expect(step?.outputs).toEqual([{ kind: 'send', to: 'server', message }]);
    expect(step?.state).toEqual({ ...router, asked: 9, waiting: true, number: 101 });
    if (step) holds(step.state);
  });

  it('is disabled with enough tokens, while a request is open, and before askInterval is over', () => {
    expect(ask(funded(), { router: 'r' }, setup)).toBeUndefined();
    expect(ask(asked(), { router: 'r' }, setup)).toBeUndefined();
    const low: Router = { ...funded(), tokens: 3 };
    expect(ask(low, { router: 'r' }, setup)).toBeUndefined();
    const one = advance(low, { elapsed: 1 }, setup).state;
    expect(ask(one, { router: 'r' }, setup)).toBeUndefined();
    const two = advance(one, { elapsed: 1 }, setup).state;
    expect(ask(two, { router: 'r' }, setup)?.state.number).toBe(102);
  });

  it('is enabled again when the open request has expired', () => {
    const expired = advance(asked(), { elapsed: 9 }, setup).state;
    expect(ask(expired, { router: 'r' }, setup)).toBeDefined();
  });
});

describe('Grant', () => {
  const message: RequestMessage = { type: 'Request', router: 'r', number: 101 };

  it('takes a chunk from the bucket, or what is left of it', () => {
    expect(grant(server, { message }, setup)).toEqual({
      state: { ...server, bucket: 28 },
      outputs: [{ kind: 'send', to: 'router', message: granted }],
    });
    const last = grant({ ...server, bucket: 5 }, { message }, setup);
    expect(last?.outputs[0]).toMatchObject({ message: { tokens: 5 } });
    expect(last?.state.bucket).toBe(0);
    if (last) holds(last.state);
  });

  it('is disabled with an empty bucket', () => {
    expect(grant({ ...server, bucket: 0 }, { message }, setup)).toBeUndefined();
  });
});

describe('ReceiveGrant', () => {
  it('gives the router the tokens for what is left of the lifetime', () => {
    const late = advance(asked(), { elapsed: 4 }, setup).state;
    const step = receiveGrant(late, { message: granted });
    expect(step?.state).toMatchObject({ tokens: 12, life: 5, waiting: false });
    if (step) holds(step.state);
  });

  it('replaces what is left of the grant before', () => {
    const low: Router = { ...asked(), tokens: 3, life: 1 };
    expect(receiveGrant(low, { message: granted })?.state).toMatchObject({ tokens: 12, life: 9 });
  });

  it('is disabled for a repeated grant, another request, and a request that has expired', () => {
    expect(receiveGrant(funded(), { message: granted })).toBeUndefined();
    expect(receiveGrant(asked(), { message: { ...granted, number: 100 } })).toBeUndefined();
    const expired = advance(asked(), { elapsed: 9 }, setup).state;
    expect(receiveGrant(expired, { message: granted })).toBeUndefined();
  });
});

describe('Spend', () => {
  it('admits what the tokens cover', () => {
    const step = spend(funded(), { cost: 4 }, setup);
    expect(step?.state).toMatchObject({ tokens: 8, life: 9 });
    expect(step?.outputs).toEqual([{ kind: 'reply', outcome: 'admitted' }]);
    const last = spend({ ...funded(), tokens: 4 }, { cost: 4 }, setup);
    expect(last?.state).toMatchObject({ tokens: 0, life: 0 });
    if (last) holds(last.state);
  });

  it('is disabled where the tokens do not cover it', () => {
    expect(spend({ ...funded(), tokens: 3 }, { cost: 4 }, setup)).toBeUndefined();
  });

  it('refuses a cost that is no positive integer, or for which no router would ask', () => {
    for (const cost of [0, 0.5, 5])
      expect(() => spend(router, { cost }, setup)).toThrow(/cost|asks/);
  });
});

describe('Throttle', () => {
  it('refuses what the tokens do not cover while the router waits for more', () => {
    const state = asked();
    expect(throttle(state, { cost: 1 }, setup)).toEqual({
      state,
      outputs: [{ kind: 'reply', outcome: 'throttled' }],
    });
  });

  it('is disabled where the tokens cover it, and where the router has not asked', () => {
    expect(throttle(funded(), { cost: 4 }, setup)).toBeUndefined();
    expect(throttle(router, { cost: 4 }, setup)).toBeUndefined();
  });
});

describe('Restart', () => {
  it('starts full on the budget and empty beyond it', () => {
    const first = restart({ restartsLeft: 1 }, setup).state;
    expect(first).toEqual({ role: 'server', bucket: 40, restartsLeft: 0 });
    const second = restart(first, setup).state;
    expect(second).toEqual({ role: 'server', bucket: 0, restartsLeft: 0 });
    holds(first);
    holds(second);
  });
});

describe('Advance', () => {
  it('fills the bucket up to its cap', () => {
    const low: Server = { ...server, bucket: 10 };
    expect(advance(low, { elapsed: 3 }, setup).state.bucket).toBe(25);
    expect(advance(low, { elapsed: 300 }, setup).state.bucket).toBe(40);
  });

  it('takes the tokens of a router when their life ends, not before', () => {
    const old = advance(funded(), { elapsed: 8 }, setup).state;
    expect(old).toMatchObject({ tokens: 12, life: 1 });
    const expired = advance(old, { elapsed: 1 }, setup).state;
    expect(expired).toMatchObject({ tokens: 0, life: 0 });
    holds(expired);
  });

  it('refuses time that stands still', () => {
    expect(() => advance(server, { elapsed: 0 }, setup)).toThrow('time');
  });
});

/** Small limits, so that twelve routers come close to the bound. */
const tight: Setup = {
  ...setup,
  rate: 1,
  bucketCap: 6,
  chunk: 3,
  lowWater: 2,
  lifetime: 4,
  askInterval: 1,
  restartBudget: 1,
};

/** Mostly the next message that nobody received yet, else any of the past once more. */
class Channel<T> {
  readonly sent: T[] = [];
  private next = 0;

  receive(pick: number): T | undefined {
    if (pick % 5 === 0) return this.sent[Math.floor(pick / 5) % Math.max(1, this.sent.length)];
    const message = this.sent[this.next];
    if (message !== undefined) this.next += 1;
    return message;
  }
}

/** A table with many routers: every message of the past may still come, more than once or never. */
class Table {
  server = init('server', tight);
  readonly routers: Router[];
  readonly requests = new Channel<RequestMessage>();
  readonly grants = new Channel<GrantMessage>();
  spent = 0;
  total = 0;

  constructor(size: number) {
    this.routers = Array.from({ length: size }, () => init('router', tight));
  }

  move(kind: number, r: number, cost: number, pick: number): void {
    const state = this.routers[r] as Router;
    if (kind < 3) this.ask(r, state);
    else if (kind < 7) this.grant(pick);
    else if (kind < 11) this.receive(pick);
    else if (kind < 17) this.spend(this.spender(r, pick), cost);
    else if (kind < 19) this.advance(1 + (pick % 3));
    else if (pick % 3 === 0) this.server = restart(this.server, tight).state;
  }

  private ask(r: number, state: Router): void {
    const step = ask(state, { router: String(r) }, tight);
    if (!step) return;
    this.routers[r] = step.state;
    for (const output of step.outputs) {
      if (output.kind === 'send' && output.to === 'server') {
        this.requests.sent.push(output.message);
      }
    }
  }

  private grant(pick: number): void {
    const message = this.requests.receive(pick);
    const step = message && grant(this.server, { message }, tight);
    if (!step) return;
    this.server = step.state;
    for (const output of step.outputs) {
      if (output.kind === 'send' && output.to === 'router') this.grants.sent.push(output.message);
    }
  }

  private receive(pick: number): void {
    const message = this.grants.receive(pick);
    if (!message) return;
    const r = Number(message.router);
    const step = receiveGrant(this.routers[r] as Router, { message });
    if (step) this.routers[r] = step.state;
  }

  /** Mostly a router with tokens: the others' requests are refused at once. */
  private spender(r: number, pick: number): number {
    const funded = [...this.routers.keys()].filter((name) => this.routers[name]?.tokens);
    return (pick % 4 === 0 ? undefined : funded[pick % Math.max(1, funded.length)]) ?? r;
  }

  private spend(r: number, cost: number): void {
    const state = this.routers[r] as Router;
    const steps = [spend(state, { cost }, tight), throttle(state, { cost }, tight)];
    const mayAsk = ask(state, { router: String(r) }, tight) !== undefined;
    const taken = steps.filter((step) => step !== undefined);
    expect(taken.length, 'at most one outcome; none only if the router should ask').toBe(
      taken.length === 0 && mayAsk ? 0 : 1,
    );
    const step = taken[0];
    if (!step) return;
    this.routers[r] = step.state;
    if (step.outputs.some((output) => output.kind === 'reply' && output.outcome === 'admitted')) {
      this.spent += cost;
      this.total += cost;
    }
  }

  private advance(elapsed: number): void {
    this.server = advance(this.server, { elapsed }, tight).state;
    for (const [r, state] of this.routers.entries()) {
      this.routers[r] = advance(state, { elapsed }, tight).state;
    }
    this.spent = Math.max(0, this.spent - tight.rate * elapsed);
  }

  check(): void {
    const full = tight.restartBudget - this.server.restartsLeft;
    const bound = tight.bucketCap * (1 + full) + tight.rate * (tight.lifetime - 1);
    const held = this.routers.reduce((sum, { tokens }) => sum + tokens, 0);
    if (this.spent + held > bound) throw new Error('OutstandingInv');
    for (const state of [this.server, ...this.routers]) {
      for (const [name, invariant] of Object.entries(invariants)) {
        if (!invariant(state, tight)) throw new Error(name);
      }
    }
  }
}

describe('Random schedules beyond the models', () => {
  it('keep the bound of a window with 12 routers and requests and grants that come again', () => {
    let total = 0;
    const move = fc.tuple(fc.nat(19), fc.nat(11), fc.integer({ min: 1, max: 2 }), fc.nat(1000));
    fc.assert(
      fc.property(fc.array(move, { minLength: 20, maxLength: 150, size: 'max' }), (schedule) => {
        const table = new Table(12);
        for (const [kind, r, cost, pick] of schedule) {
          table.move(kind, r, cost, pick);
          table.check();
        }
        total += table.total;
      }),
      { numRuns: 3000 },
    );
    expect(total).toBeGreaterThan(10_000);
  });
});
